// A device that comes and goes: what the host session that follows it has to tell, as lines and in words, and what it wants sent.
// The only part of the program with a clock. What is done about a device is PrecordiaLink's, as in the full program.
#include <stdio.h>
#include <time.h>

#include "edge.h"

static const int64_t SECOND = 1000000000;

/// Until when the last commands are waited for; 0 before the end.
static int64_t last_at;

int64_t clock_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

precordia_host_facts facts(void) {
    precordia_host_facts facts;
    precordia_host_facts_of(edge.host, &facts);
    return facts;
}

/// The device has another state. A file's is no news.
static void tell(uint32_t state, const char *words) {
    if (!edge.has_times) return;
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_device(&edge.report, state, facts().epoch, words, line, room));
    char sentence[640];
    snprintf(sentence, sizeof sentence, "device %s%s%s", precordia_device_state_name(state), words[0] ? ": " : "", words);
    say(edge.source, sentence);
}

/// An alert of the program's own. Its sample is the last one that was heard.
static void tell_own(uint16_t condition, bool raise, float value) {
    uint64_t samples = facts().samples;
    precordia_event event = {
        .sample = samples - (samples > 0),
        .value = value,
        .code = condition,
        .kind = raise ? PRECORDIA_EVENT_ALERT_RAISED : PRECORDIA_EVENT_ALERT_CLEARED,
        .priority = PRECORDIA_PRIORITY_HIGH,
    };
    size_t room;
    char *line = line_room(&room);
    add_line(
        edge.engine != NULL ? precordia_report_event(&edge.report, edge.engine, &event, line, room)
                            : precordia_report_alert(&edge.report, &event, line, room));
}

static void tell_notice(const char *words) {
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_host_notice(&edge.report, edge.host, line, room));
    say(edge.source, words);
}

static void take(uint32_t news) {
    if (news == PRECORDIA_HOST_FRAME) return stream_frame();
    // A notice's text has no bound but its block's; for a person its beginning is enough.
    char words[1024];
    precordia_host_words(edge.host, words, sizeof words);
    precordia_host_facts known = facts();
    switch (news) {
    case PRECORDIA_HOST_BEGAN: stream_begin(); break;
    case PRECORDIA_HOST_CHANGED: stream_change(); break;
    case PRECORDIA_HOST_HOLE: stream_miss(known.missing); break;
    case PRECORDIA_HOST_PACE: stream_pace(); break;
    case PRECORDIA_HOST_ENDED: stream_end(false); break;
    case PRECORDIA_HOST_UNFINISHED: fail(words); break;
    case PRECORDIA_HOST_STREAMING: tell(PRECORDIA_DEVICE_STREAMING, ""); break;
    case PRECORDIA_HOST_SILENT: tell(PRECORDIA_DEVICE_SILENT, words); break;
    case PRECORDIA_HOST_RESTARTED: tell(PRECORDIA_DEVICE_RESTARTED, words); break;
    case PRECORDIA_HOST_DEVICE_LOST: tell_own(PRECORDIA_CONDITION_DEVICE_LOST, true, (float)known.unheard / 1e9f); break;
    case PRECORDIA_HOST_DEVICE_FOUND: tell_own(PRECORDIA_CONDITION_DEVICE_LOST, false, (float)known.unheard / 1e9f); break;
    case PRECORDIA_HOST_RATE_WRONG:
        say(edge.source, words);
        tell_own(PRECORDIA_CONDITION_RATE_WRONG, true, (float)known.measured_rate);
        break;
    case PRECORDIA_HOST_RATE_RIGHT: tell_own(PRECORDIA_CONDITION_RATE_WRONG, false, 0); break;
    case PRECORDIA_HOST_EVENT:
    case PRECORDIA_HOST_ERROR: tell_notice(words); break;
    case PRECORDIA_HOST_REPLY: say(edge.source, words); break;
    default: break;
    }
}

/// Takes news until there are none, and sends what follows from them.
static void fetch(void) {
    for (uint32_t news; (news = precordia_host_next(edge.host)) != PRECORDIA_HOST_NOTHING;) take(news);
    unsigned char block[64];
    size_t count = precordia_host_command(edge.host, block, sizeof block);
    // A command that is lost is said again or not missed: the transport counts it.
    if (count > 0) precordia_transport_send(edge.transport, block, count);
}

void device_act(void) {
    precordia_host_act(edge.host, edge.now);
    fetch();
}

void device_bytes(const void *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        done += precordia_host_feed(edge.host, (const char *)bytes + done, count - done, edge.now);
        fetch();
    }
    precordia_host_look(edge.host, edge.now);
    fetch();
}

void device_opened(uint32_t framing, const char *words) {
    precordia_host_opened(edge.host, edge.now, framing);
    tell(PRECORDIA_DEVICE_OPEN, words);
    fetch();
}

void device_lost(const char *words) {
    device_finish();
    tell(PRECORDIA_DEVICE_LOST, words);
    precordia_host_lost(edge.host, edge.now);
    fetch();
}

void device_absent(const char *words) { tell(PRECORDIA_DEVICE_ABSENT, words); }

void device_finish(void) {
    precordia_host_finish(edge.host);
    fetch();
}

bool device_rest(void) {
    bool rests = precordia_host_leave(edge.host, clock_now());
    fetch();
    return rests;
}

bool device_is_sending(void) {
    if (last_at == 0) last_at = clock_now() + SECOND;
    return precordia_transport_is_sending(edge.transport) && clock_now() < last_at;
}

void device_end(void) {
    if (!edge.has_times) return;
    struct precordia_transport_counters c = precordia_transport_counters_of(edge.transport);
    precordia_hearing_counters heard;
    precordia_host_hearing_counters(edge.host, &heard);
    precordia_host_facts known = facts();
    const precordia_counter counters[] = {
        {"opened", c.opened}, {"lost", c.lost}, {"refused", c.refused}, {"silences", known.silences}, {"bytes", c.bytes},
        {"transfers", c.transfers}, {"transfersEmpty", c.transfers_empty}, {"stalls", c.stalls}, {"overflows", c.overflows},
        {"errors", c.errors}, {"sent", c.sent}, {"unsent", c.unsent}, {"framesUnheard", known.frames_unheard},
        {"framesSame", heard.same}, {"framesMistimed", heard.mistimed}, {"framesSkipped", heard.skipped}, {"framesSilent", heard.silent},
        {"cuts", heard.cuts}, {"ratesWrong", heard.rates_wrong},
    };
    size_t room;
    char *line = line_room(&room);
    add_line(precordia_report_session(
        &edge.report, known.epoch, known.streams, counters, sizeof counters / sizeof counters[0], line, room));
}
