// Fuzzes the codec that firmware is built from: any bytes, in any portions, give the same messages and counters, and every byte is accounted for.
// The command's reader, the encoder, the packets and the converter's packer run on the same input.

#include <stdlib.h>
#include <string.h>

#include "ads1298.h"
#include "stream.h"

#define EXPECT(condition)           \
    do {                            \
        if (!(condition)) abort(); \
    } while (0)

struct outcome {
    uint64_t digest, block_bytes;
    wire_counters counters;
    uint64_t scanned[5];
};

static void mix(uint64_t *digest, const void *bytes, size_t count) {
    for (size_t index = 0; index < count; index++) *digest = (*digest ^ ((const uint8_t *)bytes)[index]) * 0x100000001B3u;
}

static void expect_growth(uint64_t *last, const uint64_t *now, size_t count) {
    for (size_t index = 0; index < count; index++) {
        EXPECT(now[index] >= last[index]);
        last[index] = now[index];
    }
}

static void take(wire_decoder *decoder, struct outcome *outcome) {
    int message;
    while ((message = wire_decoder_next(decoder)) != WIRE_NOTHING) {
        mix(&outcome->digest, &message, sizeof message);
        if (message == WIRE_FRAME) {
            mix(&outcome->digest, &decoder->frame.index, sizeof decoder->frame.index);
            mix(&outcome->digest, decoder->frame.values, sizeof decoder->frame.values);
            mix(&outcome->digest, &decoder->frame.missing, 3 * sizeof decoder->frame.missing);
        } else if (message == WIRE_PACE) {
            mix(&outcome->digest, &decoder->pace.sample, sizeof decoder->pace.sample);
            mix(&outcome->digest, &decoder->pace.fraction, 3 * sizeof decoder->pace.fraction);
        } else {
            mix(&outcome->digest, decoder->payload - WIRE_HEADER_BYTES, WIRE_BLOCK_BYTES(decoder->payload_bytes));
        }
    }
    expect_growth((uint64_t *)&outcome->counters, (const uint64_t *)&decoder->counters, sizeof outcome->counters / 8);
}

static void decode(const struct stream *stream, size_t chunk, struct outcome *outcome) {
    // Exactly the memory that the decoder is promised, so that a byte behind it is a fault.
    uint8_t *memory = malloc(WIRE_MAXIMUM_BLOCK);
    wire_decoder *decoder = calloc(1, sizeof *decoder);
    const uint8_t *at = stream->bytes, *end = at + stream->count;
    memset(outcome, 0, sizeof *outcome);
    decoder->scanner.memory = memory;
    decoder->scanner.room = WIRE_MAXIMUM_BLOCK;
    decoder->scanner.framing = (uint8_t)stream->framing;
    while (at < end) {
        const size_t count = (size_t)(end - at) < chunk ? (size_t)(end - at) : chunk, taken = wire_decoder_feed(decoder, at, count);
        EXPECT(taken <= count);
        at += taken;
        take(decoder, outcome);
        expect_growth(outcome->scanned, &decoder->scanner.bytes, 5);
    }
    wire_scanner_finish(&decoder->scanner);
    take(decoder, outcome);
    expect_growth(outcome->scanned, &decoder->scanner.bytes, 5);
    EXPECT(outcome->scanned[0] == stream->count);
    EXPECT(decoder->scanner.head == decoder->scanner.tail);
    free(decoder);
    free(memory);
}

/// Every byte is part of a block or was skipped. Packets, which are shorter than what they hold in no fixed way, are left out.
static void balance(const struct stream *stream, const struct outcome *outcome) {
    uint8_t *memory = malloc(WIRE_MAXIMUM_BLOCK);
    wire_scanner scanner = {0};
    const uint8_t *block;
    uint64_t held = 0;
    size_t done = 0;
    scanner.memory = memory;
    scanner.room = WIRE_MAXIMUM_BLOCK;
    while (done < stream->count || scanner.has_ended) {
        done += wire_scanner_feed(&scanner, stream->bytes + done, stream->count - done);
        if (done == stream->count) wire_scanner_finish(&scanner);
        while ((block = wire_scanner_next(&scanner))) held += WIRE_BLOCK_BYTES((uint64_t)(block[6] | block[7] << 8));
    }
    if (stream->framing == WIRE_PLAIN && stream->count > 0) EXPECT(held + outcome->scanned[1] == stream->count);
    free(memory);
}

/// A device takes the same bytes as commands, with little memory, and answers each.
static void command(const struct stream *stream) {
    uint8_t *memory = malloc(WIRE_USB_COMMAND_BYTES), *answer = malloc(WIRE_ANSWER_BLOCK_BYTES);
    wire_scanner scanner = {0};
    wire_order order = {0};
    wire_encoder encoder = {0};
    const uint8_t *block;
    size_t done = 0;
    scanner.memory = memory;
    scanner.room = WIRE_USB_COMMAND_BYTES;
    scanner.framing = (uint8_t)stream->framing;
    encoder.block = answer;
    encoder.room = WIRE_ANSWER_BLOCK_BYTES;
    while (done < stream->count) {
        done += wire_scanner_feed(&scanner, stream->bytes + done, stream->count - done);
        while ((block = wire_scanner_next(&scanner))) {
            wire_command command;
            if (!wire_read_command(&order, block, &command)) continue;
            EXPECT(command.type == 0 || command.type >= 0x80);
            const size_t bytes = wire_write_answer(&encoder, &command, 1);
            EXPECT(bytes == WIRE_ANSWER_BLOCK_BYTES && wire_is_block(answer, bytes));
        }
    }
    wire_is_block(stream->bytes, stream->count);
    free(answer);
    free(memory);
}

/// Whatever is asked of it, the encoder writes a block that the decoder takes, or none; a packet gives its bytes back.
static void encode(const uint8_t *data, size_t size) {
    enum { ROOM = 600 };
    uint8_t *block = malloc(ROOM), *packet = malloc(WIRE_PACKET_BYTES(ROOM)), *slots = malloc(3 * 200);
    const size_t room = size > 0 ? data[0] * 3 : 0;
    wire_encoder encoder = {0};
    wire_data making = {0};
    wire_queue queue = {0};
    size_t bytes, sent;
    encoder.channels = size > 1 ? data[1] % 17 : 0;
    making.block = block;
    making.room = room < ROOM ? room : ROOM;
    making.most_samples = size > 2 ? data[2] : 0;
    making.most_marks = size > 3 ? data[3] % 4 : 0;
    making.width = size > 4 ? data[4] % 6 : 0;
    queue.memory = slots;
    queue.slots = 3;
    queue.slot_bytes = 200;
    for (size_t at = 5; at + 80 < size && at < 800; at += 80) {
        wire_data_begin(&making, &encoder, at, at);
        for (size_t sample = 0; sample <= data[at] % 8; sample++) {
            int32_t values[16];
            memcpy(values, data + at + 1 + sample, sizeof values);
            wire_data_add(&making, values, data[at + sample] & 1, data[at + sample] & 2);
            wire_data_mark(&making, data[at + sample] % 9, 1, 2, 3);
        }
        bytes = wire_data_end(&making, &encoder);
        if (bytes == 0) continue;
        EXPECT(bytes <= making.room && wire_is_block(block, bytes));
        if (wire_queue_add(&queue, block)) EXPECT(bytes <= 200);
        if (data[at] & 1 && wire_queue_front(&queue, &sent)) {
            if (data[at] & 2) wire_queue_sent(&queue);
            else wire_queue_broken(&queue);
        }
        EXPECT(queue.count <= 3);
        wire_scanner scanner = {0};
        uint8_t *memory = malloc(ROOM);
        scanner.memory = memory;
        scanner.room = ROOM;
        scanner.framing = WIRE_COBS;
        const size_t packed = wire_packet(block, bytes, packet);
        EXPECT(packed <= WIRE_PACKET_BYTES(bytes) && memchr(packet, 0, packed) == packet + packed - 1);
        EXPECT(wire_scanner_feed(&scanner, packet, packed) == packed);
        const uint8_t *back = wire_scanner_next(&scanner);
        EXPECT(back && memcmp(back, block, bytes) == 0);
        free(memory);
    }
    if (size >= ADS1298_FRAME_BYTES) {
        int32_t values[ADS1298_CHANNELS];
        uint16_t off, clipped;
        ads1298_read(&ads1298_twelve_leads, data, values, &off, &clipped);
    }
    free(slots);
    free(packet);
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct stream stream;
    struct outcome whole, cut;
    stream_read(&stream, data, size);
    decode(&stream, STREAM_MAXIMUM, &whole);
    decode(&stream, stream.chunk, &cut);
    EXPECT(memcmp(&whole, &cut, sizeof whole) == 0);
    balance(&stream, &whole);
    command(&stream);
    encode(data, size);
    return 0;
}
