// From the host session's streams to the engine, and from the engine to lines.
// Apart from the device, because here nothing depends on the clock: the same bytes give the same lines.
#include <stdio.h>
#include <stdlib.h>

#include "edge.h"

static void tell_events(void) {
    precordia_event event;
    while (precordia_engine_poll(edge.engine, &event)) {
        size_t room;
        char *line = line_room(&room);
        add_line(precordia_report_event(&edge.report, edge.engine, &event, line, room));
    }
}

/// Makes the engine of a stream, in memory that is kept for the next one. Where it cannot, the last one stays, for what is still to be said.
static precordia_error make_engine(const precordia_stream *stream) {
    size_t bytes = 0;
    precordia_error error = precordia_engine_bytes(&edge.model, stream, &edge.options, &bytes);
    if (error != PRECORDIA_OK) return error;
    if (bytes > edge.memory_bytes) {
        edge.engine = NULL;
        free(edge.memory);
        edge.memory = malloc(bytes);
        edge.memory_bytes = edge.memory == NULL ? 0 : bytes;
    }
    if (edge.memory == NULL) return PRECORDIA_ERROR_MEMORY;
    return precordia_engine_init(&edge.engine, edge.memory, edge.memory_bytes, &edge.model, stream, &edge.options);
}

void stream_begin(void) {
    precordia_stream stream;
    uint16_t leads;
    uint64_t announced;
    if (!precordia_host_stream_of(edge.host, &stream, &leads, &announced)) return;
    precordia_error error = make_engine(&stream);
    if (error != PRECORDIA_OK) {
        char words[256];
        snprintf(
            words, sizeof words, "the device's stream cannot be used (%u Hz, %u channels): %s", (unsigned)stream.rate,
            (unsigned)stream.channels, precordia_error_explanation(error));
        fail(words);
        return precordia_host_refuse(edge.host);
    }
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_stream(&edge.report, edge.engine, leads, announced, line, room));
}

void stream_change(void) {
    precordia_stream stream;
    uint16_t leads;
    uint64_t announced;
    if (precordia_host_stream_of(edge.host, &stream, &leads, &announced) && precordia_engine_adopt(edge.engine, &stream)) return;
    precordia_host_refuse(edge.host);
}

void stream_end(bool early) {
    for (bool more = !early; more;) {
        more = precordia_engine_drain(edge.engine);
        tell_events();
    }
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_host_link(&edge.report, edge.engine, edge.host, line, room));
    line = line_room(&room);
    add_line(precordia_report_end(&edge.report, edge.engine, facts().samples, early, line, room));
}

void stream_miss(uint64_t frames) {
    precordia_engine_miss(edge.engine, frames);
    tell_events();
}

/// A pulse that comes too late to be cut out is counted in the last line.
void stream_pace(void) {
    uint64_t sample;
    uint16_t width;
    precordia_host_pace_of(edge.host, &sample, &width);
    precordia_engine_mark_pace(edge.engine, sample, width);
}

void stream_frame(void) {
    uint64_t index;
    int32_t counts[PRECORDIA_LEADS];
    precordia_marks marks;
    precordia_host_frame_of(edge.host, &index, counts, &marks);
    precordia_engine_push_counts(edge.engine, index, counts, &marks, 1);
    tell_events();
}
