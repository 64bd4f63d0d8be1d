// A sending buffer of whole blocks that drop oldest data first. A block tells its own length, so a slot holds nothing else.

#include "wire_queue.h"

#include "wire_bytes.h"

/// The slot `place` behind the oldest.
static uint8_t *slot(const wire_queue *queue, unsigned place) {
    place += queue->first;
    if (place >= queue->slots) place -= queue->slots;
    return queue->memory + (size_t)place * queue->slot_bytes;
}

static size_t bytes_of(const uint8_t *block) { return WIRE_BLOCK_BYTES((size_t)wire_u16(block + WIRE_HEADER_LENGTH)); }

static void count_dropped(wire_queue *queue, const uint8_t *block) {
    queue->blocks_dropped++;
    if (block[WIRE_HEADER_TYPE] == WIRE_TYPE_DATA) queue->samples_dropped += block[WIRE_HEADER_BYTES + WIRE_DATA_SAMPLE_COUNT];
}

/// Takes the block at `place` out; those behind it move up. Nothing in front of it moves, where a transfer may be reading.
static void drop(wire_queue *queue, unsigned place) {
    count_dropped(queue, slot(queue, place));
    for (; place + 1 < queue->count; place++) {
        const uint8_t *next = slot(queue, place + 1);
        wire_copy(slot(queue, place), next, bytes_of(next));
    }
    queue->count--;
}

int wire_queue_add(wire_queue *queue, const uint8_t *block) {
    const size_t bytes = bytes_of(block);
    if (bytes > queue->slot_bytes) {
        count_dropped(queue, block);
        return 0;
    }
    if (queue->count == queue->slots) {
        unsigned place = queue->is_sending;
        while (place < queue->count && slot(queue, place)[WIRE_HEADER_TYPE] != WIRE_TYPE_DATA) place++;
        if (place == queue->count) {
            if (block[WIRE_HEADER_TYPE] == WIRE_TYPE_DATA) {
                count_dropped(queue, block);
                return 0;
            }
            place = queue->is_sending;
        }
        drop(queue, place);
    }
    wire_copy(slot(queue, queue->count), block, bytes);
    queue->count++;
    return 1;
}

const uint8_t *wire_queue_front(wire_queue *queue, size_t *bytes) {
    const uint8_t *block = slot(queue, 0);
    if (queue->count == 0) return NULL;
    queue->is_sending = 1;
    *bytes = bytes_of(block);
    return block;
}

void wire_queue_sent(wire_queue *queue) {
    if (!queue->is_sending) return;
    queue->is_sending = 0;
    queue->count--;
    queue->first = (uint8_t)(queue->first + 1 == queue->slots ? 0 : queue->first + 1);
}

void wire_queue_broken(wire_queue *queue) { queue->is_sending = 0; }
