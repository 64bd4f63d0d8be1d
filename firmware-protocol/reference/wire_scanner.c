// Blocks out of bytes. The host's own scanner finds the same ones and counts the same, which a test compares.

#include "wire_scanner.h"

#include "wire_bytes.h"

enum { NONE = 0, DAMAGED = UINT16_MAX };

/// Bytes of the block at `at`, of which `seen` are there: more than those if it may become one, NONE if it cannot, DAMAGED if only its check is wrong.
static uint32_t look(const uint8_t *at, uint32_t seen, uint32_t room) {
    uint32_t place, body;
    for (place = 0; place < 4 && place < seen; place++)
        if (at[place] != (uint8_t)(WIRE_MAGIC >> 8 * place)) return NONE;
    if (seen < WIRE_HEADER_LENGTH + 2) return WIRE_BLOCK_BYTES(0);
    body = WIRE_HEADER_BYTES + (uint32_t)wire_u16(at + WIRE_HEADER_LENGTH);
    if (body > WIRE_HEADER_BYTES + WIRE_MAXIMUM_PAYLOAD || body + WIRE_CHECK_BYTES > room) return NONE;
    if (body + WIRE_CHECK_BYTES > seen) return body + WIRE_CHECK_BYTES;
    return wire_check(0, at, body) == wire_u32(at + body) ? body + WIRE_CHECK_BYTES : DAMAGED;
}

static void put(wire_scanner *scanner, uint8_t byte) { scanner->memory[scanner->tail++] = byte; }

/// Takes a byte of a COBS packet.
static void unpack(wire_scanner *scanner, uint8_t byte) {
    if (byte == 0) {
        wire_count(&scanner->packets_broken, scanner->run != 0);
        scanner->run = scanner->owes_zero = 0;
        scanner->has_ended = scanner->tail > scanner->head;
    } else if (scanner->run > 0) {
        scanner->run--;
        put(scanner, byte);
    } else {
        if (scanner->owes_zero) put(scanner, 0);
        scanner->run = (uint8_t)(byte - 1);
        scanner->owes_zero = byte != 255;
    }
}

size_t wire_scanner_feed(wire_scanner *scanner, const uint8_t *bytes, size_t count) {
    const uint8_t *at = bytes, *end = bytes + count;
    if (scanner->has_ended) return 0;
    scanner->tail -= scanner->head;
    wire_copy(scanner->memory, scanner->memory + scanner->head, scanner->tail);
    scanner->head = 0;
    while (at < end && scanner->tail < scanner->room && !scanner->has_ended) {
        if (scanner->framing == WIRE_COBS) unpack(scanner, *at++);
        else put(scanner, *at++);
    }
    count = (size_t)(at - bytes);
    wire_count(&scanner->bytes, (uint32_t)count);
    return count;
}

void wire_scanner_finish(wire_scanner *scanner) {
    if (scanner->framing == WIRE_COBS) unpack(scanner, 0);
    scanner->has_ended = 1;
}

const uint8_t *wire_scanner_next(wire_scanner *scanner) {
    while (scanner->head < scanner->tail) {
        const uint8_t *at = scanner->memory + scanner->head;
        const uint32_t seen = scanner->tail - scanner->head, total = look(at, seen, scanner->room);
        if (total == DAMAGED) {
            wire_count(&scanner->checksum_failures, 1);
        } else if (total > seen) {
            if (!scanner->has_ended) return NULL;
        } else if (total > NONE) {
            scanner->head += total;
            wire_count(&scanner->blocks, 1);
            return at;
        }
        scanner->head++;
        wire_count(&scanner->bytes_skipped, 1);
    }
    scanner->has_ended = 0;
    return NULL;
}

int wire_follow(wire_order *order, const uint8_t *block) {
    const uint32_t session = wire_u32(block + WIRE_HEADER_SESSION), sequence = wire_u32(block + WIRE_HEADER_SEQUENCE);
    int found = WIRE_BEGINS;
    uint32_t missing = order->is_heard ? sequence : 0;
    if (order->is_heard && session == order->session) {
        const uint32_t ahead = sequence - order->sequence - 1;
        // A device's first blocks tell its restart even where session and sequence do not.
        const int begins = sequence == 0 && order->sequence > 0 && block[WIRE_HEADER_TYPE] - 1u < WIRE_TYPE_CONFIGURATION;
        if (ahead <= INT32_MAX) {
            missing = ahead;
            found = WIRE_FOLLOWS;
        } else if (~ahead < WIRE_REPEAT_WINDOW && !begins) {
            return WIRE_REPEATED;
        }
    }
    order->session = session;
    order->sequence = sequence;
    order->missing = missing;
    order->is_heard = 1;
    return found;
}

int wire_is_block(const uint8_t *bytes, size_t count) {
    return count >= WIRE_BLOCK_BYTES(0) && look(bytes, (uint32_t)count, (uint32_t)count) == count;
}

int wire_read_command(wire_order *order, const uint8_t *block, wire_command *command) {
    const unsigned type = block[WIRE_HEADER_TYPE];
    if (block[WIRE_HEADER_VERSION] != WIRE_VERSION || (type > 0 && type < 0x80)) return 0;
    if (wire_follow(order, block) == WIRE_REPEATED) return 0;
    command->type = (uint8_t)type;
    command->session = order->session;
    command->sequence = order->sequence;
    command->rate = UINT32_MAX;
    command->gain = UINT16_MAX;
    command->result = type - WIRE_TYPE_IDENTIFY > WIRE_TYPE_SELF_TEST - WIRE_TYPE_IDENTIFY ? WIRE_RESULT_NOT_KNOWN : WIRE_RESULT_DONE;
    if (type == WIRE_TYPE_CONFIGURE) {
        if (wire_u16(block + WIRE_HEADER_LENGTH) < WIRE_CONFIGURE_BYTES) {
            command->result = WIRE_RESULT_VALUE;
        } else {
            command->rate = wire_u32(block + WIRE_HEADER_BYTES + WIRE_CONFIGURE_RATE);
            command->gain = wire_u16(block + WIRE_HEADER_BYTES + WIRE_CONFIGURE_GAIN);
        }
    }
    return 1;
}
