// Little-endian numbers at any address, a byte at a time: right on every processor and every alignment.
// Apart, so that no other file asks about either.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Where the processor loads at any address, four bytes are one instruction, and a call of it is longer; elsewhere the compiler decides.
#ifdef __ARM_FEATURE_UNALIGNED
#define WIRE_INLINE static inline __attribute__((always_inline))
#else
#define WIRE_INLINE static inline
#endif

WIRE_INLINE uint16_t wire_u16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }

WIRE_INLINE uint32_t wire_u32(const uint8_t *at) { return wire_u16(at) | (uint32_t)wire_u16(at + 2) << 16; }

static inline uint64_t wire_u64(const uint8_t *at) { return wire_u32(at) | (uint64_t)wire_u32(at + 4) << 32; }

// C99 leaves three things to the compiler, and all of them do the same: a number that is too large becomes its two's complement, a negative one keeps
// its sign when it is shifted, and a double is IEEE 754 binary64 (avr-gcc: -mdouble=64). One that does not fails here.
typedef char wire_compiler_is_usual[(int32_t)UINT32_MAX == -1 && -1 >> 1 == -1 && sizeof(double) == 8 ? 1 : -1];

// Writers give the place behind what they wrote, so that fields that follow each other are written one after the other.

static inline uint8_t *wire_put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    return at + 2;
}

static inline uint8_t *wire_put32(uint8_t *at, uint32_t value) { return wire_put16(wire_put16(at, value), value >> 16); }

static inline uint8_t *wire_put64(uint8_t *at, uint64_t value) { return wire_put32(wire_put32(at, (uint32_t)value), (uint32_t)(value >> 32)); }

/// Copies upwards from the first byte, so that bytes may move down within their memory.
static inline uint8_t *wire_copy(uint8_t *to, const uint8_t *from, size_t count) {
    for (; count > 0; count--) *to++ = *from++;
    return to;
}

/// CRC-32C of bytes. Goes on from the check of those before them, 0 at first.
uint32_t wire_check(uint32_t check, const uint8_t *bytes, size_t count);

/// Adds to a counter. Out of line, because 64 bits cost a 32-bit processor seven instructions each time.
void wire_count(uint64_t *counter, uint32_t by);
