// AVX2: bytes are widened to 16 bits and multiplied in pairs, because the instruction that multiplies bytes saturates.
// Separate because only these functions may use it; the rest of the program runs on any x86-64.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#include "../common.h"
#include "requantise256.h"

/// `rows` columns by 16 channels. A 32-bit lane holds a channel's four bytes: its even bytes and its odd bytes, each as two 16-bit
/// numbers, give two pair products, so that a lane's sum stays in its lane.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *weights = (const int8_t *)convolution->packed + channel * depth;
    const __m256i low = _mm256_set1_epi16(0xFF);
    __m256i sums[4][2];
    UNROLLED for (int h = 0; h < 2; h++) {
        __m256i bias = _mm256_loadu_si256((const __m256i *)(convolution->bias + channel + 8 * h));
        UNROLLED for (int r = 0; r < rows; r++) sums[r][h] = bias;
    }
    for (size_t i = 0; i < depth; i += 4) {
        __m256i even[2], odd[2];
        UNROLLED for (int h = 0; h < 2; h++) {
            __m256i w = _mm256_loadu_si256((const __m256i *)(weights + i * 16 + 32 * h));
            even[h] = _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8);
            odd[h] = _mm256_srai_epi16(w, 8);
        }
        UNROLLED for (int r = 0; r < rows; r++) {
            int32_t four;
            __builtin_memcpy(&four, input + r * step + i, 4);
            __m256i x = _mm256_set1_epi32(four);
            __m256i x_even = _mm256_and_si256(x, low), x_odd = _mm256_srli_epi16(x, 8);
            UNROLLED for (int h = 0; h < 2; h++) {
                sums[r][h] = _mm256_add_epi32(sums[r][h], _mm256_madd_epi16(x_even, even[h]));
                sums[r][h] = _mm256_add_epi32(sums[r][h], _mm256_madd_epi16(x_odd, odd[h]));
            }
        }
    }
    UNROLLED for (int r = 0; r < rows; r++) {
        const uint8_t *beside = residual ? residual + r * outputs : 0;
        store(convolution, channel, sums[r][0], sums[r][1], beside, output + r * outputs);
    }
}

static void convolve(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t step = convolution->step, outputs = convolution->outputs;
    for (size_t channel = 0; channel < outputs; channel += 16) {
        size_t tiles = (columns + 3) / 4;
        for (size_t column = 0; tiles > 0; tiles--) {
            size_t rows = (columns - column + tiles - 1) / tiles;
            const uint8_t *from = input + column * step, *beside = residual ? residual + column * outputs : 0;
            uint8_t *to = output + column * outputs;
            switch (rows) {
            case 4: tile(convolution, from, beside, to, channel, 4); break;
            case 3: tile(convolution, from, beside, to, channel, 3); break;
            case 2: tile(convolution, from, beside, to, channel, 2); break;
            default: tile(convolution, from, beside, to, channel, 1);
            }
            column += rows;
        }
    }
}

#pragma clang attribute pop

const struct precordia_kernels precordia_avx2 = {"avx2", cpu_has_avx2, convolve, depthwise, maximum_pool, pool, head, flat_head};
#endif
