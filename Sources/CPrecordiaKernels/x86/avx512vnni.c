// AVX-512 with VNNI: four u8 by s8 products are added to each of sixteen sums by one instruction, exactly.
// Separate because only these functions may use it; the rest of the program runs on any x86-64.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)

#include "../common.h"

/// Sixteen channels scaled and rounded to nearest even, not yet bounded below. The upper bound comes first, because the conversion
/// answers the most negative integer to any number that does not fit.
INLINE __m512i rounded(const struct precordia_convolution *convolution, __m512i sum, __m512 scale, const uint8_t *residual) {
    __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale);
    if (residual) {
        __m512i r = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)residual));
        r = _mm512_sub_epi32(r, _mm512_set1_epi32(convolution->residual_zero));
        t = _mm512_add_ps(t, _mm512_mul_ps(_mm512_cvtepi32_ps(r), _mm512_set1_ps(convolution->residual_scale)));
    }
    return _mm512_cvtps_epi32(_mm512_min_ps(t, _mm512_set1_ps(convolution->high)));
}

/// Four times sixteen rounded numbers to bytes: [0][0...15] [1][0...15] ... The zero point is added to 16-bit numbers, and the saturation
/// to bytes is the bound on both sides. Narrowing works within 128 bits, so fours end up in another order, which a permutation mends.
INLINE __m512i bytes(const struct precordia_convolution *convolution, __m512i a, __m512i b, __m512i c, __m512i d) {
    __m512i zero = _mm512_set1_epi16((int16_t)convolution->zero);
    __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(a, b), zero), high = _mm512_adds_epi16(_mm512_packs_epi32(c, d), zero);
    return _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), _mm512_packus_epi16(low, high));
}

// The operations of depthwise.h.
typedef __m512i sums, activations, weights;
#define LANES 16
enum { SETS = 1 };

INLINE sums begin(const struct precordia_convolution *convolution, size_t channel) {
    return _mm512_loadu_si512(convolution->bias + channel);
}
INLINE weights weights_at(const int8_t *packed) { return _mm512_loadu_si512(packed); }
INLINE activations activations_at(const uint8_t *fours) { return _mm512_loadu_si512(fours); }
INLINE sums accumulate(sums sum, activations x, weights w) { return _mm512_dpbusd_epi32(sum, x, w); }

/// Columns whose 16 channels become bytes together: a register of them.
#define COLUMNS 4
INLINE void store_columns(
    const struct precordia_convolution *convolution, size_t channel, const sums *all, const uint8_t *residual, uint8_t *output,
    const int columns) {
    size_t channels = convolution->outputs;
    __m512 scale = _mm512_loadu_ps(convolution->scale + channel);
    __m512i done[4];
    UNROLLED for (int k = 0; k < columns; k++) done[k] = rounded(convolution, all[k], scale, residual ? residual + k * channels : 0);
    __m512i row = bytes(convolution, done[0], done[columns > 1], done[columns > 2 ? 2 : 0], done[columns > 3 ? 3 : 0]);
    _mm_storeu_si128((__m128i *)output, _mm512_castsi512_si128(row));
    if (columns > 1) _mm_storeu_si128((__m128i *)(output + channels), _mm512_extracti32x4_epi32(row, 1));
    if (columns > 2) _mm_storeu_si128((__m128i *)(output + 2 * channels), _mm512_extracti32x4_epi32(row, 2));
    if (columns > 3) _mm_storeu_si128((__m128i *)(output + 3 * channels), _mm512_extracti32x4_epi32(row, 3));
}

/// A lane holds its channel's last four rows, the newest in the high byte.
INLINE __m512i shifted_in(__m512i four, const uint8_t *row) {
    __m512i bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)row));
    return _mm512_or_si512(_mm512_srli_epi32(four, 8), _mm512_slli_epi32(bytes, 24));
}

/// Rows behind the last are the last: a weight of 0 waits for them.
INLINE void interleave_by(
    const uint8_t *input, size_t channels, size_t rows, const int unit, uint8_t *fours, size_t count) {
    const uint8_t *last = input + (rows - 1) * channels;
    size_t whole = rows < 4 ? 0 : (rows - 4) / unit + 1, n = 0;
    __m512i four = _mm512_setzero_si512();
    for (int r = 0; r < 4 - unit; r++, input += channels) four = shifted_in(four, input < last ? input : last);
    for (; n < whole && n < count; n++, fours += 64) {
        UNROLLED for (int u = 0; u < unit; u++, input += channels) four = shifted_in(four, input);
        _mm512_store_si512(fours, four);
    }
    for (; n < count; n++, fours += 64) {
        UNROLLED for (int u = 0; u < unit; u++, input += channels) four = shifted_in(four, input < last ? input : last);
        _mm512_store_si512(fours, four);
    }
}

static void interleave(const uint8_t *input, size_t channels, size_t rows, size_t unit, uint8_t *fours, size_t count) {
    if (unit == 1) interleave_by(input, channels, rows, 1, fours, count);
    if (unit == 2) interleave_by(input, channels, rows, 2, fours, count);
    if (unit == 4) interleave_by(input, channels, rows, 4, fours, count);
}

#define HAS_DOT

/// `count` is a multiple of 16; a mask keeps the last read within it.
INLINE int32_t dot(const int8_t *packed, const uint8_t *bytes, size_t count) {
    __m512i sum = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + 64 <= count; i += 64) sum = accumulate(sum, activations_at(bytes + i), weights_at(packed + i));
    __mmask16 last = (__mmask16)((1u << (count - i) / 4) - 1);
    sum = accumulate(sum, _mm512_maskz_loadu_epi32(last, bytes + i), _mm512_maskz_loadu_epi32(last, packed + i));
    return _mm512_reduce_add_epi32(sum);
}

#include "../depthwise.h"
#include "../head.h"

/// `rows` columns by `blocks` times 16 channels, all sums in registers. With few of them each is made in `parts`, so that one addition need
/// not wait for the other. All three are constants where this is inlined.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows, const int blocks, const int parts) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *packed = packed_weights(convolution) + channel * depth;
    __m512i all[24], w[4];
    UNROLLED for (int b = 0; b < blocks; b++) {
        __m512i bias = _mm512_loadu_si512(convolution->bias + channel + 16 * b);
        UNROLLED for (int r = 0; r < rows; r++) {
            all[r * blocks + b] = bias;
            UNROLLED for (int p = 1; p < parts; p++) all[(p * rows + r) * blocks + b] = _mm512_setzero_si512();
        }
    }
    size_t i = 0;
    for (; i + 4 * parts <= depth; i += 4 * parts)
        UNROLLED for (int p = 0; p < parts; p++) {
            UNROLLED for (int b = 0; b < blocks; b++) w[b] = _mm512_loadu_si512(packed + (size_t)b * 16 * depth + i * 16 + 64 * p);
            UNROLLED for (int r = 0; r < rows; r++) {
                __m512i x = _mm512_set1_epi32(four_at(input + r * step + i + 4 * p));
                UNROLLED for (int b = 0; b < blocks; b++) {
                    int at = (p * rows + r) * blocks + b;
                    all[at] = _mm512_dpbusd_epi32(all[at], x, w[b]);
                }
            }
        }
    if (parts > 1)
        for (; i < depth; i += 4)
            UNROLLED for (int r = 0; r < rows; r++) {
                __m512i x = _mm512_set1_epi32(four_at(input + r * step + i));
                UNROLLED for (int b = 0; b < blocks; b++)
                    all[r * blocks + b] =
                        _mm512_dpbusd_epi32(all[r * blocks + b], x, _mm512_loadu_si512(packed + (size_t)b * 16 * depth + i * 16));
            }
    UNROLLED for (int r = 0; r < rows; r++) {
        __m512i done[4];
        UNROLLED for (int b = 0; b < blocks; b++) {
            UNROLLED for (int p = 1; p < parts; p++)
                all[r * blocks + b] = _mm512_add_epi32(all[r * blocks + b], all[(p * rows + r) * blocks + b]);
            size_t at = channel + 16 * b;
            done[b] = rounded(
                convolution, all[r * blocks + b], _mm512_loadu_ps(convolution->scale + at), residual ? residual + r * outputs + at : 0);
        }
        __m512i row = bytes(convolution, done[0], done[blocks > 1], done[blocks > 2 ? 2 : 0], done[blocks > 3 ? 3 : 0]);
        uint8_t *to = output + r * outputs + channel;
        if (blocks == 4) _mm512_storeu_si512(to, row);
        if (blocks == 3 || blocks == 2) _mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(row));
        if (blocks == 3) _mm_storeu_si128((__m128i *)(to + 32), _mm512_extracti32x4_epi32(row, 2));
        if (blocks == 1) _mm_storeu_si128((__m128i *)to, _mm512_castsi512_si128(row));
    }
}

// Eight additions must be under way to keep both multipliers busy.
#define PARTS(rows, blocks) ((rows) * (blocks) < 5 ? 4 : (rows) * (blocks) < 9 ? 2 : 1)
#define TILE(rows, blocks) \
    case rows: tile(convolution, input, residual, output, channel, rows, blocks, PARTS(rows, blocks)); break;
#define TWO(rows, blocks) TILE(rows, blocks) TILE(rows + 1, blocks)
#define SIX(rows, blocks) TWO(rows, blocks) TWO(rows + 2, blocks) TWO(rows + 4, blocks)

// One function for each number of blocks, so that 24 sums fill the registers whatever the shape.
#define STRIP(name, tiles) \
    static void name( \
        const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel, \
        size_t rows) { \
        switch (rows) { tiles } \
    }

STRIP(strip4, SIX(1, 4))
STRIP(strip3, SIX(1, 3) TWO(7, 3))
STRIP(strip2, SIX(1, 2) SIX(7, 2))
STRIP(strip1, SIX(1, 1) SIX(7, 1))

/// How many of the blocks left the next strip takes.
static size_t blocks_of(size_t left) {
    // Fives become three and two, sixes twice three: no strip of one, which waits for its own sums.
    return left == 5 || left == 6 || left == 3 ? 3 : left > 4 ? 4 : left;
}

static void convolve(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t step = convolution->step, outputs = convolution->outputs;
    for (size_t channel = 0, blocks; channel < outputs; channel += blocks * 16) {
        blocks = blocks_of((outputs - channel) / 16);
        size_t most = blocks > 1 ? 24 / blocks : 12;
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
    }
}

#pragma clang attribute pop

const struct precordia_kernels precordia_avx512vnni = {
    "avx512vnni", cpu_has_avx512vnni, convolve, depthwise, maximum_pool, pool, head, flat_head, probabilities};
#endif
