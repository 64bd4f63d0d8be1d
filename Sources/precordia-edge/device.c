// A device that comes and goes: what is said to it, and what is told when it is gone or says nothing.
// The only part of the program with a clock.
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "edge.h"

static const int64_t SECOND = 1000000000;
/// Without a valid block, or without a sample of a stream that is open, for so long a device is silent: firmware-protocol/SPEC.md.
static const int64_t PATIENCE = 2000000000;
/// A status comes each second: a last block so much later than the last sample was not the line's last.
static const int64_t AFTERLIFE = 500000000;
/// So long a device may take to stream by itself once it has introduced itself.
static const int64_t HESITATION = 300000000;
/// So long it may take to stream at all, from the program's start on.
static const int64_t GRACE = 10000000000;
/// Seconds of signal that a stream has to last to be one.
enum { WINDOW = 10 };

static struct {
    /// Connections so far, and how often one fell silent.
    uint64_t epoch, silences;
    bool is_open, is_silent, is_foreign, is_streaming, is_raised;
    /// When the program first asked for the time; what was heard when it was lost.
    int64_t began_at, lost_at;
    /// Frames heard since the device began anew, whether it did so before a window was heard, and twice in a row; when that was told.
    uint64_t fresh;
    bool was_short, is_restless;
    int64_t restarted_at;
    /// Whether the rate was told to be wrong.
    bool is_rate_wrong;
    /// How many frames in all had come when new signal had.
    uint64_t frames_at_alive;
    /// When the last valid block of this protocol's version came, when what is expected came, and when the last sample did.
    int64_t block_at, alive_at, sample_at;
    /// How many blocks of this version and of others, and how many frames had come then.
    uint64_t blocks, foreign, frames;
    /// When a start is due because nothing streams; 0 when none is.
    int64_t start_at;
    bool was_started;
    /// Until when the last commands are waited for; 0 before the end.
    int64_t last_at;
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

/// An alert of the program's own, during a stream, behind one that was cut off, or before one.
static void tell_own(uint16_t condition, bool raise, float value) {
    precordia_engine *engine = edge.engine != NULL ? edge.engine : edge.cut_off;
    precordia_event event = {
        .sample = edge.samples - (edge.samples > 0),
        .value = value,
        .code = condition,
        .kind = raise ? PRECORDIA_EVENT_ALERT_RAISED : PRECORDIA_EVENT_ALERT_CLEARED,
        .priority = PRECORDIA_PRIORITY_HIGH,
    };
    size_t room;
    char *line = line_room(&room);
    add_line(engine != NULL ? precordia_report_event(&edge.report, engine, &event, line, room) : precordia_report_alert(&edge.report, &event, line, room));
}

/// Raises or clears the alert that nothing comes. The value is for how long nothing did.
static void alert(bool raise) {
    if (device.is_raised == raise) return;
    device.is_raised = raise;
    int64_t time = now();
    if (raise) device.lost_at = device.sample_at != 0 ? device.sample_at : device.began_at;
    tell_own(PRECORDIA_CONDITION_DEVICE_LOST, raise, (float)(time - device.lost_at) / 1e9f);
}

/// Whether somebody is monitored: in a stream, or behind one that was cut off.
static bool is_monitored(void) { return edge.engine != NULL || edge.cut_off != NULL; }

void device_rate(double wrong) {
    if ((wrong > 0) == device.is_rate_wrong) return;
    device.is_rate_wrong = wrong > 0;
    if (wrong > 0) {
        char words[160];
        snprintf(words, sizeof words, "the device says %u Hz and %.0f samples a second come: nothing is heard until they agree", (unsigned)edge.rate, wrong);
        say(edge.source, words);
    }
    tell_own(PRECORDIA_CONDITION_RATE_WRONG, wrong > 0, (float)wrong);
}

static void command(uint32_t type) {
    uint8_t block[64];
    size_t count = precordia_link_command(type, device.session, device.sequence, NULL, 0, block, sizeof block);
    // A command that is lost is asked again or not missed: the transport counts it.
    if (precordia_transport_send(edge.transport, block, count)) device.sequence++;
}

static precordia_link_counters heard_so_far(void) {
    precordia_link_counters counters;
    precordia_link_counters_of(edge.link, &counters);
    counters.blocks -= counters.blocks_other_version;
    return counters;
}

/// What is expected has come.
static void live(int64_t time, const precordia_link_counters *heard) {
    device.alive_at = time;
    device.frames_at_alive = heard->frames;
    device.foreign = heard->blocks_other_version;
    device.is_silent = device.is_foreign = false;
}

void device_opened(const char *words) {
    if (!edge.is_device) return;
    // Any number will do that another run of the program has not.
    if (device.session == 0) device.session = (uint32_t)(now() ^ ((int64_t)getpid() << 16)) | 1;
    device.epoch++;
    device.is_open = true;
    device.is_streaming = false;
    precordia_link_counters heard = heard_so_far();
    device.blocks = heard.blocks;
    device.frames = edge.heard.heard;
    device.block_at = now();
    live(device.block_at, &heard);
    device.start_at = 0;
    tell(PRECORDIA_DEVICE_OPEN, words);
    command(PRECORDIA_COMMAND_IDENTIFY);
}

void device_lost(const char *words) {
    device.is_open = false;
    device.start_at = 0;
    tell(PRECORDIA_DEVICE_LOST, words);
    if (is_monitored()) alert(true);
}

void device_absent(const char *words) { tell(PRECORDIA_DEVICE_ABSENT, words); }

/// Whether the device has sent all frames that it announced.
static bool is_over(void) { return edge.is_concluded; }

void device_hello(void) {
    enum { TAKES_COMMANDS = 1 << 3 };
    precordia_device hello;
    if (!edge.is_device || device.start_at != 0 || device.is_streaming || is_over()) return;
    if (precordia_link_device_of(edge.link, &hello) && (hello.capabilities & TAKES_COMMANDS)) device.start_at = now() + HESITATION;
}

/// A device that begins anew again and again, or announces an end again and again, is as good as none.
void device_restarted(void) {
    if (device.fresh == 0) return;
    bool is_short = device.fresh < (uint64_t)WINDOW * edge.rate;
    if (is_short && device.was_short) {
        device.is_restless = true;
        alert(true);
    }
    device.was_short = is_short;
    device.fresh = 0;
    int64_t time = now();
    if (edge.is_concluded || (device.restarted_at != 0 && time - device.restarted_at < SECOND)) return;
    device.restarted_at = time;
    tell(PRECORDIA_DEVICE_RESTARTED, "it began anew; the stream goes on");
}

void device_frame(bool is_heard) {
    device.start_at = 0;
    if (!edge.is_device || !is_heard) return;
    device.sample_at = now();
    device.fresh++;
    if (!device.is_streaming) {
        device.is_streaming = true;
        tell(PRECORDIA_DEVICE_STREAMING, "");
    }
    if (device.is_restless && device.fresh < (uint64_t)WINDOW * edge.rate) return;
    device.is_restless = false;
    alert(false);
}

/// Tells when nothing comes, or nothing that is of use: blocks without samples once it has streamed, blocks of another version.
static void watch(int64_t time) {
    precordia_link_counters heard = heard_so_far();
    bool expects_samples = edge.streams > 0 && !is_over();
    if (heard.blocks != device.blocks) {
        device.blocks = heard.blocks;
        device.block_at = time;
        if (!expects_samples) live(time, &heard);
    }
    if (edge.heard.heard != device.frames) {
        device.frames = edge.heard.heard;
        live(time, &heard);
    }
    bool repeats = heard.frames != device.frames_at_alive;
    bool is_foreign = heard.blocks_other_version != device.foreign && device.block_at <= device.alive_at;
    if (time - device.alive_at < PATIENCE || (device.is_silent && (device.is_foreign || !is_foreign))) return;
    device.is_silent = true;
    device.is_foreign = is_foreign;
    device.is_streaming = false;
    device.silences++;
    char words[160];
    snprintf(
        words, sizeof words, "speaks version %u of the protocol and this program version 1: one of the two needs an update",
        (unsigned)precordia_link_version_of(edge.link));
    tell(
        PRECORDIA_DEVICE_SILENT, is_foreign ? words
        : repeats ? "sends the same samples again and again, nothing new for 2 s"
        : device.block_at - device.alive_at > AFTERLIFE ? "sends no samples for 2 s" : "no valid block for 2 s");
    if (is_monitored()) alert(true);
}

void device_act(void) {
    if (!edge.is_device) return;
    int64_t time = now();
    if (device.began_at == 0) device.began_at = time;
    if (edge.engine == NULL && !edge.is_concluded && time - device.began_at >= GRACE) alert(true);
    if (!device.is_open) return;
    watch(time);
    if (device.start_at != 0 && time >= device.start_at) {
        // Asked again until something streams: a command or its answer may have been lost.
        device.start_at = time + SECOND;
        device.was_started = true;
        command(PRECORDIA_COMMAND_START);
    }
}

/// A device's own trouble, as a line and for the person at the cart; events and counters do not depend on it.
void device_notice(const char *kind) {
    precordia_notice notice;
    if (!precordia_link_notice_of(edge.link, &notice)) return;
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_notice(&edge.report, edge.link, edge.engine == NULL ? UINT64_MAX : edge.samples, line, room));
    char words[256];
    int count = notice.text.count < 128 ? (int)notice.text.count : 128;
    snprintf(words, sizeof words, "%s %u, %u %.*s", kind, (unsigned)notice.code, (unsigned)notice.value, count, notice.text.bytes);
    for (char *byte = words; *byte != '\0'; byte++)
        if ((unsigned char)*byte < 0x20 || *byte == 0x7F) *byte = '?';
    say(edge.source, words);
}

bool device_rest(void) {
    bool rests = device.was_started && device.is_open;
    if (rests) command(PRECORDIA_COMMAND_STOP);
    return rests;
}

bool device_is_sending(void) {
    if (device.last_at == 0) device.last_at = now() + SECOND;
    return precordia_transport_is_sending(edge.transport) && now() < device.last_at;
}

void device_end(void) {
    if (!edge.is_device) return;
    struct precordia_transport_counters c = precordia_transport_counters_of(edge.transport);
    precordia_hearing_counters heard;
    precordia_link_hearing_counters(edge.link, &heard);
    const precordia_counter counters[] = {
        {"opened", c.opened}, {"lost", c.lost}, {"refused", c.refused}, {"silences", device.silences}, {"bytes", c.bytes},
        {"transfers", c.transfers}, {"transfersEmpty", c.transfers_empty}, {"stalls", c.stalls}, {"overflows", c.overflows},
        {"errors", c.errors}, {"sent", c.sent}, {"unsent", c.unsent},
        {"framesSame", heard.same}, {"framesMistimed", heard.mistimed}, {"framesSkipped", heard.skipped}, {"framesSilent", heard.silent},
        {"cuts", heard.cuts}, {"ratesWrong", heard.rates_wrong},
    };
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_session(
        &edge.report, device.epoch, edge.streams, counters, sizeof counters / sizeof counters[0], line, room));
}
