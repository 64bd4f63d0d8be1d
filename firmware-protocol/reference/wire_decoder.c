// A device's bytes to samples: what is missing, repeated or not understood is counted here and nowhere else.

#include "wire_decoder.h"

#include "wire_bytes.h"

enum { LEADS_DERIVED = 0x003C, LEADS_ALL = 0x0FFF, ELECTRODES_ALL = 0x03FF };

static const uint64_t latest_sample = 0x7FFFFFFFFFFFFEFF;

static int malformed(wire_decoder *decoder) {
    decoder->counters.blocks_malformed++;
    return WIRE_NOTHING;
}

/// A message whose payload has at least `bytes`.
static int simple(wire_decoder *decoder, int message, unsigned bytes) {
    return decoder->payload_bytes < bytes ? malformed(decoder) : message;
}

static int keep_hello(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload;
    unsigned bytes = decoder->payload_bytes;
    if (bytes < WIRE_HELLO_BYTES || payload[WIRE_HELLO_RATE_COUNT] > WIRE_MAXIMUM_RATES || payload[WIRE_HELLO_GAIN_COUNT] > WIRE_MAXIMUM_GAINS ||
        bytes < WIRE_HELLO_BYTES + 4u * payload[WIRE_HELLO_RATE_COUNT] + 2u * payload[WIRE_HELLO_GAIN_COUNT])
        return malformed(decoder);
    if (bytes > sizeof decoder->hello) bytes = sizeof decoder->hello;
    wire_copy(decoder->hello, payload, bytes);
    decoder->hello_bytes = (uint16_t)bytes;
    return WIRE_HELLO;
}

static int keep_status(wire_decoder *decoder) {
    uint64_t dropped;
    if (decoder->payload_bytes < WIRE_STATUS_BYTES) return malformed(decoder);
    dropped = wire_u64(decoder->payload + WIRE_STATUS_SAMPLES_DROPPED);
    if (dropped != UINT64_MAX) {
        // A number that went down was counted anew.
        decoder->counters.device_samples_dropped += dropped < decoder->last_dropped ? dropped : dropped - decoder->last_dropped;
        decoder->last_dropped = dropped;
    }
    return WIRE_STATUS;
}

/// A repeated configuration says nothing new; another one begins a new stream.
static int configure(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload, *at = payload + WIRE_CONFIGURATION_BYTES;
    unsigned count, bytes, index, is_same, leads = 0;
    if (decoder->payload_bytes < WIRE_CONFIGURATION_BYTES) return malformed(decoder);
    count = payload[WIRE_CONFIGURATION_CHANNEL_COUNT];
    bytes = WIRE_CONFIGURATION_BYTES + count * WIRE_CHANNEL_BYTES;
    if (count < 1 || count > WIRE_MAXIMUM_CHANNELS || decoder->payload_bytes < bytes ||
        wire_u32(payload + WIRE_CONFIGURATION_RATE) - 1 >= (uint32_t)1 << 24)
        return malformed(decoder);
    for (index = 0; index < count; index++, at += WIRE_CHANNEL_BYTES) {
        const unsigned lead = at[WIRE_CHANNEL_LEAD];
        if (lead == WIRE_NO_LEAD) continue;
        if (lead >= WIRE_LEADS || leads & 1u << lead) return malformed(decoder);
        leads |= 1u << lead;
    }
    if (leads == 0) return malformed(decoder);
    is_same = bytes == decoder->configuration_bytes;
    for (index = 0; index < bytes; index++) {
        is_same &= decoder->configuration[index] == payload[index];
        decoder->configuration[index] = payload[index];
    }
    if (is_same) return WIRE_NOTHING;
    decoder->configuration_bytes = (uint16_t)bytes;
    decoder->leads = (uint16_t)leads;
    decoder->absent = (uint16_t)(LEADS_ALL & ~leads & ((leads & 3) == 3 ? ~(unsigned)LEADS_DERIVED : LEADS_ALL));
    return WIRE_STREAM;
}

/// The marks of the open data block, and behind them the values.
static const uint8_t *marks_of(const wire_decoder *decoder) {
    return decoder->payload + WIRE_DATA_BYTES + WIRE_GROUP_BYTES * decoder->payload[WIRE_DATA_GROUP_COUNT];
}

/// Whether counts, length, groups and marks of the data block agree with each other and with the configuration.
static int is_whole(const wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload, *group = payload + WIRE_DATA_BYTES, *marks = marks_of(decoder), *values;
    const unsigned samples = payload[WIRE_DATA_SAMPLE_COUNT], width = payload[WIRE_DATA_WIDTH], channels = payload[WIRE_DATA_CHANNEL_COUNT];
    unsigned covered = 0;
    values = marks + WIRE_MARK_BYTES * payload[WIRE_DATA_MARK_COUNT];
    if (samples < 1 || width < 2 || width > 4 || channels != decoder->configuration[WIRE_CONFIGURATION_CHANNEL_COUNT] || marks == group ||
        (unsigned)(values - payload) + samples * channels * width != decoder->payload_bytes)
        return 0;
    for (; group < marks; group += WIRE_GROUP_BYTES) {
        if (group[WIRE_GROUP_SAMPLE_COUNT] == 0) return 0;
        covered += group[WIRE_GROUP_SAMPLE_COUNT];
    }
    for (; marks < values; marks += WIRE_MARK_BYTES)
        if (marks[WIRE_MARK_SAMPLE] >= samples) return 0;
    return covered == samples;
}

/// A value of `width` bytes; WIRE_NO_SAMPLE for the lowest of the width.
static int32_t value_at(const uint8_t *at, unsigned width) {
    const uint32_t lowest = (uint32_t)1 << (8 * width - 1);
    uint32_t bits = wire_u16(at);
    if (width > 2) bits |= (uint32_t)at[2] << 16;
    if (width > 3) bits |= (uint32_t)at[3] << 24;
    if (bits == lowest) return WIRE_NO_SAMPLE;
    return wire_i32((bits ^ lowest) - lowest);
}

static void read_frame(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload, *group = payload + WIRE_DATA_BYTES;
    const uint8_t *lead = decoder->configuration + WIRE_CONFIGURATION_BYTES + WIRE_CHANNEL_LEAD;
    const unsigned width = payload[WIRE_DATA_WIDTH], place = decoder->sample;
    unsigned channels = payload[WIRE_DATA_CHANNEL_COUNT], end = group[WIRE_GROUP_SAMPLE_COUNT], missing = decoder->absent;
    const uint8_t *at = marks_of(decoder) + WIRE_MARK_BYTES * payload[WIRE_DATA_MARK_COUNT] + place * channels * width;
    wire_frame *frame = &decoder->frame;
    for (; channels > 0; channels--, at += width, lead += WIRE_CHANNEL_BYTES) {
        const int32_t value = value_at(at, width);
        if (*lead == WIRE_NO_LEAD) continue;
        if (value == WIRE_NO_SAMPLE) missing |= 1u << *lead;
        else frame->values[*lead] = value;
    }
    while (place >= end) {
        group += WIRE_GROUP_BYTES;
        end += group[WIRE_GROUP_SAMPLE_COUNT];
    }
    frame->index = wire_u64(payload + WIRE_DATA_SAMPLE) + place;
    frame->missing = (uint16_t)missing;
    frame->off = wire_u16(group + WIRE_GROUP_OFF) & ELECTRODES_ALL;
    frame->clipped = wire_u16(group + WIRE_GROUP_CLIPPED) & LEADS_ALL;
}

/// Pace marks, then frames, of the data block that is open.
static int next_of_data(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload;
    if (!decoder->is_open) return WIRE_NOTHING;
    if (decoder->mark < payload[WIRE_DATA_MARK_COUNT]) {
        const uint8_t *mark = marks_of(decoder) + WIRE_MARK_BYTES * decoder->mark++;
        decoder->pace.sample = wire_u64(payload + WIRE_DATA_SAMPLE) + mark[WIRE_MARK_SAMPLE];
        decoder->pace.fraction = wire_u16(mark + WIRE_MARK_FRACTION);
        decoder->pace.width = wire_u16(mark + WIRE_MARK_WIDTH);
        decoder->pace.amplitude = wire_i16(mark + WIRE_MARK_AMPLITUDE);
        return WIRE_PACE;
    }
    if (decoder->sample < payload[WIRE_DATA_SAMPLE_COUNT]) {
        read_frame(decoder);
        decoder->counters.frames++;
        decoder->sample++;
        decoder->is_open = decoder->sample < payload[WIRE_DATA_SAMPLE_COUNT];
        return WIRE_FRAME;
    }
    decoder->is_open = 0;
    return WIRE_NOTHING;
}

/// Begins a data block: what its index says about frames that never came, or came before.
static int open_data(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload;
    wire_counters *counters = &decoder->counters;
    uint64_t first, end, expected;
    int is_readable;
    if (decoder->payload_bytes < WIRE_DATA_BYTES) return malformed(decoder);
    first = wire_u64(payload + WIRE_DATA_SAMPLE);
    if (first > latest_sample) return malformed(decoder);
    end = first + payload[WIRE_DATA_SAMPLE_COUNT];
    expected = decoder->knows_next_sample ? decoder->next_sample : first;
    is_readable = decoder->configuration_bytes > 0 && wire_u16(payload + WIRE_DATA_CONFIGURATION) == wire_u16(decoder->configuration);
    if (is_readable && !is_whole(decoder)) return malformed(decoder);
    if (first > expected) counters->frames_missing += first - expected;
    if (!is_readable) {
        counters->frames_unconfigured += payload[WIRE_DATA_SAMPLE_COUNT];
        if (end > expected) {
            decoder->next_sample = end;
            decoder->knows_next_sample = 1;
        }
        return WIRE_NOTHING;
    }
    decoder->is_open = 1;
    decoder->mark = decoder->sample = 0;
    decoder->next_sample = end;
    decoder->knows_next_sample = 1;
    if (end <= expected) {
        // All of it lies in the past though the block is new: the device counts anew without saying so.
        counters->restarts++;
        return WIRE_STREAM;
    }
    if (first < expected) {
        decoder->sample = (uint8_t)(expected - first);
        counters->frames_repeated += expected - first;
    }
    return next_of_data(decoder);
}

static int take(wire_decoder *decoder) {
    wire_counters *counters = &decoder->counters;
    const int was_heard = decoder->order.is_heard;
    uint32_t missing;
    if (decoder->block[WIRE_HEADER_VERSION] != WIRE_VERSION) {
        counters->blocks_other_version++;
        return WIRE_NOTHING;
    }
    switch (wire_follow(&decoder->order, decoder->block, &missing)) {
        case WIRE_REPEATED: counters->blocks_repeated++; return WIRE_NOTHING;
        case WIRE_BEGINS:
            counters->restarts += (unsigned)was_heard;
            decoder->next_sample = 0;
            decoder->knows_next_sample = was_heard || decoder->order.sequence == 0;
            decoder->configuration_bytes = 0;
            decoder->last_dropped = 0;
            break;
        default: break;
    }
    counters->blocks_missing += missing;
    switch (decoder->block[WIRE_HEADER_TYPE]) {
        case WIRE_TYPE_HELLO: return keep_hello(decoder);
        case WIRE_TYPE_CONFIGURATION: return configure(decoder);
        case WIRE_TYPE_DATA: return open_data(decoder);
        case WIRE_TYPE_STATUS: return keep_status(decoder);
        case WIRE_TYPE_EVENT: return simple(decoder, WIRE_EVENT, WIRE_EVENT_BYTES);
        case WIRE_TYPE_ERROR: return simple(decoder, WIRE_ERROR, WIRE_ERROR_BYTES);
        case WIRE_TYPE_ANSWER: return simple(decoder, WIRE_ANSWER, WIRE_ANSWER_BYTES);
        case WIRE_TYPE_IDENTIFY:
        case WIRE_TYPE_CONFIGURE:
        case WIRE_TYPE_START:
        case WIRE_TYPE_STOP:
        case WIRE_TYPE_RESET:
        case WIRE_TYPE_SELF_TEST: return WIRE_COMMAND;
        default: counters->blocks_unknown++; return WIRE_NOTHING;
    }
}

size_t wire_decoder_feed(wire_decoder *decoder, const uint8_t *bytes, size_t count) {
    return decoder->is_open ? 0 : wire_scanner_feed(&decoder->scanner, bytes, count);
}

void wire_decoder_finish(wire_decoder *decoder) { wire_scanner_finish(&decoder->scanner); }

int wire_decoder_next(wire_decoder *decoder) {
    int message = next_of_data(decoder);
    while (message == WIRE_NOTHING) {
        decoder->block = wire_scanner_next(&decoder->scanner);
        if (!decoder->block) return WIRE_NOTHING;
        decoder->payload = decoder->block + WIRE_HEADER_BYTES;
        decoder->payload_bytes = wire_u16(decoder->block + WIRE_HEADER_LENGTH);
        message = take(decoder);
    }
    return message;
}

/// Bytes of the text that begins at `offset` of the payload: it ends at a zero or with the payload.
static size_t text_bytes(const wire_decoder *decoder, unsigned offset) {
    unsigned end = offset;
    while (end < decoder->payload_bytes && decoder->payload[end] != 0) end++;
    return end - offset;
}

void wire_read_status(const wire_decoder *decoder, wire_status *status) {
    const uint8_t *payload = decoder->payload;
    status->samples_dropped = wire_u64(payload + WIRE_STATUS_SAMPLES_DROPPED);
    status->blocks_dropped = wire_u64(payload + WIRE_STATUS_BLOCKS_DROPPED);
    status->buffer = wire_u16(payload + WIRE_STATUS_BUFFER);
    status->battery = wire_u16(payload + WIRE_STATUS_BATTERY);
    status->temperature = wire_i16(payload + WIRE_STATUS_TEMPERATURE);
    status->state = payload[WIRE_STATUS_STATE];
    status->supply = payload[WIRE_STATUS_SUPPLY];
}

void wire_read_event(const wire_decoder *decoder, wire_event *event) {
    const uint8_t *payload = decoder->payload;
    event->sample = wire_u64(payload + WIRE_EVENT_SAMPLE);
    event->code = wire_u16(payload + WIRE_EVENT_CODE);
    event->value = wire_u16(payload + WIRE_EVENT_VALUE);
    event->text = (const char *)payload + WIRE_EVENT_TEXT;
    event->text_bytes = text_bytes(decoder, WIRE_EVENT_TEXT);
}

void wire_read_error(const wire_decoder *decoder, wire_error *error) {
    const uint8_t *payload = decoder->payload;
    error->code = wire_u16(payload + WIRE_ERROR_CODE);
    error->severity = payload[WIRE_ERROR_SEVERITY];
    error->detail = wire_u32(payload + WIRE_ERROR_DETAIL);
    error->text = (const char *)payload + WIRE_ERROR_TEXT;
    error->text_bytes = text_bytes(decoder, WIRE_ERROR_TEXT);
}

void wire_read_answer(const wire_decoder *decoder, wire_answer *answer) {
    const uint8_t *payload = decoder->payload;
    answer->command = payload[WIRE_ANSWER_COMMAND];
    answer->result = payload[WIRE_ANSWER_RESULT];
    answer->sequence = wire_u32(payload + WIRE_ANSWER_SEQUENCE);
}

void wire_read_channel(const wire_decoder *decoder, unsigned index, wire_channel *channel) {
    const uint8_t *at = decoder->configuration + WIRE_CONFIGURATION_BYTES + index * WIRE_CHANNEL_BYTES;
    const uint64_t scale = wire_u64(at + WIRE_CHANNEL_SCALE);
    channel->lead = at[WIRE_CHANNEL_LEAD];
    channel->gain = wire_u16(at + WIRE_CHANNEL_GAIN);
    channel->baseline = wire_i32(wire_u32(at + WIRE_CHANNEL_BASELINE));
    wire_copy((uint8_t *)&channel->scale, (const uint8_t *)&scale, sizeof scale);
    channel->high_pass = wire_u32(at + WIRE_CHANNEL_HIGH_PASS);
    channel->low_pass = wire_u32(at + WIRE_CHANNEL_LOW_PASS);
}
