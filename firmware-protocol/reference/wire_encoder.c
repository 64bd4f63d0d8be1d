// Blocks of the wire protocol from values. The same input gives the same bytes as the host's own encoder, which a test compares.

#include "wire_encoder.h"

#include "wire_bytes.h"

// A scale travels as IEEE 754 binary64; a compiler whose double is shorter needs an option (avr-gcc: -mdouble=64).
typedef char wire_double_has_64_bits[sizeof(double) == 8 ? 1 : -1];

static void put_name(uint8_t *at, const char *text, unsigned bytes) {
    for (; bytes > 0; bytes--) {
        *at++ = (uint8_t)*text;
        if (*text) text++;
    }
}

uint32_t wire_check(uint32_t check, const uint8_t *bytes, size_t count) {
    // Remainders of the sixteen half bytes: entry n is n times x^4 modulo the reflected polynomial 0x82F63B78.
    static const uint32_t half[16] = {0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
                                      0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75};
    check = ~check;
    for (; count > 0; count--) {
        check ^= *bytes++;
        check = check >> 4 ^ half[check & 15];
        check = check >> 4 ^ half[check & 15];
    }
    return ~check;
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

/// Puts header and check around a payload and its ticks, which are in place.
static size_t finish(wire_encoder *encoder, uint8_t *block, uint8_t type, size_t bytes) {
    wire_put32(block + WIRE_HEADER_MAGIC, WIRE_MAGIC);
    wire_put32(block + WIRE_HEADER_VERSION, WIRE_VERSION | (uint32_t)type << 8 | (uint32_t)bytes << 16);
    wire_put32(block + WIRE_HEADER_SESSION, encoder->session);
    wire_put32(block + WIRE_HEADER_SEQUENCE, encoder->sequence++);
    wire_put32(block + WIRE_HEADER_TICK_RATE, encoder->tick_rate);
    bytes += WIRE_HEADER_BYTES;
    wire_put32(block + bytes, wire_check(0, block, bytes));
    return bytes + WIRE_CHECK_BYTES;
}

/// The payload's memory if there is room for so many bytes of it, else null. Puts the ticks in their place.
static uint8_t *begin(const wire_encoder *encoder, size_t bytes, uint64_t ticks) {
    if (bytes > WIRE_MAXIMUM_PAYLOAD || WIRE_BLOCK_BYTES(bytes) > encoder->room) return NULL;
    wire_put64(encoder->block + WIRE_HEADER_TICKS, ticks);
    return encoder->block + WIRE_HEADER_BYTES;
}

size_t wire_write_block(wire_encoder *encoder, uint8_t type, size_t bytes, uint64_t ticks) {
    return begin(encoder, bytes, ticks) ? finish(encoder, encoder->block, type, bytes) : 0;
}

size_t wire_write_hello(wire_encoder *encoder, const wire_hello *hello, uint64_t ticks) {
    const size_t bytes = WIRE_HELLO_BYTES + 4 * (size_t)hello->rate_count + 2 * (size_t)hello->gain_count;
    uint8_t *payload, *end;
    unsigned index;
    if (hello->channels < 1 || hello->channels > WIRE_MAXIMUM_CHANNELS || hello->rate_count > WIRE_MAXIMUM_RATES ||
        hello->gain_count > WIRE_MAXIMUM_GAINS || !(payload = begin(encoder, bytes, ticks)))
        return 0;
    payload[WIRE_HELLO_LOWEST_VERSION] = hello->lowest_version;
    payload[WIRE_HELLO_HIGHEST_VERSION] = hello->highest_version;
    payload[WIRE_HELLO_CHANNEL_COUNT] = hello->channels;
    payload[WIRE_HELLO_RATE_COUNT] = hello->rate_count;
    wire_put32(payload + WIRE_HELLO_GAIN_COUNT, hello->gain_count | (uint32_t)hello->cause << 8);
    wire_put32(payload + WIRE_HELLO_CAPABILITIES, hello->capabilities);
    put_name(payload + WIRE_HELLO_MAKER, hello->maker, 32);
    put_name(payload + WIRE_HELLO_PRODUCT, hello->product, 32);
    put_name(payload + WIRE_HELLO_SERIAL_NUMBER, hello->serial_number, 32);
    put_name(payload + WIRE_HELLO_FIRMWARE_VERSION, hello->firmware_version, 16);
    end = payload + WIRE_HELLO_BYTES;
    for (index = 0; index < hello->rate_count; index++, end += 4) wire_put32(end, hello->rates[index]);
    for (index = 0; index < hello->gain_count; index++, end += 2) wire_put16(end, hello->gains[index]);
    return finish(encoder, encoder->block, WIRE_TYPE_HELLO, bytes);
}

size_t wire_write_configuration(wire_encoder *encoder, const wire_configuration *configuration, uint64_t ticks) {
    const size_t count = configuration->channel_count, bytes = WIRE_CONFIGURATION_BYTES + WIRE_CHANNEL_BYTES * count;
    const wire_channel *channel = configuration->channels, *end = channel + count;
    uint8_t *payload, *at;
    if (count < 1 || count > WIRE_MAXIMUM_CHANNELS || !(payload = begin(encoder, bytes, ticks))) return 0;
    encoder->configuration = configuration->number;
    encoder->channels = (uint8_t)count;
    wire_put32(payload + WIRE_CONFIGURATION_NUMBER, configuration->number | (uint32_t)count << 16);
    wire_put32(payload + WIRE_CONFIGURATION_RATE, configuration->rate);
    wire_put64(payload + WIRE_CONFIGURATION_FRAMES, configuration->frames);
    wire_put32(payload + WIRE_CONFIGURATION_SENSED, configuration->sensed | (uint32_t)configuration->watched << 16);
    wire_put32(payload + WIRE_CONFIGURATION_WATCHED + 2, 0);
    for (at = payload + WIRE_CONFIGURATION_BYTES; channel < end; channel++, at += WIRE_CHANNEL_BYTES) {
        uint64_t scale;
        wire_copy((uint8_t *)&scale, (const uint8_t *)&channel->scale, sizeof scale);
        wire_put32(at + WIRE_CHANNEL_LEAD, channel->lead | (uint32_t)channel->gain << 16);
        wire_put32(at + WIRE_CHANNEL_BASELINE, (uint32_t)channel->baseline);
        wire_put64(at + WIRE_CHANNEL_SCALE, scale);
        wire_put32(at + WIRE_CHANNEL_HIGH_PASS, channel->high_pass);
        wire_put32(at + WIRE_CHANNEL_LOW_PASS, channel->low_pass);
    }
    return finish(encoder, encoder->block, WIRE_TYPE_CONFIGURATION, bytes);
}

size_t wire_write_status(wire_encoder *encoder, const wire_status *status, uint64_t ticks) {
    uint8_t *payload = begin(encoder, WIRE_STATUS_BYTES, ticks);
    if (!payload) return 0;
    wire_put64(payload + WIRE_STATUS_SAMPLES_DROPPED, status->samples_dropped);
    wire_put64(payload + WIRE_STATUS_BLOCKS_DROPPED, status->blocks_dropped);
    wire_put32(payload + WIRE_STATUS_BUFFER, status->buffer | (uint32_t)status->battery << 16);
    wire_put32(payload + WIRE_STATUS_TEMPERATURE,
               (uint16_t)status->temperature | (uint32_t)status->state << 16 | (uint32_t)status->supply << 24);
    return finish(encoder, encoder->block, WIRE_TYPE_STATUS, WIRE_STATUS_BYTES);
}

size_t wire_write_event(wire_encoder *encoder, const wire_event *event, uint64_t ticks) {
    uint8_t *payload = event->text_bytes > WIRE_MAXIMUM_TEXT ? NULL : begin(encoder, WIRE_EVENT_BYTES + event->text_bytes, ticks);
    if (!payload) return 0;
    wire_put64(payload + WIRE_EVENT_SAMPLE, event->sample);
    wire_put32(payload + WIRE_EVENT_CODE, event->code | (uint32_t)event->value << 16);
    wire_copy(payload + WIRE_EVENT_TEXT, (const uint8_t *)event->text, event->text_bytes);
    return finish(encoder, encoder->block, WIRE_TYPE_EVENT, WIRE_EVENT_BYTES + event->text_bytes);
}

size_t wire_write_error(wire_encoder *encoder, const wire_error *error, uint64_t ticks) {
    uint8_t *payload = error->text_bytes > WIRE_MAXIMUM_TEXT ? NULL : begin(encoder, WIRE_ERROR_BYTES + error->text_bytes, ticks);
    if (!payload) return 0;
    wire_put32(payload + WIRE_ERROR_CODE, error->code | (uint32_t)error->severity << 16);
    wire_put32(payload + WIRE_ERROR_DETAIL, error->detail);
    wire_copy(payload + WIRE_ERROR_TEXT, (const uint8_t *)error->text, error->text_bytes);
    return finish(encoder, encoder->block, WIRE_TYPE_ERROR, WIRE_ERROR_BYTES + error->text_bytes);
}

size_t wire_write_answer(wire_encoder *encoder, const wire_command *command, uint64_t ticks) {
    uint8_t *payload = begin(encoder, WIRE_ANSWER_BYTES, ticks);
    if (!payload) return 0;
    wire_put32(payload + WIRE_ANSWER_COMMAND, command->type | (uint32_t)command->result << 8);
    wire_put32(payload + WIRE_ANSWER_SEQUENCE, command->sequence);
    return finish(encoder, encoder->block, WIRE_TYPE_ANSWER, WIRE_ANSWER_BYTES);
}

size_t wire_write_command(wire_encoder *encoder, const wire_command *command, uint64_t ticks) {
    const size_t bytes = command->type == WIRE_TYPE_CONFIGURE ? WIRE_CONFIGURE_BYTES : 0;
    uint8_t *payload = begin(encoder, bytes, ticks);
    if (!payload) return 0;
    if (bytes) {
        wire_put32(payload + WIRE_CONFIGURE_RATE, command->rate);
        wire_put32(payload + WIRE_CONFIGURE_GAIN, command->gain);
    }
    return finish(encoder, encoder->block, command->type, bytes);
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
    return finish(encoder, data->block, WIRE_TYPE_DATA, (size_t)(end - payload));
}

uint8_t wire_width(const int32_t *values, size_t count) {
    uint8_t width = 2;
    for (; count > 0; count--) {
        const int32_t value = *values++;
        if (value == WIRE_NO_SAMPLE) continue;
        if (value > 8388607 || value < -8388607) return 4;
        if (value > 32767 || value < -32767) width = 3;
    }
    return width;
}
