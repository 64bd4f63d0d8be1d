// Blocks out of bytes. The host's own scanner finds the same ones and counts the same, which a test compares.

#include "wire_scanner.h"

#include "wire_bytes.h"

/// Bytes of the block at `at`, of whose memory `seen` bytes are filled: 0 if there is none, `seen` + 1 at least if it needs more. Sets whether it
/// is whole and only its check is wrong.
static size_t look(const uint8_t *at, size_t seen, size_t room, int *is_damaged) {
    static const uint8_t magic[4] = {0x9E, 0x45, 0x43, 0x47};
    size_t place, total;
    *is_damaged = 0;
    for (place = 0; place < 4 && place < seen; place++)
        if (at[place] != magic[place]) return 0;
    if (seen < 8) return seen + 1;
    total = wire_u16(at + WIRE_HEADER_LENGTH);
    if (total > WIRE_MAXIMUM_PAYLOAD) return 0;
    total += WIRE_HEADER_BYTES + WIRE_CHECK_BYTES;
    if (total > room) return 0;
    if (total > seen) return total;
    *is_damaged = wire_check(0, at, total - WIRE_CHECK_BYTES) != wire_u32(at + total - WIRE_CHECK_BYTES);
    return *is_damaged ? 0 : total;
}

/// Takes a byte of a COBS packet.
static void unpack(wire_scanner *scanner, uint8_t byte) {
    if (byte == 0) {
        scanner->packets_broken += scanner->run != 0;
        scanner->run = scanner->owes_zero = 0;
        scanner->has_ended = scanner->tail > scanner->head;
    } else if (scanner->run > 0) {
        scanner->run--;
        scanner->memory[scanner->tail++] = byte;
    } else {
        if (scanner->owes_zero) scanner->memory[scanner->tail++] = 0;
        scanner->run = (uint8_t)(byte - 1);
        scanner->owes_zero = byte != 255;
    }
}

size_t wire_scanner_feed(wire_scanner *scanner, const uint8_t *bytes, size_t count) {
    size_t taken = 0;
    if (scanner->has_ended) return 0;
    if (scanner->head > 0) {
        scanner->tail = (uint16_t)(scanner->tail - scanner->head);
        wire_copy(scanner->memory, scanner->memory + scanner->head, scanner->tail);
        scanner->head = 0;
    }
    for (; taken < count && scanner->tail < scanner->room && !scanner->has_ended; taken++) {
        if (scanner->framing == WIRE_COBS) unpack(scanner, bytes[taken]);
        else scanner->memory[scanner->tail++] = bytes[taken];
    }
    scanner->bytes += taken;
    return taken;
}

void wire_scanner_finish(wire_scanner *scanner) {
    if (scanner->framing == WIRE_COBS) unpack(scanner, 0);
    scanner->has_ended = 1;
}

const uint8_t *wire_scanner_next(wire_scanner *scanner) {
    while (scanner->head < scanner->tail) {
        const uint8_t *at = scanner->memory + scanner->head;
        const size_t seen = (size_t)(scanner->tail - scanner->head);
        int is_damaged;
        const size_t total = look(at, seen, scanner->room, &is_damaged);
        if (total > 0 && total <= seen) {
            scanner->head = (uint16_t)(scanner->head + total);
            scanner->blocks++;
            return at;
        }
        if (total > seen && !scanner->has_ended) return NULL;
        scanner->checksum_failures += (unsigned)is_damaged;
        scanner->head++;
        scanner->bytes_skipped++;
    }
    scanner->has_ended = 0;
    return NULL;
}

int wire_follow(wire_order *order, const uint8_t *block, uint32_t *missing) {
    const uint32_t session = wire_u32(block + WIRE_HEADER_SESSION), sequence = wire_u32(block + WIRE_HEADER_SEQUENCE);
    const uint8_t type = block[WIRE_HEADER_TYPE];
    const uint32_t ahead = sequence - order->sequence - 1;
    int found = WIRE_BEGINS;
    *missing = order->is_heard ? sequence : 0;
    if (order->is_heard && session == order->session) {
        // A device's first blocks tell its restart even where session and sequence do not.
        const int begins = sequence == 0 && order->sequence > 0 && (type == WIRE_TYPE_HELLO || type == WIRE_TYPE_CONFIGURATION);
        if (ahead <= INT32_MAX) {
            *missing = ahead;
            found = WIRE_FOLLOWS;
        } else if (order->sequence - sequence < WIRE_REPEAT_WINDOW && !begins) {
            return WIRE_REPEATED;
        }
    }
    order->session = session;
    order->sequence = sequence;
    order->is_heard = 1;
    return found;
}

int wire_is_block(const uint8_t *bytes, size_t count) {
    int is_damaged;
    return count >= WIRE_BLOCK_BYTES(0) && look(bytes, count, count, &is_damaged) == count;
}

int wire_read_command(wire_order *order, const uint8_t *block, wire_command *command) {
    const uint8_t *payload = block + WIRE_HEADER_BYTES;
    const uint8_t type = block[WIRE_HEADER_TYPE];
    uint32_t missing;
    if (block[WIRE_HEADER_VERSION] != WIRE_VERSION || (type > 0 && type < 0x80)) return 0;
    if (wire_follow(order, block, &missing) == WIRE_REPEATED) return 0;
    command->type = type;
    command->session = order->session;
    command->sequence = order->sequence;
    command->rate = UINT32_MAX;
    command->gain = UINT16_MAX;
    command->result = WIRE_RESULT_DONE;
    if (type < WIRE_TYPE_IDENTIFY || type > WIRE_TYPE_SELF_TEST) {
        command->result = WIRE_RESULT_NOT_KNOWN;
    } else if (type == WIRE_TYPE_CONFIGURE) {
        if (wire_u16(block + WIRE_HEADER_LENGTH) < WIRE_CONFIGURE_BYTES) {
            command->result = WIRE_RESULT_VALUE;
        } else {
            command->rate = wire_u32(payload + WIRE_CONFIGURE_RATE);
            command->gain = wire_u16(payload + WIRE_CONFIGURE_GAIN);
        }
    }
    return 1;
}
