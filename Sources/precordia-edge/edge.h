// What the parts of precordia-edge share: the state that lives as long as the program, and how a person is told.
// One program, one stream at a time: so one structure, and no pointers to it.
#ifndef PRECORDIA_EDGE_H
#define PRECORDIA_EDGE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output.h"
#include "precordia.h"
#include "precordia_transport.h"

struct edge {
    /// The source as messages call it, and whether it is a device, which may be lost, rather than a file.
    const char *source;
    bool is_device;
    precordia_transport *transport;
    struct output output;
    precordia_model model;
    precordia_report report;
    /// What the engine is made with.
    precordia_options options;
    /// What follows the device, and the time of what is in hand: the capture's own of one that is played by its times, which is told of like a device.
    precordia_host *host;
    int64_t now;
    bool has_times;
    /// The engine of the last stream that could be heard, also between streams; null before the first.
    precordia_engine *engine;
    void *memory;
    size_t memory_bytes;
    bool failed;
};

extern struct edge edge;

/// The signal that asks the program to end; 0 without.
extern volatile sig_atomic_t interrupted;

/// Words on standard error.
void say(const char *subject, const char *what);

/// An error as a line and in words; the exit status tells it too.
void fail(const char *what);

/// Room for one line, once what happened to lines before it has been told; `add_line` then takes it.
char *line_room(size_t *room);
void add_line(size_t count);

/// The clock.
int64_t clock_now(void);

/// What the host session knows.
precordia_host_facts facts(void);

/// Follows the source to its end, by its times where it has them; whether it goes on.
bool source_follow(void);

/// Waits for at most `timeout` milliseconds and takes what bytes have come; other news is the caller's.
uint32_t source_take(int timeout, struct precordia_transport_reading *reading);

/// Takes bytes that came at `edge.now`.
void device_bytes(const void *bytes, size_t count);

/// A connection has come about, was lost, or cannot be made for now; the words are the transport's.
void device_opened(uint32_t framing, const char *words);
void device_lost(const char *words);
void device_absent(const char *words);

/// What the passing of time alone asks for, at `edge.now`. Called some ten times a second and before each piece of bytes.
void device_act(void);

/// What has begun on the line and will not end there any more.
void device_finish(void);

/// Lets the device rest if it was started from here; whether it was.
bool device_rest(void);

/// At the end: whether a command is still on its way, for a second at most. Closing takes it back.
bool device_is_sending(void);

/// Tells what the transport and the session have counted.
void device_end(void);

/// A stream begins, or goes on under another session or configuration of the device, or is over.
void stream_begin(void);
void stream_change(void);
void stream_end(bool early);

/// Gives the engine frames that never came, a pacing pulse, the frame that has come.
void stream_miss(uint64_t frames);
void stream_pace(void);
void stream_frame(void);

#endif
