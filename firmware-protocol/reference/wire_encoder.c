// Blocks of the wire protocol from values. The same input gives the same bytes as the host's own encoder, which a test compares.

#include "wire_encoder.h"

#include "wire_bytes.h"

static uint8_t *put_name(uint8_t *at, const char *text, unsigned bytes) {
    for (; bytes > 0; bytes--) {
        *at++ = (uint8_t)*text;
        if (*text) text++;
    }
    return at;
}

size_t wire_packet(const uint8_t *block, size_t count, uint8_t *packet) {
    uint8_t *code = packet, *end = packet + 1;
    for (; count > 0; count--) {
        const uint8_t byte = *block++;
        if (byte != 0) *end++ = byte;
        if (byte == 0 || end - code == 255) {
            *code = (uint8_t)(end - code);
            code = end++;
        }
    }
    *code = (uint8_t)(end - code);
    *end++ = 0;
    return (size_t)(end - packet);
}

/// Puts header and check around a payload that ends at `end`; its ticks are in place.
static size_t finish(wire_encoder *encoder, uint8_t *block, const uint8_t *end, unsigned type) {
    const size_t bytes = (size_t)(end - block);
    uint8_t *at = wire_put32(block, WIRE_MAGIC);
    at = wire_put32(at, WIRE_VERSION | type << 8 | (uint32_t)(bytes - WIRE_HEADER_BYTES) << 16);
    at = wire_put32(at, encoder->session);
    wire_put32(at, encoder->sequence++);
    wire_put32(block + WIRE_HEADER_TICK_RATE, encoder->tick_rate);
    wire_put32(block + bytes, wire_check(0, block, bytes));
    return bytes + WIRE_CHECK_BYTES;
}

/// Puts the ticks in their place and gives the payload's, if there is room for so many bytes of it; else null.
static uint8_t *begin(const wire_encoder *encoder, size_t bytes, uint64_t ticks) {
    if (bytes > WIRE_MAXIMUM_PAYLOAD || WIRE_BLOCK_BYTES(bytes) > encoder->room) return NULL;
    return wire_put64(encoder->block + WIRE_HEADER_TICKS, ticks) + 4;
}

size_t wire_write_block(wire_encoder *encoder, uint8_t type, size_t bytes, uint64_t ticks) {
    const uint8_t *at = begin(encoder, bytes, ticks);
    return at ? finish(encoder, encoder->block, at + bytes, type) : 0;
}

size_t wire_write_hello(wire_encoder *encoder, const wire_hello *hello, uint64_t ticks) {
    const unsigned channels = hello->channels, rates = hello->rate_count, gains = hello->gain_count;
    uint8_t *at = begin(encoder, WIRE_HELLO_BYTES + 4 * rates + 2 * gains, ticks);
    unsigned index;
    if (channels - 1 >= WIRE_MAXIMUM_CHANNELS || rates > WIRE_MAXIMUM_RATES || gains > WIRE_MAXIMUM_GAINS || !at) return 0;
    at = wire_put32(at, hello->lowest_version | (uint32_t)hello->highest_version << 8 | (uint32_t)channels << 16 | (uint32_t)rates << 24);
    at = wire_put32(at, gains | (uint32_t)hello->cause << 8);
    at = wire_put32(at, hello->capabilities);
    at = put_name(at, hello->maker, 32);
    at = put_name(at, hello->product, 32);
    at = put_name(at, hello->serial_number, 32);
    at = put_name(at, hello->firmware_version, 16);
    for (index = 0; index < rates; index++) at = wire_put32(at, hello->rates[index]);
    for (index = 0; index < gains; index++) at = wire_put16(at, hello->gains[index]);
    return finish(encoder, encoder->block, at, WIRE_TYPE_HELLO);
}

size_t wire_write_configuration(wire_encoder *encoder, const wire_configuration *configuration, uint64_t ticks) {
    const unsigned count = configuration->channel_count;
    const wire_channel *channel = configuration->channels, *end = channel + count;
    uint8_t *at = begin(encoder, WIRE_CONFIGURATION_BYTES + WIRE_CHANNEL_BYTES * count, ticks);
    if (count - 1 >= WIRE_MAXIMUM_CHANNELS || !at) return 0;
    encoder->configuration = configuration->number;
    encoder->channels = (uint8_t)count;
    at = wire_put32(at, configuration->number | (uint32_t)count << 16);
    at = wire_put32(at, configuration->rate);
    at = wire_put64(at, configuration->frames);
    at = wire_put32(at, configuration->sensed | (uint32_t)configuration->watched << 16);
    at = wire_put32(at, 0);
    for (; channel < end; channel++) {
        uint64_t scale;
        wire_copy((uint8_t *)&scale, (const uint8_t *)&channel->scale, sizeof scale);
        at = wire_put32(at, channel->lead | (uint32_t)channel->gain << 16);
        at = wire_put32(at, (uint32_t)channel->baseline);
        at = wire_put64(at, scale);
        at = wire_put32(at, channel->high_pass);
        at = wire_put32(at, channel->low_pass);
    }
    return finish(encoder, encoder->block, at, WIRE_TYPE_CONFIGURATION);
}

size_t wire_write_status(wire_encoder *encoder, const wire_status *status, uint64_t ticks) {
    uint8_t *at = begin(encoder, WIRE_STATUS_BYTES, ticks);
    if (!at) return 0;
    at = wire_put64(at, status->samples_dropped);
    at = wire_put64(at, status->blocks_dropped);
    at = wire_put32(at, status->buffer | (uint32_t)status->battery << 16);
    at = wire_put32(at, (uint16_t)status->temperature | (uint32_t)status->state << 16 | (uint32_t)status->supply << 24);
    return finish(encoder, encoder->block, at, WIRE_TYPE_STATUS);
}

size_t wire_write_event(wire_encoder *encoder, const wire_event *event, uint64_t ticks) {
    uint8_t *at = begin(encoder, WIRE_EVENT_BYTES + event->text_bytes, ticks);
    if (!at || event->text_bytes > WIRE_MAXIMUM_TEXT) return 0;
    at = wire_put64(at, event->sample);
    at = wire_put32(at, event->code | (uint32_t)event->value << 16);
    at = wire_copy(at, (const uint8_t *)event->text, event->text_bytes);
    return finish(encoder, encoder->block, at, WIRE_TYPE_EVENT);
}

size_t wire_write_error(wire_encoder *encoder, const wire_error *error, uint64_t ticks) {
    uint8_t *at = begin(encoder, WIRE_ERROR_BYTES + error->text_bytes, ticks);
    if (!at || error->text_bytes > WIRE_MAXIMUM_TEXT) return 0;
    at = wire_put32(at, error->code | (uint32_t)error->severity << 16);
    at = wire_put32(at, error->detail);
    at = wire_copy(at, (const uint8_t *)error->text, error->text_bytes);
    return finish(encoder, encoder->block, at, WIRE_TYPE_ERROR);
}

size_t wire_write_answer(wire_encoder *encoder, const wire_command *command, uint64_t ticks) {
    uint8_t *at = begin(encoder, WIRE_ANSWER_BYTES, ticks);
    if (!at) return 0;
    at = wire_put32(at, command->type | (uint32_t)command->result << 8);
    at = wire_put32(at, command->sequence);
    return finish(encoder, encoder->block, at, WIRE_TYPE_ANSWER);
}

size_t wire_write_command(wire_encoder *encoder, const wire_command *command, uint64_t ticks) {
    uint8_t *at = begin(encoder, WIRE_CONFIGURE_BYTES, ticks);
    if (!at) return 0;
    if (command->type == WIRE_TYPE_CONFIGURE) at = wire_put32(wire_put32(at, command->rate), command->gain);
    return finish(encoder, encoder->block, at, command->type);
}

// Data blocks. Groups and marks stand before the values and are not known before the last one, so room for as many as may come is kept free, and
// marks and values move down when the block ends.

int wire_data_begin(wire_data *data, const wire_encoder *encoder, uint64_t ticks, uint64_t sample) {
    uint8_t *payload = data->block + WIRE_HEADER_BYTES;
    size_t bytes;
    data->samples = data->groups = data->marks = data->channels = 0;
    data->group = payload + WIRE_DATA_BYTES;
    data->mark = data->group + WIRE_GROUP_BYTES * data->most_samples;
    data->values = data->value = data->mark + WIRE_MARK_BYTES * data->most_marks;
    bytes = (size_t)(data->values - data->block) + (size_t)data->most_samples * encoder->channels * data->width + WIRE_CHECK_BYTES;
    if (data->most_samples == 0 || data->width < 2 || data->width > 4 || bytes > data->room || bytes > WIRE_MAXIMUM_BLOCK) return 0;
    data->channels = encoder->channels;
    wire_put64(data->block + WIRE_HEADER_TICKS, ticks);
    wire_put64(payload + WIRE_DATA_SAMPLE, sample);
    wire_put16(payload + WIRE_DATA_CONFIGURATION, encoder->configuration);
    return data->channels;
}

unsigned wire_data_add(wire_data *data, const int32_t *values, uint16_t off, uint16_t clipped) {
    const uint32_t flags = off | (uint32_t)clipped << 16;
    const int32_t high = INT32_MAX >> (32 - 8 * data->width);
    const int32_t *end = values + data->channels;
    if (data->samples == data->most_samples || data->channels == 0) return 0;
    if (data->samples == 0 || wire_u32(data->group + WIRE_GROUP_OFF) != flags) {
        if (data->samples > 0) data->group += WIRE_GROUP_BYTES;
        data->groups++;
        wire_put16(data->group + WIRE_GROUP_SAMPLE_COUNT, 0);
        wire_put32(data->group + WIRE_GROUP_OFF, flags);
    }
    data->group[WIRE_GROUP_SAMPLE_COUNT]++;
    data->samples++;
    for (; values < end; values++) {
        int32_t value = *values;
        uint32_t bits;
        unsigned left = data->width;
        if (value == WIRE_NO_SAMPLE) value = -high - 1;
        else if (value > high) value = high;
        else if (value < -high) value = -high;
        for (bits = (uint32_t)value; left > 0; left--, bits >>= 8) *data->value++ = (uint8_t)bits;
    }
    return (unsigned)(data->most_samples - data->samples);
}

int wire_data_mark(wire_data *data, uint8_t sample, uint16_t fraction, uint16_t width, int16_t amplitude) {
    if (data->marks == data->most_marks || data->channels == 0) return 0;
    wire_put32(data->mark + WIRE_MARK_SAMPLE, sample | (uint32_t)fraction << 16);
    wire_put32(data->mark + WIRE_MARK_WIDTH, width | (uint32_t)(uint16_t)amplitude << 16);
    data->mark += WIRE_MARK_BYTES;
    data->marks++;
    return 1;
}

size_t wire_data_end(wire_data *data, wire_encoder *encoder) {
    uint8_t *payload = data->block + WIRE_HEADER_BYTES, *end = data->group + WIRE_GROUP_BYTES;
    const uint8_t *mark = data->mark - WIRE_MARK_BYTES * data->marks;
    const unsigned samples = data->samples, channels = data->channels;
    unsigned marks = 0;
    data->channels = data->samples = 0;
    if (samples == 0) return 0;
    for (; mark < data->mark; mark += WIRE_MARK_BYTES) {
        if (mark[WIRE_MARK_SAMPLE] >= samples) continue;
        end = wire_copy(end, mark, WIRE_MARK_BYTES);
        marks++;
    }
    end = wire_copy(end, data->values, (size_t)(data->value - data->values));
    payload[WIRE_DATA_SAMPLE_COUNT] = (uint8_t)samples;
    payload[WIRE_DATA_WIDTH] = data->width;
    wire_put32(payload + WIRE_DATA_CHANNEL_COUNT, channels | (uint32_t)data->groups << 8 | (uint32_t)marks << 16);
    return finish(encoder, data->block, end, WIRE_TYPE_DATA);
}
