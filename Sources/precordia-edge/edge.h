// What the parts of precordia-edge share: the state that lives as long as the program, and how a person is told.
// One program, one stream at a time: so one structure, and no pointers to it.
#ifndef PRECORDIA_EDGE_H
#define PRECORDIA_EDGE_H

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
    precordia_link *link;
    precordia_report report;
    /// The engine of the stream that is open; null between streams.
    precordia_engine *engine;
    /// The engine of a stream that another configuration cut off and that it cannot follow, until the first frame of the next; NULL without one.
    precordia_engine *cut_off;
    void *memory;
    size_t memory_bytes;
    /// The index after the last frame, and the index that the configuration announced; UINT64_MAX if none.
    uint64_t samples, announced;
    /// What is added to the device's index for the stream's, and frames a second.
    uint64_t offset;
    uint32_t rate;
    /// How the block that has come is to be taken, and when its bytes came; whether the source is as fast as time.
    precordia_hearing heard;
    int64_t arrived;
    bool any_pace;
    /// Streams begun, and whether a device's configuration waits for its first frame.
    uint64_t streams;
    bool is_awaited;
    /// Whether a stream was cut off by another session or configuration, whose first frame has not come; whether it came to its announced end.
    bool is_cut, is_concluded;
    bool failed;
};

extern struct edge edge;

/// Words on standard error.
void say(const char *subject, const char *what);

/// An error as a line and in words; the exit status tells it too.
void fail(const char *what);

/// Room for one line, once what happened to lines before it has been told; `add_line` then takes it.
char *line_room(size_t *room);
void add_line(size_t count);

/// A configuration has come. A stream goes on in it, because a device that begins anew has the same patient, unless it came to the end that was announced or
/// the engine cannot follow: then another begins, a file's at once, a device's with its first frame, because a device that is asked to start tells a
/// configuration before, and begins another session then.
void stream_configured(void);

/// A frame or a pulse has come, perhaps the first of a block: decides how it is to be taken. Whether it is new signal at the right rate.
bool stream_block(void);

/// Ends the stream that is open: its last answer, the link's counters, its own.
void stream_end(bool early);

/// Gives the engine the frame that has come.
void stream_frame(void);
/// A pacing pulse, told before the frames of its block. One that comes too late to be cut out is counted in the last line.
void stream_pace(void);

/// A connection has come about, was lost, or cannot be made for now; the words are the transport's.
void device_opened(const char *words);
void device_lost(const char *words);
void device_absent(const char *words);

/// The device has introduced itself, has begun anew, or has sent a frame, which may be new signal that an engine has heard.
void device_hello(void);
void device_restarted(void);
void device_frame(bool is_heard);
/// The samples contradict the rate that the device says, or agree again (0).
void device_rate(double wrong);

/// What the passing of time alone asks for: to tell that the device is silent, to ask it to start. Called some ten times a second.
void device_act(void);

/// A button, a marker or an error of the device has come.
void device_notice(const char *kind);

/// Lets the device rest if it was started from here; whether it was.
bool device_rest(void);

/// At the end: whether a command is still on its way, for a second at most. Closing takes it back.
bool device_is_sending(void);

/// Tells what the transport has counted.
void device_end(void);

#endif
