// The times of a capture, in the file beside it that `precordia capture` writes: when each piece of it came, and what became of the line between.
#ifndef PRECORDIA_EDGE_TIMES_H
#define PRECORDIA_EDGE_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a line of the file says. The words stand until the next.
struct times_entry {
    enum { TIMES_BYTES, TIMES_OPENED, TIMES_LOST, TIMES_ABSENT, TIMES_CLOCK } kind;
    /// Nanoseconds; never before the last one's.
    int64_t time;
    /// Of bytes: how many more of the capture had come.
    size_t count;
    uint32_t framing;
    const char *words;
};

/// Opens the times of a source that is a file; false where it has none, or what is there is something else.
bool times_open(const char *source);

/// The next entry; false at the end, and at a line that is damaged: what is left of the capture has the last time.
bool times_next(struct times_entry *entry);

void times_close(void);

#endif
