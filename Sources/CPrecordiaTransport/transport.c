// Opening, losing and opening again, the same for every kind of source; what differs stands in the kinds' own files.
// The only place that decides when to try, what is told, and what a loss means.
#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t MILLISECOND = 1000000, FIRST_PAUSE = 100 * MILLISECOND, LONGEST_PAUSE = 5000 * MILLISECOND;

static const struct transport_kind *const kinds[] = {
    &transport_standard, &transport_file, &transport_serial, &transport_tcp, &transport_usb, &transport_path,
};

const char *precordia_transport_forms(void) {
    return "  -                        standard input\n"
           "  PATH, file:PATH          a file or a pipe\n"
           "  serial:PATH[,BAUD]       a serial line, 115200 baud if not given\n"
           "  tcp:HOST:PORT            a TCP connection; an IPv6 address in brackets\n"
           "  usb[:VID:PID[:SERIAL]]   a USB device of this protocol, the first or that one; numbers in hexadecimal\n";
}

int64_t transport_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 * MILLISECOND + time.tv_nsec;
}

void transport_pause(int milliseconds) { poll(NULL, 0, milliseconds); }

void transport_say(precordia_transport *transport, const char *format, ...) {
    va_list values;
    va_start(values, format);
    vsnprintf(transport->words, sizeof transport->words, format, values);
    va_end(values);
}

void transport_bytes(precordia_transport *transport, const uint8_t *bytes, size_t count, int64_t time, struct precordia_transport_reading *reading) {
    reading->news = PRECORDIA_TRANSPORT_BYTES;
    reading->bytes = bytes;
    reading->count = count;
    reading->monotonic = time;
    transport->counters.bytes += count;
    // Only a connection that brings something is a success: one that is taken and dropped at once must not be tried ten times a second.
    transport->pause = FIRST_PAUSE;
}

/// Whether a source is of that kind: standard input by its whole name, USB also without anything behind it, the others by their prefix.
static bool is_of(const struct transport_kind *kind, const char *source) {
    if (kind->prefix == NULL) return true;
    if (kind == &transport_standard) return strcmp(source, kind->prefix) == 0;
    if (kind == &transport_usb && strcmp(source, "usb") == 0) return true;
    return strncmp(source, kind->prefix, strlen(kind->prefix)) == 0;
}

static void finish(precordia_transport *transport, uint32_t news) {
    transport->state = TRANSPORT_OVER;
    transport->last_news = news;
}

static void put_off(precordia_transport *transport) {
    transport->state = TRANSPORT_CLOSED;
    transport->next_try = transport_now() + transport->pause;
    transport->pause = transport->pause * 2 < LONGEST_PAUSE ? transport->pause * 2 : LONGEST_PAUSE;
}

/// What a step of opening means, as news; PRECORDIA_TRANSPORT_QUIET where a person need not know.
static uint32_t stepped(precordia_transport *transport, enum transport_step step) {
    switch (step) {
    case TRANSPORT_WAITS: transport->state = TRANSPORT_OPENING; return PRECORDIA_TRANSPORT_QUIET;
    case TRANSPORT_IS_OPEN:
        transport->state = TRANSPORT_OPEN;
        transport->counters.opened++;
        transport->refusal[0] = '\0';
        return PRECORDIA_TRANSPORT_OPENED;
    case TRANSPORT_REFUSED:
    case TRANSPORT_HOPELESS: break;
    }
    transport->counters.refused++;
    transport->kind->close(transport);
    if (step == TRANSPORT_HOPELESS || !transport->reopen) {
        finish(transport, PRECORDIA_TRANSPORT_FAILED);
        return PRECORDIA_TRANSPORT_FAILED;
    }
    put_off(transport);
    if (strcmp(transport->words, transport->refusal) == 0) return PRECORDIA_TRANSPORT_QUIET;
    memcpy(transport->refusal, transport->words, sizeof transport->refusal);
    return PRECORDIA_TRANSPORT_REFUSED;
}

precordia_transport *precordia_transport_open(
    const char *source, const struct precordia_transport_options *options, char *problem, size_t problem_bytes) {
    precordia_transport *transport = calloc(1, sizeof *transport);
    if (transport != NULL) transport->source = strdup(source);
    if (transport == NULL || transport->source == NULL) {
        snprintf(problem, problem_bytes, "not enough memory to read a source");
        free(transport);
        return NULL;
    }
    size_t index = 0;
    while (!is_of(kinds[index], source)) index++;
    transport->kind = kinds[index];
    size_t prefix = transport->kind->prefix == NULL ? 0 : strlen(transport->kind->prefix);
    transport->name = transport->source + (prefix < strlen(source) ? prefix : strlen(source));
    transport->framing = options->framing < 0 ? transport->kind->framing : (uint32_t)options->framing;
    transport->reopen = options->reopen && transport->kind->comes_again;
    transport->descriptor = -1;
    transport->pause = FIRST_PAUSE;
    bool good = transport->kind->prepare == NULL || transport->kind->prepare(transport);
    // What is either there or not is opened now, so that its absence is known before anything else begins.
    if (good && !transport->reopen && transport->kind->opening == NULL) {
        transport->due_news = stepped(transport, transport->kind->open(transport));
        good = transport->due_news == PRECORDIA_TRANSPORT_OPENED;
    }
    if (good) return transport;
    snprintf(problem, problem_bytes, "%s", transport->words);
    precordia_transport_close(transport);
    return NULL;
}

/// Milliseconds until `time`, rounded up, at most `timeout`.
static int until(int64_t time, int timeout) {
    int64_t left = time - transport_now();
    if (left <= 0) return 0;
    int64_t milliseconds = (left + MILLISECOND - 1) / MILLISECOND;
    return milliseconds < timeout ? (int)milliseconds : timeout;
}

/// Whether it is time to try: the pause is over, or a device was announced.
static bool is_due(precordia_transport *transport, int timeout) {
    int rest = until(transport->next_try, timeout);
    if (rest > 0 && transport->kind->announced != NULL && transport->kind->announced(transport, rest)) return true;
    if (rest > 0 && transport->kind->announced == NULL) transport_pause(rest);
    return transport_now() >= transport->next_try;
}

void precordia_transport_wait(precordia_transport *transport, int timeout, struct precordia_transport_reading *reading) {
    memset(reading, 0, sizeof *reading);
    reading->framing = transport->framing;
    reading->words = "";
    int64_t end = transport_now() + timeout * MILLISECOND;
    if (transport->due_news != PRECORDIA_TRANSPORT_QUIET) {
        reading->news = transport->due_news;
        transport->due_news = PRECORDIA_TRANSPORT_QUIET;
    } else if (transport->state == TRANSPORT_OVER) {
        reading->news = transport->last_news;
    } else if (transport->state == TRANSPORT_OPEN) {
        transport->kind->wait(transport, timeout, reading);
    } else if (transport->state == TRANSPORT_OPENING || is_due(transport, timeout)) {
        if (transport->state == TRANSPORT_CLOSED) reading->news = stepped(transport, transport->kind->open(transport));
        if (transport->state == TRANSPORT_OPENING) reading->news = stepped(transport, transport->kind->opening(transport, until(end, timeout)));
    }
    if (reading->news == PRECORDIA_TRANSPORT_LOST) {
        transport->counters.lost++;
        transport->kind->close(transport);
        put_off(transport);
        if (!transport->reopen) reading->news = PRECORDIA_TRANSPORT_FAILED;
    }
    if (reading->news == PRECORDIA_TRANSPORT_ENDED || reading->news == PRECORDIA_TRANSPORT_FAILED) {
        if (transport->state == TRANSPORT_OPEN) transport->kind->close(transport);
        finish(transport, reading->news);
    }
    bool speaks = reading->news != PRECORDIA_TRANSPORT_QUIET && reading->news != PRECORDIA_TRANSPORT_BYTES;
    if (speaks) reading->words = reading->news == PRECORDIA_TRANSPORT_ENDED ? "" : transport->words;
    if (reading->news != PRECORDIA_TRANSPORT_BYTES) reading->monotonic = transport_now();
}

bool precordia_transport_send(precordia_transport *transport, const void *block, size_t count) {
    bool taken = transport->state == TRANSPORT_OPEN && transport->kind->send != NULL && count <= TRANSPORT_LONGEST_BLOCK
        && transport->kind->send(transport, block, count);
    transport->counters.unsent += !taken;
    return taken;
}

bool precordia_transport_is_sending(const precordia_transport *transport) {
    return transport->state == TRANSPORT_OPEN && transport->kind->is_sending != NULL && transport->kind->is_sending(transport);
}

uint32_t precordia_transport_framing(const precordia_transport *transport) { return transport->framing; }

bool precordia_transport_takes_commands(const precordia_transport *transport) { return transport->kind->send != NULL; }

struct precordia_transport_counters precordia_transport_counters_of(const precordia_transport *transport) { return transport->counters; }

void precordia_transport_end(precordia_transport *transport) {
    transport->kind->close(transport);
    if (transport->state != TRANSPORT_OVER) finish(transport, PRECORDIA_TRANSPORT_ENDED);
}

void precordia_transport_close(precordia_transport *transport) {
    if (transport == NULL) return;
    precordia_transport_end(transport);
    if (transport->kind->discard != NULL) transport->kind->discard(transport);
    free(transport->source);
    free(transport);
}
