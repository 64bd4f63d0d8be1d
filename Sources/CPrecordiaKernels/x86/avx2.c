// AVX2: bytes are widened to 16 bits and multiplied in pairs, because the instruction that multiplies bytes saturates.
// Separate because only these functions may use it; the rest of the program runs on any x86-64.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#include "../common.h"
#include "interleave.h"
#include "registers256.h"

/// A 32-bit lane's four bytes: the even ones and the odd ones, each as two 16-bit numbers, so that a lane's sum stays in its lane.
typedef struct {
    __m256i even, odd;
} weights, activations;
#define ROWS 4
#define HOLDS WEIGHTS

INLINE weights weights_at(const int8_t *packed) {
    __m256i w = _mm256_loadu_si256((const __m256i *)packed);
    return (weights){_mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), _mm256_srai_epi16(w, 8)};
}

INLINE activations activations_apart(__m256i x) {
    return (activations){_mm256_and_si256(x, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(x, 8)};
}

INLINE activations activations_at(const uint8_t *bytes) { return activations_apart(_mm256_loadu_si256((const __m256i *)bytes)); }
INLINE activations activations_of(const uint8_t *bytes) { return activations_apart(_mm256_set1_epi32(four_at(bytes))); }

INLINE sums accumulate(sums sum, activations x, weights w) {
    return _mm256_add_epi32(_mm256_add_epi32(sum, _mm256_madd_epi16(x.even, w.even)), _mm256_madd_epi16(x.odd, w.odd));
}

#include "dot256.h"

#include "../tile.h"
#include "../walk.h"
#include "../depthwise.h"
#include "../head.h"

#pragma clang attribute pop

const struct precordia_kernels precordia_avx2 = {"avx2", cpu_has_avx2, convolve, depthwise, maximum_pool, pool, head, flat_head, probabilities};
#endif
