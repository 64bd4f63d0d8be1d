// Lines to standard output, whole or not at all, with every failure noticed and every lost line counted.
#ifndef PRECORDIA_EDGE_OUTPUT_H
#define PRECORDIA_EDGE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Lines that wait for standard output.
///
/// When it takes nothing (a full disk), lines wait in the buffer and are tried again; those that find no room are lost and counted, and the
/// first line that finds room again is preceded by an error that says how many. A line is never cut.
struct output {
    char bytes[1 << 16];
    size_t start, end;
    /// Lines lost since the last that found room, and in all.
    uint64_t lost, lost_in_all;
    /// The reader of a pipe has gone: nothing more is to be said.
    bool closed;
    /// errno of the last failure; 0 while all is well.
    int problem;
};

/// Room for one line: where, and how much; half of the buffer at least, unless standard output takes nothing. `output_add` then takes it.
char *output_room(struct output *output, size_t *count);

/// Takes a line of `count` bytes that was written into the room; one that is longer than the room is lost and counted.
void output_add(struct output *output, size_t count);

/// Hands over what the system takes. Short writes go on where they stopped.
void output_flush(struct output *output);

/// Counts as lost what nobody took, and says so on standard error.
void output_end(struct output *output);

#endif
