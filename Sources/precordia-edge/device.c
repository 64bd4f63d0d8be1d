// A device that comes and goes: what is said to it, and what is told when it is gone or says nothing.
// The only part of the program with a clock.
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "edge.h"

static const int64_t SECOND = 1000000000;
/// Without a valid block for so long an open line is silent: firmware-protocol/SPEC.md.
static const int64_t PATIENCE = 2000000000;
/// So long a device may take to stream by itself once it has introduced itself.
static const int64_t HESITATION = 300000000;

static struct {
    /// Connections so far, and how often one fell silent.
    uint64_t epoch, silences;
    bool is_open, is_silent, is_streaming, is_raised;
    /// When the last valid block came, and how many had come then.
    int64_t heard_at;
    uint64_t blocks;
    /// When a start is due because nothing streams; 0 when none is.
    int64_t start_at;
    bool was_started;
    /// The host's own count of blocks.
    uint32_t session, sequence;
} device;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void tell(uint32_t state, const char *words) {
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_device(&edge.report, state, device.epoch, words, line, room));
    char sentence[640];
    snprintf(sentence, sizeof sentence, "device %s%s%s", precordia_device_state_name(state), words[0] ? ": " : "", words);
    say(edge.source, sentence);
}

/// Raises or clears the alert that nothing comes. Without a stream nobody is being monitored, and the device's own line is enough.
static void alert(bool raise) {
    if (edge.engine == NULL || device.is_raised == raise) return;
    device.is_raised = raise;
    precordia_event event = {
        .sample = edge.samples - (edge.samples > 0),
        .value = raise ? (float)(now() - device.heard_at) / 1e9f : 0,
        .code = PRECORDIA_CONDITION_DEVICE_LOST,
        .kind = raise ? PRECORDIA_EVENT_ALERT_RAISED : PRECORDIA_EVENT_ALERT_CLEARED,
        .priority = PRECORDIA_PRIORITY_HIGH,
    };
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_event(&edge.report, edge.engine, &event, line, room));
}

static void command(uint32_t type) {
    uint8_t block[64];
    size_t count = precordia_link_command(type, device.session, device.sequence, NULL, 0, block, sizeof block);
    // A command that is lost is asked again or not missed: the transport counts it.
    if (precordia_transport_send(edge.transport, block, count)) device.sequence++;
}

static uint64_t blocks_so_far(void) {
    precordia_link_counters counters;
    precordia_link_counters_of(edge.link, &counters);
    return counters.blocks;
}

void device_opened(const char *words) {
    if (!edge.is_device) return;
    // Any number will do that another run of the program has not.
    if (device.session == 0) device.session = (uint32_t)(now() ^ ((int64_t)getpid() << 16)) | 1;
    device.epoch++;
    device.is_open = true;
    device.is_silent = device.is_streaming = false;
    device.heard_at = now();
    device.blocks = blocks_so_far();
    device.start_at = 0;
    tell(PRECORDIA_DEVICE_OPEN, words);
    command(PRECORDIA_COMMAND_IDENTIFY);
}

void device_lost(const char *words) {
    device.is_open = false;
    device.start_at = 0;
    tell(PRECORDIA_DEVICE_LOST, words);
    alert(true);
}

void device_absent(const char *words) { tell(PRECORDIA_DEVICE_ABSENT, words); }

void device_hello(void) {
    enum { TAKES_COMMANDS = 1 << 3 };
    precordia_device hello;
    bool over = edge.announced != UINT64_MAX && edge.samples >= edge.announced;
    if (!edge.is_device || device.start_at != 0 || device.is_streaming || (edge.streams > 0 && over)) return;
    if (precordia_link_device_of(edge.link, &hello) && (hello.capabilities & TAKES_COMMANDS)) device.start_at = now() + HESITATION;
}

void device_frame(void) {
    device.start_at = 0;
    if (!edge.is_device || device.is_streaming) return;
    device.is_streaming = true;
    tell(PRECORDIA_DEVICE_STREAMING, "");
    alert(false);
}

void device_act(void) {
    if (!device.is_open) return;
    int64_t time = now();
    uint64_t blocks = blocks_so_far();
    if (blocks != device.blocks) {
        device.heard_at = time;
        device.blocks = blocks;
        device.is_silent = false;
    }
    if (device.start_at != 0 && time >= device.start_at) {
        // Asked again until something streams: a command or its answer may have been lost.
        device.start_at = time + SECOND;
        device.was_started = true;
        command(PRECORDIA_COMMAND_START);
    }
    if (device.is_silent || time - device.heard_at < PATIENCE) return;
    device.is_silent = true;
    device.is_streaming = false;
    device.silences++;
    tell(PRECORDIA_DEVICE_SILENT, "no valid block for 2 s");
    alert(true);
}

bool device_rest(void) {
    bool rests = device.was_started && device.is_open;
    if (rests) command(PRECORDIA_COMMAND_STOP);
    return rests;
}

void device_end(void) {
    if (!edge.is_device) return;
    struct precordia_transport_counters c = precordia_transport_counters_of(edge.transport);
    const precordia_counter counters[] = {
        {"opened", c.opened}, {"lost", c.lost}, {"refused", c.refused}, {"silences", device.silences}, {"bytes", c.bytes},
        {"transfers", c.transfers}, {"transfersEmpty", c.transfers_empty}, {"stalls", c.stalls}, {"overflows", c.overflows},
        {"errors", c.errors}, {"sent", c.sent}, {"unsent", c.unsent},
    };
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_session(
        &edge.report, device.epoch, edge.streams, counters, sizeof counters / sizeof counters[0], line, room));
}
