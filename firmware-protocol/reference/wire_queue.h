// A sending buffer of whole blocks, so that a device never waits for its host and counts what it had to drop.
// Apart from the encoder, because a board may have a better one already.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Slots of one size, filled in order.
///
/// When it is full, the oldest data block goes and is counted; blocks of other types only where no data block is left to go. Not safe against
/// interruption: if an interrupt handler adds and the main loop sends, switch the interrupt off around each call.
typedef struct {
    /// `slots` times `slot_bytes`, at least 2 slots.
    uint8_t *memory;
    uint16_t slot_bytes;
    /// `count` of `slots` are taken: the status block's `buffer` is 1000 * count / slots.
    uint8_t slots, count;
    uint8_t first, is_sending;
    /// Of this session, for the status block; set to 0 with the encoder.
    uint64_t samples_dropped, blocks_dropped;
} wire_queue;

/// Adds a block that one of the functions above wrote. Gives 0 where it was itself dropped: longer than a slot, or nothing else could go.
int wire_queue_add(wire_queue *queue, const uint8_t *block);
/// The oldest block, which stays until wire_queue_sent; null where there is none. Sets its bytes.
const uint8_t *wire_queue_front(wire_queue *queue, size_t *bytes);
/// The block of wire_queue_front has gone out whole. Do not call it for a transfer that was broken off: that block is sent again from its begin.
void wire_queue_sent(wire_queue *queue);
/// Forgets that a block is on its way, after a transfer that was broken off; it stays the oldest and may be dropped again.
void wire_queue_broken(wire_queue *queue);

#ifdef __cplusplus
}
#endif
