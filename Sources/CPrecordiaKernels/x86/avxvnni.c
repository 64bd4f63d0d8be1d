// AVX-VNNI: the 256-bit form of the four-product instruction, on processors that have it without AVX-512 (Alder Lake-N boards and later).
// Separate because only these functions may use it; the rest of the program runs on any x86-64.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx2,avxvnni"))), apply_to = function)

#include "../common.h"
#include "requantise256.h"

/// `rows` columns, at most 6, by 16 channels: twelve sums, two registers of weights and one of activations.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *weights = (const int8_t *)convolution->packed + channel * depth;
    __m256i sums[6][2];
    UNROLLED for (int h = 0; h < 2; h++) {
        __m256i bias = _mm256_loadu_si256((const __m256i *)(convolution->bias + channel + 8 * h));
        UNROLLED for (int r = 0; r < rows; r++) sums[r][h] = bias;
    }
    for (size_t i = 0; i < depth; i += 4) {
        __m256i w[2];
        UNROLLED for (int h = 0; h < 2; h++) w[h] = _mm256_loadu_si256((const __m256i *)(weights + i * 16 + 32 * h));
        UNROLLED for (int r = 0; r < rows; r++) {
            int32_t four;
            __builtin_memcpy(&four, input + r * step + i, 4);
            __m256i x = _mm256_set1_epi32(four);
            UNROLLED for (int h = 0; h < 2; h++) sums[r][h] = _mm256_dpbusd_avx_epi32(sums[r][h], x, w[h]);
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
        size_t tiles = (columns + 5) / 6;
        for (size_t column = 0; tiles > 0; tiles--) {
            size_t rows = (columns - column + tiles - 1) / tiles;
            const uint8_t *from = input + column * step, *beside = residual ? residual + column * outputs : 0;
            uint8_t *to = output + column * outputs;
            switch (rows) {
            case 6: tile(convolution, from, beside, to, channel, 6); break;
            case 5: tile(convolution, from, beside, to, channel, 5); break;
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

const struct precordia_kernels precordia_avxvnni = {"avxvnni", cpu_has_avxvnni, convolve, depthwise, maximum_pool, pool, head, flat_head};
#endif
