// What the kinds of transport share among themselves; the outside sees include/precordia_transport.h alone.
// A table of kinds, so that another one is another row and another file.
#pragma once

#include "include/precordia_transport.h"

/// What opening came to.
enum transport_step {
    /// Under way: `opening` goes on with it.
    TRANSPORT_WAITS,
    TRANSPORT_IS_OPEN,
    /// Not now, for the reason in the transport's words.
    TRANSPORT_REFUSED,
    /// Never, for the reason in the transport's words.
    TRANSPORT_HOPELESS,
};

/// A kind of source.
struct transport_kind {
    /// How its name on the command line begins, such as "serial:"; null for plain paths.
    const char *prefix;
    uint32_t framing;
    /// Whether it may be lost and come again: devices may, files may not.
    bool comes_again;
    /// Looks at the words behind the prefix and gets what memory the kind needs of its own. False with words; null where nothing can be wrong.
    bool (*prepare)(precordia_transport *transport);
    enum transport_step (*open)(precordia_transport *transport);
    /// Goes on with opening for at most `timeout` milliseconds; null for kinds that open at once.
    enum transport_step (*opening)(precordia_transport *transport, int timeout);
    /// Waits for news of an open connection and fills `reading`.
    void (*wait)(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading);
    /// Waits for a device to be announced, at most `timeout` milliseconds; true if one was. Null where the system announces nothing.
    bool (*announced)(precordia_transport *transport, int timeout);
    /// Null for kinds that take no commands. False if the block was not taken.
    bool (*send)(precordia_transport *transport, const void *block, size_t count);
    /// Whether a command is still on its way; null for kinds that take none.
    bool (*is_sending)(const precordia_transport *transport);
    /// Ends a connection, also one that is only half open, and leaves nothing of it behind.
    void (*close)(precordia_transport *transport);
    /// Frees what `prepare` got; null where that is nothing.
    void (*discard)(precordia_transport *transport);
};

extern const struct transport_kind transport_standard, transport_file, transport_path, transport_serial, transport_tcp, transport_usb;

enum {
    /// Room for what is read at once.
    TRANSPORT_ROOM = 1 << 16,
    /// The longest command block, and as a packet: a code byte for each 254 bytes, one more, and a zero before and behind.
    TRANSPORT_LONGEST_BLOCK = 4128,
    TRANSPORT_LONGEST_PACKET = TRANSPORT_LONGEST_BLOCK + TRANSPORT_LONGEST_BLOCK / 254 + 3,
};

struct precordia_transport {
    const struct transport_kind *kind;
    /// The source as given, and what stands behind its prefix.
    char *source;
    const char *name;
    uint32_t framing;
    bool reopen;
    enum { TRANSPORT_CLOSED, TRANSPORT_OPENING, TRANSPORT_OPEN, TRANSPORT_OVER } state;
    /// How a source that is over ended, and news that nobody was told yet.
    uint32_t last_news, due_news;
    /// When the next try is due, in nanoseconds, and how long the pause after it is.
    int64_t next_try, pause;
    /// Files, serial lines and TCP; -1 while closed.
    int descriptor;
    /// Why something happened, and the last refusal that was told.
    char words[512], refusal[512];
    struct precordia_transport_counters counters;
    /// What a line has not yet taken of a command.
    uint8_t outgoing[TRANSPORT_LONGEST_PACKET];
    size_t outgoing_start, outgoing_end;
    /// The kind's own state.
    void *own;
    uint8_t bytes[TRANSPORT_ROOM];
};

/// CLOCK_MONOTONIC in nanoseconds.
int64_t transport_now(void);

/// Waits; a signal ends it early.
void transport_pause(int milliseconds);

/// Words for a person; what finds no room is left out.
void transport_say(precordia_transport *transport, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Fills `reading` with bytes that have come.
void transport_bytes(precordia_transport *transport, const uint8_t *bytes, size_t count, int64_t time, struct precordia_transport_reading *reading);

/// A descriptor that is read and written without waiting, as serial lines and TCP have it; line.c.
void line_wait(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading);
bool line_send(precordia_transport *transport, const void *block, size_t count);
bool line_is_sending(const precordia_transport *transport);
void line_close(precordia_transport *transport);
