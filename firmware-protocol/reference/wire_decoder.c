// A device's bytes to samples: what is missing, repeated or not understood is counted here and nowhere else.

#include "wire_decoder.h"

#include "wire_bytes.h"

enum { LEADS_DERIVED = 0x003C, LEADS_ALL = 0x0FFF, ELECTRODES_ALL = 0x03FF };

static int malformed(wire_decoder *decoder) {
    wire_count(&decoder->counters.blocks_malformed, 1);
    return WIRE_NOTHING;
}

static int keep_hello(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload;
    unsigned bytes = decoder->payload_bytes;
    if (payload[WIRE_HELLO_RATE_COUNT] > WIRE_MAXIMUM_RATES || payload[WIRE_HELLO_GAIN_COUNT] > WIRE_MAXIMUM_GAINS ||
        bytes < WIRE_HELLO_BYTES + 4u * payload[WIRE_HELLO_RATE_COUNT] + 2u * payload[WIRE_HELLO_GAIN_COUNT])
        return malformed(decoder);
    if (bytes > sizeof decoder->hello) bytes = sizeof decoder->hello;
    wire_copy(decoder->hello, payload, bytes);
    decoder->hello_bytes = bytes;
    return WIRE_HELLO;
}

static int keep_status(wire_decoder *decoder) {
    const uint64_t dropped = wire_u64(decoder->payload + WIRE_STATUS_SAMPLES_DROPPED);
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
    const unsigned channels = payload[WIRE_CONFIGURATION_CHANNEL_COUNT], bytes = WIRE_CONFIGURATION_BYTES + channels * WIRE_CHANNEL_BYTES;
    unsigned index, leads = 0;
    if (channels > WIRE_MAXIMUM_CHANNELS || decoder->payload_bytes < bytes ||
        wire_u32(payload + WIRE_CONFIGURATION_RATE) - 1 >= (uint32_t)1 << 24)
        return malformed(decoder);
    for (index = 0; index < channels; index++, at += WIRE_CHANNEL_BYTES) {
        const unsigned lead = at[WIRE_CHANNEL_LEAD];
        if (lead == WIRE_NO_LEAD) continue;
        if (lead >= WIRE_LEADS || leads & 1u << lead) return malformed(decoder);
        leads |= 1u << lead;
    }
    if (leads == 0) return malformed(decoder);
    for (index = 0; index < bytes && decoder->configuration[index] == payload[index]; index++) continue;
    if (index == bytes && bytes == decoder->configuration_bytes) return WIRE_NOTHING;
    wire_copy(decoder->configuration, payload, bytes);
    decoder->configuration_bytes = bytes;
    decoder->leads = leads;
    decoder->absent = LEADS_ALL & ~leads & ~((leads & 3) == 3 ? (uint32_t)LEADS_DERIVED : 0);
    return WIRE_STREAM;
}

/// Whether counts, length, groups and marks of the data block agree with each other and with the configuration. Finds its parts.
static int is_whole(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload, *at = payload + WIRE_DATA_BYTES, *end = at + WIRE_GROUP_BYTES * payload[WIRE_DATA_GROUP_COUNT];
    const unsigned samples = payload[WIRE_DATA_SAMPLE_COUNT], width = payload[WIRE_DATA_WIDTH], channels = payload[WIRE_DATA_CHANNEL_COUNT];
    unsigned covered = 0;
    decoder->group = at;
    decoder->group_end = at[WIRE_GROUP_SAMPLE_COUNT];
    decoder->mark = end;
    decoder->values = end + WIRE_MARK_BYTES * payload[WIRE_DATA_MARK_COUNT];
    if (width - 2 > 2 || channels != decoder->configuration[WIRE_CONFIGURATION_CHANNEL_COUNT] ||
        (unsigned)(decoder->values - payload) + samples * channels * width != decoder->payload_bytes)
        return 0;
    for (; at < end; at += WIRE_GROUP_BYTES) {
        if (at[WIRE_GROUP_SAMPLE_COUNT] == 0) return 0;
        covered += at[WIRE_GROUP_SAMPLE_COUNT];
    }
    for (; at < decoder->values; at += WIRE_MARK_BYTES)
        if (at[WIRE_MARK_SAMPLE] >= samples) return 0;
    return samples > 0 && covered == samples;
}

/// A value of `width` bytes; WIRE_NO_SAMPLE for the lowest of the width.
static int32_t value_at(const uint8_t *at, unsigned width) {
    uint32_t bits = 0;
    unsigned left;
    for (left = width; left > 0; left--) bits = bits >> 8 | (uint32_t)*at++ << 24;
    return (int32_t)bits == WIRE_NO_SAMPLE ? WIRE_NO_SAMPLE : (int32_t)bits >> (32 - 8 * width);
}

static void read_frame(wire_decoder *decoder) {
    const uint8_t *lead = decoder->configuration + WIRE_CONFIGURATION_BYTES + WIRE_CHANNEL_LEAD, *at = decoder->values;
    const unsigned width = decoder->payload[WIRE_DATA_WIDTH];
    unsigned channels = decoder->payload[WIRE_DATA_CHANNEL_COUNT], missing = decoder->absent;
    wire_frame *frame = &decoder->frame;
    uint32_t flags;
    for (; channels > 0; channels--, at += width, lead += WIRE_CHANNEL_BYTES) {
        const int32_t value = value_at(at, width);
        if (*lead == WIRE_NO_LEAD) continue;
        if (value == WIRE_NO_SAMPLE) missing |= 1u << *lead;
        else frame->values[*lead] = value;
    }
    decoder->values = at;
    while (decoder->place >= decoder->group_end) {
        decoder->group += WIRE_GROUP_BYTES;
        decoder->group_end += decoder->group[WIRE_GROUP_SAMPLE_COUNT];
    }
    flags = wire_u32(decoder->group + WIRE_GROUP_OFF);
    frame->index = decoder->first + decoder->place++;
    frame->missing = (uint16_t)missing;
    frame->off = flags & ELECTRODES_ALL;
    frame->clipped = flags >> 16 & LEADS_ALL;
}

/// Pace marks, then frames, of the data block that is open.
static int next_of_data(wire_decoder *decoder) {
    const uint8_t *mark = decoder->mark;
    if (decoder->place >= decoder->samples) return WIRE_NOTHING;
    if (decoder->marks > 0) {
        decoder->marks--;
        decoder->mark += WIRE_MARK_BYTES;
        decoder->pace.sample = decoder->first + mark[WIRE_MARK_SAMPLE];
        decoder->pace.fraction = wire_u16(mark + WIRE_MARK_FRACTION);
        decoder->pace.width = wire_u16(mark + WIRE_MARK_WIDTH);
        decoder->pace.amplitude = (int16_t)wire_u16(mark + WIRE_MARK_AMPLITUDE);
        return WIRE_PACE;
    }
    read_frame(decoder);
    wire_count(&decoder->counters.frames, 1);
    return WIRE_FRAME;
}

/// Begins a data block: what its index says about frames that never came, or came before.
static int open_data(wire_decoder *decoder) {
    const uint8_t *payload = decoder->payload;
    const unsigned samples = payload[WIRE_DATA_SAMPLE_COUNT];
    const uint64_t first = wire_u64(payload + WIRE_DATA_SAMPLE);
    // Neither index passes 2^63, so their difference is a signed number.
    const int64_t jump = decoder->knows_next_sample ? (int64_t)(first - decoder->next_sample) : 0;
    const int64_t fresh = jump + samples;
    const int is_readable =
        decoder->configuration_bytes > 0 && wire_u16(payload + WIRE_DATA_CONFIGURATION) == wire_u16(decoder->configuration);
    if ((int64_t)(first | (first + 256)) < 0 || (is_readable && !is_whole(decoder))) return malformed(decoder);
    if (jump > 0) decoder->counters.frames_missing += (uint64_t)jump;
    if (is_readable || fresh > 0) {
        decoder->next_sample = first + samples;
        decoder->knows_next_sample = 1;
    }
    if (!is_readable) {
        wire_count(&decoder->counters.frames_unconfigured, samples);
        return WIRE_NOTHING;
    }
    decoder->first = first;
    decoder->samples = samples;
    decoder->marks = payload[WIRE_DATA_MARK_COUNT];
    decoder->place = 0;
    if (fresh <= 0) {
        // All of it lies in the past though the block is new: the device counts anew without saying so.
        wire_count(&decoder->counters.restarts, 1);
        return WIRE_STREAM;
    }
    if (jump < 0) {
        decoder->place = (uint32_t)-jump;
        decoder->values += decoder->place * payload[WIRE_DATA_CHANNEL_COUNT] * payload[WIRE_DATA_WIDTH];
        wire_count(&decoder->counters.frames_repeated, decoder->place);
    }
    return next_of_data(decoder);
}

static int take(wire_decoder *decoder) {
    static const uint8_t least_bytes[] = {
        0, WIRE_HELLO_BYTES, WIRE_CONFIGURATION_BYTES, WIRE_DATA_BYTES, WIRE_STATUS_BYTES, WIRE_EVENT_BYTES, WIRE_ERROR_BYTES, WIRE_ANSWER_BYTES};
    const uint8_t *block = decoder->payload - WIRE_HEADER_BYTES;
    const unsigned type = block[WIRE_HEADER_TYPE], was_heard = decoder->order.is_heard;
    wire_counters *counters = &decoder->counters;
    int found;
    if (block[WIRE_HEADER_VERSION] != WIRE_VERSION) {
        wire_count(&counters->blocks_other_version, 1);
        return WIRE_NOTHING;
    }
    found = wire_follow(&decoder->order, block);
    if (found == WIRE_REPEATED) {
        wire_count(&counters->blocks_repeated, 1);
        return WIRE_NOTHING;
    }
    if (found == WIRE_BEGINS) {
        wire_count(&counters->restarts, was_heard);
        decoder->next_sample = decoder->last_dropped = 0;
        decoder->knows_next_sample = was_heard || decoder->order.sequence == 0;
        decoder->configuration_bytes = 0;
    }
    wire_count(&counters->blocks_missing, decoder->order.missing);
    if (type - WIRE_TYPE_IDENTIFY <= WIRE_TYPE_SELF_TEST - WIRE_TYPE_IDENTIFY) return WIRE_COMMAND;
    if (type < WIRE_TYPE_HELLO || type > WIRE_TYPE_ANSWER) {
        wire_count(&counters->blocks_unknown, 1);
        return WIRE_NOTHING;
    }
    if (decoder->payload_bytes < least_bytes[type]) return malformed(decoder);
    if (type == WIRE_TYPE_HELLO) return keep_hello(decoder);
    if (type == WIRE_TYPE_CONFIGURATION) return configure(decoder);
    if (type == WIRE_TYPE_DATA) return open_data(decoder);
    if (type == WIRE_TYPE_STATUS) return keep_status(decoder);
    return (int)type + WIRE_EVENT - WIRE_TYPE_EVENT;
}

size_t wire_decoder_feed(wire_decoder *decoder, const uint8_t *bytes, size_t count) {
    return decoder->place < decoder->samples ? 0 : wire_scanner_feed(&decoder->scanner, bytes, count);
}

int wire_decoder_next(wire_decoder *decoder) {
    int message = next_of_data(decoder);
    while (message == WIRE_NOTHING) {
        const uint8_t *block = wire_scanner_next(&decoder->scanner);
        if (!block) return WIRE_NOTHING;
        decoder->payload = block + WIRE_HEADER_BYTES;
        decoder->payload_bytes = wire_u16(block + WIRE_HEADER_LENGTH);
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
    status->temperature = (int16_t)wire_u16(payload + WIRE_STATUS_TEMPERATURE);
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
    channel->baseline = (int32_t)wire_u32(at + WIRE_CHANNEL_BASELINE);
    wire_copy((uint8_t *)&channel->scale, (const uint8_t *)&scale, sizeof scale);
    channel->high_pass = wire_u32(at + WIRE_CHANNEL_HIGH_PASS);
    channel->low_pass = wire_u32(at + WIRE_CHANNEL_LOW_PASS);
}
