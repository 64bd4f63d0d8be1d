// From the link's messages to the engine, and from the engine to lines.
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

void stream_end(bool early) {
    if (edge.engine == NULL) return;
    for (bool more = !early; more;) {
        more = precordia_engine_drain(edge.engine);
        tell_events();
    }
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_link(&edge.report, edge.engine, edge.link, edge.samples, line, room));
    line = line_room(&room);
    add_line(precordia_report_end(&edge.report, edge.engine, edge.samples, early, line, room));
    edge.engine = NULL;
}

/// Makes the engine of a stream, in memory that is kept for the next one.
static precordia_error make_engine(const precordia_stream *stream) {
    size_t bytes = 0;
    precordia_error error = precordia_engine_bytes(&edge.model, stream, NULL, &bytes);
    if (error == PRECORDIA_OK && bytes > edge.memory_bytes) {
        free(edge.memory);
        edge.memory = malloc(bytes);
        edge.memory_bytes = edge.memory == NULL ? 0 : bytes;
    }
    if (error != PRECORDIA_OK || edge.memory == NULL) return error != PRECORDIA_OK ? error : PRECORDIA_ERROR_MEMORY;
    return precordia_engine_init(&edge.engine, edge.memory, edge.memory_bytes, &edge.model, stream, NULL);
}

static void begin(void) {
    edge.is_awaited = false;
    edge.cut_off = NULL;
    precordia_stream stream;
    uint16_t leads;
    if (!precordia_link_stream_of(edge.link, &stream, &leads, &edge.announced)) return;
    edge.streams++;
    edge.samples = edge.offset = 0;
    edge.rate = stream.rate;
    edge.is_concluded = false;
    precordia_error error = make_engine(&stream);
    if (error != PRECORDIA_OK) {
        char words[256];
        snprintf(
            words, sizeof words, "the device's stream cannot be used (%u Hz, %u channels): %s", (unsigned)stream.rate,
            (unsigned)stream.channels, precordia_error_explanation(error));
        edge.engine = NULL;
        return fail(words);
    }
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_stream(&edge.report, edge.engine, leads, edge.announced, line, room));
}

void stream_configured(void) {
    if (edge.is_device) device_restarted();
    if (edge.engine != NULL && !edge.is_concluded) {
        edge.is_cut = true;
        return;
    }
    stream_end(false);
    edge.is_awaited = true;
    if (!edge.is_device) begin();
}

/// The stream goes on under another session or configuration; where the engine cannot follow, another begins.
static void go_on(void) {
    edge.is_cut = false;
    precordia_stream stream;
    uint16_t leads;
    if (!precordia_link_stream_of(edge.link, &stream, &leads, &edge.announced)) return;
    if (precordia_engine_adopt(edge.engine, &stream)) return;
    edge.cut_off = edge.engine;
    stream_end(false);
    edge.is_awaited = true;
}

/// The first look at a block.
static void open_block(void) {
    if (edge.heard.verdict == PRECORDIA_HEARD_SAME) return;
    if (edge.is_cut && edge.engine != NULL) go_on();
    if (edge.is_awaited) {
        begin();
    } else if (edge.engine != NULL) {
        uint64_t next = precordia_engine_miss(edge.engine, edge.heard.missing);
        if (edge.heard.missing != UINT64_MAX) edge.offset += edge.heard.missing;
        if (edge.heard.is_rebased) edge.offset = next - edge.heard.first;
        if (next > edge.samples) edge.samples = next;
        tell_events();
    }
    if (edge.engine != NULL && edge.is_device) device_rate(edge.heard.wrong_rate);
}

bool stream_block(void) {
    precordia_link_hear(edge.link, edge.is_device ? edge.arrived : -1, !edge.any_pace, &edge.heard);
    if (edge.heard.is_new) open_block();
    return edge.heard.verdict == PRECORDIA_HEARD_NEW;
}

void stream_pace(void) {
    if (!stream_block() || edge.engine == NULL) return;
    uint64_t sample;
    uint16_t width;
    precordia_link_pace_of(edge.link, &sample, &width);
    precordia_engine_mark_pace(edge.engine, sample + edge.offset, width);
}

void stream_frame(void) {
    bool is_new = stream_block();
    if (edge.engine == NULL) return device_frame(false);
    uint64_t index;
    int32_t counts[PRECORDIA_LEADS];
    precordia_marks marks;
    precordia_link_frame_of(edge.link, &index, counts, &marks);
    if (is_new) {
        precordia_engine_push_counts(edge.engine, index + edge.offset, counts, &marks, 1);
        edge.samples = index + edge.offset + 1;
        tell_events();
    }
    device_frame(is_new);
    if (index + 1 != edge.announced) return;
    edge.is_concluded = true;
    precordia_link_conclude(edge.link);
}
