// What the 256-bit instruction sets share: how sums begin, and how sixteen of them become bytes.
// Included by the two files that use them, under their own instruction sets.
#ifndef PRECORDIA_X86_REGISTERS256_H
#define PRECORDIA_X86_REGISTERS256_H

#include <immintrin.h>

#include "../common.h"

typedef __m256i sums;
#define LANES 8

INLINE sums begin(const struct precordia_convolution *convolution, size_t channel) {
    return _mm256_loadu_si256((const __m256i *)(convolution->bias + channel));
}

/// Eight channels scaled and rounded to nearest even, not yet bounded below. The upper bound comes first, because the conversion
/// answers the most negative integer to any number that does not fit.
INLINE __m256i rounded(const struct precordia_convolution *convolution, size_t channel, sums sum, const uint8_t *residual) {
    __m256 t = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(convolution->scale + channel));
    if (residual) {
        __m256i r = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)residual));
        r = _mm256_sub_epi32(r, _mm256_set1_epi32(convolution->residual_zero));
        t = _mm256_add_ps(t, _mm256_mul_ps(_mm256_cvtepi32_ps(r), _mm256_set1_ps(convolution->residual_scale)));
    }
    return _mm256_cvtps_epi32(_mm256_min_ps(t, _mm256_set1_ps(convolution->high)));
}

/// The zero point is added to 16-bit numbers, and the saturation to bytes is the bound on both sides.
INLINE void store(
    const struct precordia_convolution *convolution, size_t channel, const sums *all, const uint8_t *residual, uint8_t *output) {
    __m256i low = rounded(convolution, channel, all[0], residual);
    __m256i high = rounded(convolution, channel + 8, all[1], residual ? residual + 8 : 0);
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
    words = _mm256_adds_epi16(words, _mm256_set1_epi16((int16_t)convolution->zero));
    __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128((__m128i *)output, bytes);
}

#endif
