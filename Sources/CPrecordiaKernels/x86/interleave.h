// Rows of bytes interleaved with 128-bit registers, for the depthwise convolutions of every x86 instruction set that has no wider way.
// Included by several files, under their own instruction sets.
#ifndef PRECORDIA_X86_INTERLEAVE_H
#define PRECORDIA_X86_INTERLEAVE_H

#include <immintrin.h>

#include "../common.h"

INLINE __m128i row_of(const uint8_t *input, size_t channels, size_t rows, size_t row) {
    return _mm_loadu_si128((const __m128i *)(input + (row < rows ? row : rows - 1) * channels));
}

static void interleave(const uint8_t *input, size_t channels, size_t rows, size_t unit, uint8_t *fours, size_t count) {
    __m128i *to = (__m128i *)fours;
    for (size_t r = 0; r < count * unit; r += unit, to += 4) {
        __m128i a = row_of(input, channels, rows, r), b = row_of(input, channels, rows, r + 1);
        __m128i c = row_of(input, channels, rows, r + 2), d = row_of(input, channels, rows, r + 3);
        __m128i low = _mm_unpacklo_epi8(a, b), high = _mm_unpackhi_epi8(a, b);
        __m128i low_next = _mm_unpacklo_epi8(c, d), high_next = _mm_unpackhi_epi8(c, d);
        _mm_store_si128(to, _mm_unpacklo_epi16(low, low_next));
        _mm_store_si128(to + 1, _mm_unpackhi_epi16(low, low_next));
        _mm_store_si128(to + 2, _mm_unpacklo_epi16(high, high_next));
        _mm_store_si128(to + 3, _mm_unpackhi_epi16(high, high_next));
    }
}

#endif
