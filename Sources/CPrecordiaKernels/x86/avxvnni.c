// AVX-VNNI: the 256-bit form of the four-product instruction, on processors that have it without AVX-512 (Alder Lake-N boards and later).
// Separate because only these functions may use it; the rest of the program runs on any x86-64.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx2,avxvnni"))), apply_to = function)

#include "../common.h"
#include "interleave.h"
#include "registers256.h"

typedef __m256i weights, activations;
// Twelve sums, two registers of weights and one of activations.
#define ROWS 6
#define HOLDS WEIGHTS

INLINE weights weights_at(const int8_t *packed) { return _mm256_loadu_si256((const __m256i *)packed); }
INLINE activations activations_at(const uint8_t *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }
INLINE activations activations_of(const uint8_t *bytes) { return _mm256_set1_epi32(four_at(bytes)); }
INLINE sums accumulate(sums sum, activations x, weights w) { return _mm256_dpbusd_avx_epi32(sum, x, w); }

#include "dot256.h"

#include "../tile.h"
#include "../walk.h"
#include "../depthwise.h"
#include "../head.h"

#pragma clang attribute pop

const struct precordia_kernels precordia_avxvnni = {"avxvnni", cpu_has_avxvnni, convolve, depthwise, maximum_pool, pool, head, flat_head, probabilities};
#endif
