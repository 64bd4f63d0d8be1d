// From sixteen 32-bit sums to sixteen bytes with 256-bit registers.
// Included by the two files that use them, under their own instruction sets.
#ifndef PRECORDIA_X86_REQUANTISE256_H
#define PRECORDIA_X86_REQUANTISE256_H

#include <immintrin.h>

#include "../table.h"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))

/// Eight channels requantised, as 32-bit integers 0 ... 255.
INLINE __m256i requantised(
    const struct precordia_convolution *convolution, size_t channel, __m256i sum, const uint8_t *residual) {
    __m256 t = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(convolution->scale + channel));
    if (residual) {
        __m256i r = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(residual + channel)));
        r = _mm256_sub_epi32(r, _mm256_set1_epi32(convolution->residual_zero));
        t = _mm256_add_ps(t, _mm256_mul_ps(_mm256_cvtepi32_ps(r), _mm256_set1_ps(convolution->residual_scale)));
    }
    t = _mm256_min_ps(_mm256_max_ps(t, _mm256_set1_ps(convolution->low)), _mm256_set1_ps(convolution->high));
    __m256i bits = _mm256_castps_si256(_mm256_add_ps(t, _mm256_set1_ps(12582912.0f)));
    return _mm256_add_epi32(bits, _mm256_set1_epi32(convolution->zero - 0x4B400000));
}

/// Sixteen channels of one column, from their two halves' sums.
INLINE void store(
    const struct precordia_convolution *convolution, size_t channel, __m256i low, __m256i high, const uint8_t *residual, uint8_t *output) {
    __m256i a = requantised(convolution, channel, low, residual), b = requantised(convolution, channel + 8, high, residual);
    __m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xD8);
    __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128((__m128i *)(output + channel), bytes);
}

#endif
