// AVX-512 with VNNI: four u8 by s8 products are added to each of sixteen sums by one instruction, exactly.
// Separate because only these functions may use it; the rest of the program runs on any x86-64.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)

#include "../common.h"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))

INLINE void store(
    const struct precordia_convolution *convolution, size_t channel, __m512i sum, __m512 scale, const uint8_t *residual, uint8_t *output) {
    __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale);
    if (residual) {
        __m512i r = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(residual + channel)));
        r = _mm512_sub_epi32(r, _mm512_set1_epi32(convolution->residual_zero));
        t = _mm512_add_ps(t, _mm512_mul_ps(_mm512_cvtepi32_ps(r), _mm512_set1_ps(convolution->residual_scale)));
    }
    t = _mm512_min_ps(_mm512_max_ps(t, _mm512_set1_ps(convolution->low)), _mm512_set1_ps(convolution->high));
    __m512i bits = _mm512_castps_si512(_mm512_add_ps(t, _mm512_set1_ps(12582912.0f)));
    bits = _mm512_add_epi32(bits, _mm512_set1_epi32(convolution->zero - 0x4B400000));
    _mm_storeu_si128((__m128i *)(output + channel), _mm512_cvtepi32_epi8(bits));
}

/// `rows` columns by `blocks` times 16 channels, all sums in registers. Both are constants where this is inlined.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows, const int blocks) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *weights = (const int8_t *)convolution->packed + channel * depth;
    __m512i sums[24];
    UNROLLED for (int b = 0; b < blocks; b++) {
        __m512i bias = _mm512_loadu_si512(convolution->bias + channel + 16 * b);
        UNROLLED for (int r = 0; r < rows; r++) sums[r * blocks + b] = bias;
    }
    for (size_t i = 0; i < depth; i += 4) {
        __m512i w[4];
        UNROLLED for (int b = 0; b < blocks; b++) w[b] = _mm512_loadu_si512(weights + (size_t)b * 16 * depth + i * 16);
        UNROLLED for (int r = 0; r < rows; r++) {
            int32_t four;
            __builtin_memcpy(&four, input + r * step + i, 4);
            __m512i x = _mm512_set1_epi32(four);
            UNROLLED for (int b = 0; b < blocks; b++)
                sums[r * blocks + b] = _mm512_dpbusd_epi32(sums[r * blocks + b], x, w[b]);
        }
    }
    UNROLLED for (int b = 0; b < blocks; b++) {
        __m512 scale = _mm512_loadu_ps(convolution->scale + channel + 16 * b);
        UNROLLED for (int r = 0; r < rows; r++)
            store(convolution, channel + 16 * b, sums[r * blocks + b], scale, residual ? residual + r * outputs : 0, output + r * outputs);
    }
}

#define TILE(rows, blocks) \
    case rows: tile(convolution, input, residual, output, channel, rows, blocks); break;

// One function for each number of blocks, so that the 24 sums fill the registers whatever the shape.
#define STRIP(name, blocks, tiles) \
    static void name( \
        const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel, \
        size_t rows) { \
        switch (rows) { tiles } \
    }

STRIP(strip4, 4, TILE(1, 4) TILE(2, 4) TILE(3, 4) TILE(4, 4) TILE(5, 4) TILE(6, 4))
STRIP(strip3, 3, TILE(1, 3) TILE(2, 3) TILE(3, 3) TILE(4, 3) TILE(5, 3) TILE(6, 3) TILE(7, 3) TILE(8, 3))
STRIP(strip2, 2, TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2))
STRIP(strip1, 1, TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1) TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1))

static void convolve(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t step = convolution->step, outputs = convolution->outputs;
    for (size_t channel = 0; channel < outputs;) {
        size_t left = (outputs - channel) / 16;
        // Fives become three and two, sixes twice three: no strip of one, which waits for its own sums.
        size_t blocks = left == 5 || left == 6 || left == 3 ? 3 : left > 4 ? 4 : left;
        size_t most = blocks == 4 ? 6 : blocks == 3 ? 8 : 12;
        size_t tiles = (columns + most - 1) / most;
        for (size_t column = 0; tiles > 0; tiles--) {
            size_t rows = (columns - column + tiles - 1) / tiles;
            const uint8_t *from = input + column * step, *beside = residual ? residual + column * outputs : 0;
            uint8_t *to = output + column * outputs;
            switch (blocks) {
            case 4: strip4(convolution, from, beside, to, channel, rows); break;
            case 3: strip3(convolution, from, beside, to, channel, rows); break;
            case 2: strip2(convolution, from, beside, to, channel, rows); break;
            default: strip1(convolution, from, beside, to, channel, rows);
            }
            column += rows;
        }
        channel += blocks * 16;
    }
}

#pragma clang attribute pop

const struct precordia_kernels precordia_avx512vnni = {"avx512vnni", cpu_has_avx512vnni, convolve, depthwise, maximum_pool, pool, head, flat_head};
#endif
