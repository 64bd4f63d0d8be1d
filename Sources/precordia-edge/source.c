// Where bytes come from: a device or a file as it comes, or a capture by the times that stand beside it.
// Apart from what is made of them, which asks for the time and not where it is from.
#include "edge.h"
#include "times.h"

/// Waits for at most `timeout` milliseconds and takes what bytes have come; other news is the caller's.
uint32_t source_take(int timeout, struct precordia_transport_reading *reading) {
    precordia_transport_wait(edge.transport, timeout, reading);
    // Time stands still behind a capture's last entry.
    if (!edge.has_times || edge.is_device) edge.now = reading->news == PRECORDIA_TRANSPORT_BYTES ? reading->monotonic : clock_now();
    device_act();
    if (reading->news == PRECORDIA_TRANSPORT_BYTES) device_bytes(reading->bytes, reading->count);
    return reading->news;
}

/// Reads until the source's end, a signal, or a reader that has gone; whether the source goes on.
static bool run(struct precordia_transport_reading *reading) {
    while (!edge.output.closed) {
        // A signal between the test and the wait is seen a tenth of a second later.
        if (interrupted) return true;
        switch (source_take(100, reading)) {
        case PRECORDIA_TRANSPORT_OPENED: device_opened(reading->framing, reading->words); break;
        case PRECORDIA_TRANSPORT_REFUSED: device_absent(reading->words); break;
        case PRECORDIA_TRANSPORT_LOST: device_lost(reading->words); break;
        case PRECORDIA_TRANSPORT_FAILED:
        case PRECORDIA_TRANSPORT_ENDED: return false;
        default: break;
        }
        output_flush(&edge.output);
    }
    return true;
}

/// The bytes of one entry of a capture's times; what the last reading has more of stays in it. Whether the source goes on.
static bool play_bytes(size_t count, struct precordia_transport_reading *reading) {
    while (count > 0) {
        size_t piece = reading->count < count ? reading->count : count;
        device_bytes(reading->bytes, piece);
        reading->bytes += piece;
        reading->count -= piece;
        count -= piece;
        if (count == 0) break;
        precordia_transport_wait(edge.transport, 100, reading);
        if (reading->news == PRECORDIA_TRANSPORT_ENDED || reading->news == PRECORDIA_TRANSPORT_FAILED || interrupted) return false;
        if (reading->news != PRECORDIA_TRANSPORT_BYTES) reading->count = 0;
    }
    return true;
}

/// Follows a capture by its times, as far as it has them; whether anything of it is left.
static bool play(struct precordia_transport_reading *reading) {
    struct times_entry entry;
    while (!interrupted && !edge.output.closed && times_next(&entry)) {
        edge.now = entry.time;
        device_act();
        switch (entry.kind) {
        case TIMES_BYTES:
            if (!play_bytes(entry.count, reading)) return false;
            break;
        case TIMES_OPENED: device_opened(entry.framing, entry.words); break;
        case TIMES_LOST: device_lost(entry.words); break;
        case TIMES_ABSENT: device_absent(entry.words); break;
        case TIMES_CLOCK: break;
        }
        output_flush(&edge.output);
    }
    device_bytes(reading->bytes, reading->count);
    return true;
}

bool source_follow(void) {
    struct precordia_transport_reading reading = {0};
    bool more = true;
    if (edge.has_times && !edge.is_device) more = play(&reading);
    if (more) more = run(&reading);
    if (edge.output.closed || more) return more;
    if (reading.news == PRECORDIA_TRANSPORT_FAILED) fail(reading.words);
    device_finish();
    if (facts().frames_to_come > 0) fail("the source ended before the frames that it announced");
    return false;
}
