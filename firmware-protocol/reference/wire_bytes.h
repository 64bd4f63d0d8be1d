// Little-endian numbers at any address, a byte at a time: right on every processor and every alignment.
// Apart, so that no other file asks about either.
#pragma once

#include <stddef.h>
#include <stdint.h>

static inline uint16_t wire_u16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }

static inline uint32_t wire_u32(const uint8_t *at) { return wire_u16(at) | (uint32_t)wire_u16(at + 2) << 16; }

static inline uint64_t wire_u64(const uint8_t *at) { return wire_u32(at) | (uint64_t)wire_u32(at + 4) << 32; }

/// Two's complement without asking the compiler what it makes of a number that is too large.
static inline int16_t wire_i16(const uint8_t *at) { return (int16_t)((int32_t)(wire_u16(at) ^ 0x8000u) - 0x8000); }

static inline int32_t wire_i32(uint32_t bits) { return bits <= INT32_MAX ? (int32_t)bits : -(int32_t)(UINT32_MAX - bits) - 1; }

static inline void wire_put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void wire_put32(uint8_t *at, uint32_t value) {
    wire_put16(at, value);
    wire_put16(at + 2, value >> 16);
}

static inline void wire_put64(uint8_t *at, uint64_t value) {
    wire_put32(at, (uint32_t)value);
    wire_put32(at + 4, (uint32_t)(value >> 32));
}

/// Copies upwards from the first byte, so that bytes may move down within their memory. Gives the end of what was written.
static inline uint8_t *wire_copy(uint8_t *to, const uint8_t *from, size_t count) {
    for (; count > 0; count--) *to++ = *from++;
    return to;
}
