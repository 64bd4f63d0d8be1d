// SSE4.1, which the small x86 boards without AVX have: bytes are widened to 16 bits and multiplied in pairs.
// Separate because only these functions may use it; the rest of the program runs on any x86-64.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)

#include "../common.h"
#include "interleave.h"

typedef __m128i sums;
typedef int32_t int32x4 __attribute__((vector_size(16)));
/// A 32-bit lane's four bytes: the even ones and the odd ones, each as two 16-bit numbers, so that a lane's sum stays in its lane.
typedef struct {
    __m128i even, odd;
} weights, activations;
#define LANES 4
#define ROWS 2
#define HOLDS ACTIVATIONS

INLINE sums begin(const struct precordia_convolution *convolution, size_t channel) {
    return _mm_loadu_si128((const __m128i *)(convolution->bias + channel));
}

INLINE weights weights_at(const int8_t *packed) {
    __m128i w = _mm_loadu_si128((const __m128i *)packed);
    return (weights){_mm_srai_epi16(_mm_slli_epi16(w, 8), 8), _mm_srai_epi16(w, 8)};
}

INLINE activations activations_apart(__m128i x) {
    return (activations){_mm_and_si128(x, _mm_set1_epi16(0xFF)), _mm_srli_epi16(x, 8)};
}

INLINE activations activations_at(const uint8_t *bytes) { return activations_apart(_mm_loadu_si128((const __m128i *)bytes)); }
INLINE activations activations_of(const uint8_t *bytes) { return activations_apart(_mm_set1_epi32(four_at(bytes))); }

INLINE sums accumulate(sums sum, activations x, weights w) {
    return _mm_add_epi32(_mm_add_epi32(sum, _mm_madd_epi16(x.even, w.even)), _mm_madd_epi16(x.odd, w.odd));
}

/// Four channels scaled and rounded to nearest even, not yet bounded below. The upper bound comes first, because the conversion
/// answers the most negative integer to any number that does not fit.
INLINE __m128i rounded(const struct precordia_convolution *convolution, size_t channel, sums sum, const uint8_t *residual) {
    __m128 t = _mm_mul_ps(_mm_cvtepi32_ps(sum), _mm_loadu_ps(convolution->scale + channel));
    if (residual) {
        __m128i r = _mm_sub_epi32(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(four_at(residual))), _mm_set1_epi32(convolution->residual_zero));
        t = _mm_add_ps(t, _mm_mul_ps(_mm_cvtepi32_ps(r), _mm_set1_ps(convolution->residual_scale)));
    }
    return _mm_cvtps_epi32(_mm_min_ps(t, _mm_set1_ps(convolution->high)));
}

/// The zero point is added to 16-bit numbers, and the saturation to bytes is the bound on both sides.
INLINE void store(
    const struct precordia_convolution *convolution, size_t channel, const sums *all, const uint8_t *residual, uint8_t *output) {
    __m128i done[4], zero = _mm_set1_epi16((int16_t)convolution->zero);
    UNROLLED for (int s = 0; s < 4; s++) done[s] = rounded(convolution, channel + 4 * s, all[s], residual ? residual + 4 * s : 0);
    __m128i low = _mm_adds_epi16(_mm_packs_epi32(done[0], done[1]), zero), high = _mm_adds_epi16(_mm_packs_epi32(done[2], done[3]), zero);
    _mm_storeu_si128((__m128i *)output, _mm_packus_epi16(low, high));
}

#define HAS_DOT
INLINE int32_t dot(const int8_t *packed, const uint8_t *bytes, size_t count) {
    sums sum = _mm_setzero_si128();
    for (size_t i = 0; i < count; i += 16) sum = accumulate(sum, activations_at(bytes + i), weights_at(packed + i));
    return __builtin_reduce_add((int32x4)sum);
}

#include "../tile.h"
#include "../walk.h"
#include "../depthwise.h"
#include "../head.h"

#pragma clang attribute pop

const struct precordia_kernels precordia_sse41 = {"sse41", cpu_has_sse41, convolve, depthwise, maximum_pool, pool, head, flat_head, probabilities};
#endif
