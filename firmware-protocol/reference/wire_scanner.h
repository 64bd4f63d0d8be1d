// Blocks out of bytes as they come, and the commands that a device takes.
// Apart from the decoder, because a device needs no more than this of reading.
#pragma once

#include "wire_encoder.h"

#ifdef __cplusplus
extern "C" {
#endif

/// How blocks are laid into a transport's bytes.
enum { WIRE_PLAIN = 0, WIRE_COBS = 1 };

/// Finds blocks in bytes that come in any portions; the same bytes give the same blocks and counts however they are cut.
///
/// Where something is wrong it goes on at the next byte, so that a valid block inside a broken one is found: every byte of a plain stream is part of
/// a block or counted as skipped. Set memory, room and framing, the rest to 0.
typedef struct {
    uint8_t *memory;
    /// Bytes of memory. A block that is longer is no block: WIRE_MAXIMUM_BLOCK for a host, WIRE_USB_COMMAND_BYTES for a device at least.
    uint32_t room;
    uint8_t framing;
    uint8_t has_ended, run, owes_zero;
    uint32_t head, tail;
    /// Bytes taken, bytes of no block, valid blocks, wrong checks, packets that their own zero byte cut short.
    uint64_t bytes, bytes_skipped, blocks, checksum_failures, packets_broken;
} wire_scanner;

/// Takes bytes, as many as there is room for, and says how many. Fetch the blocks before the rest.
size_t wire_scanner_feed(wire_scanner *scanner, const uint8_t *bytes, size_t count);
/// Nothing follows: what has begun and not ended is searched too, by the next wire_scanner_next.
void wire_scanner_finish(wire_scanner *scanner);
/// The next block, in place until the next call; null when more bytes are needed.
const uint8_t *wire_scanner_next(wire_scanner *scanner);

/// Which block of a session came last; all 0 at first.
typedef struct {
    uint32_t session, sequence;
    /// Blocks that never came between the last two.
    uint32_t missing;
    uint32_t is_heard;
} wire_order;

/// What a block's session and sequence say.
enum { WIRE_FOLLOWS, WIRE_REPEATED, WIRE_BEGINS };
/// Compares a block with the last one, and makes it the last one if it is not repeated.
int wire_follow(wire_order *order, const uint8_t *block);

/// Whether these bytes are one whole block and nothing else: what the data of a control transfer must be, and is stalled otherwise.
int wire_is_block(const uint8_t *bytes, size_t count);

/// Reads a command from a valid block. Gives 1 if it is to be answered: carried out first if `result` is WIRE_RESULT_DONE. Gives 0 if it is to be left
/// out: of another version, no command, or one that came already.
int wire_read_command(wire_order *order, const uint8_t *block, wire_command *command);

#ifdef __cplusplus
}
#endif
