// The small operations in plain C, which the compiler vectorises for whatever instruction set the including file has switched on.
// Included, not called: a shared function would be compiled once, for the oldest processor.
#ifndef PRECORDIA_COMMON_H
#define PRECORDIA_COMMON_H

#include "table.h"

// Register tiles must be unrolled whole, or their sums live in memory; -O2 does not do it unasked.
#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))

/// Step 2 of the arithmetic for one channel of one column. `residual` is the residual tensor's column, or null.
static inline uint8_t requantised_one(
    const struct precordia_convolution *convolution, size_t channel, int32_t sum, const uint8_t *residual) {
    float t = (float)sum * convolution->scale[channel];
    if (residual) t = t + (float)((int32_t)residual[channel] - convolution->residual_zero) * convolution->residual_scale;
    t = t < convolution->low ? convolution->low : t;
    t = t > convolution->high ? convolution->high : t;
    // 1.5 * 2^23: the sum's last bit is worth 1, so the addition rounds to the nearest even integer, which is then in the low bits.
    float shifted = t + 12582912.0f;
    int32_t bits;
    __builtin_memcpy(&bits, &shifted, sizeof bits);
    return (uint8_t)(bits - 0x4B400000 + convolution->zero);
}

/// Four bytes in memory's order, of any alignment.
INLINE int32_t four_at(const uint8_t *bytes) {
    int32_t four;
    __builtin_memcpy(&four, bytes, 4);
    return four;
}

/// The weights behind the offsets that precordia_pack writes first.
INLINE const int8_t *packed_weights(const struct precordia_convolution *convolution) {
    return (const int8_t *)convolution->packed + (size_t)convolution->outputs * 4;
}

/// A depthwise convolution of any length, as the reference computes it.
static void plain_depthwise(
    const struct precordia_convolution *convolution, const uint8_t *restrict input, const uint8_t *restrict residual,
    uint8_t *restrict output, size_t columns) {
    size_t channels = convolution->outputs, taps = convolution->depth / channels, groups = (taps + 3) / 4;
    for (size_t column = 0; column < columns; column++)
        for (size_t c = 0; c < channels; c += 16) {
            const uint8_t *from = input + column * convolution->step + c, *beside = residual ? residual + column * channels : 0;
            const int8_t *weights = packed_weights(convolution) + c * 4 * groups;
            int32_t sums[16];
            __builtin_memcpy(sums, convolution->bias + c, sizeof sums);
            for (size_t tap = 0; tap < taps; tap++, from += channels) {
                // Sixteen words of four taps, of which the shift picks one: compilers vectorise that over the channels.
                uint32_t words[16], left = 24 - 8 * (tap % 4);
                __builtin_memcpy(words, weights + tap / 4 * 64, sizeof words);
                for (size_t k = 0; k < 16; k++) sums[k] += ((int32_t)(words[k] << left) >> 24) * from[k];
            }
            for (size_t k = 0; k < 16; k++) output[column * channels + c + k] = requantised_one(convolution, c + k, sums[k], beside);
        }
}

static void maximum_pool(
    const uint8_t *restrict input, uint32_t channels, uint32_t stride, uint8_t *restrict output, size_t columns) {
    for (size_t column = 0; column < columns; column++) {
        const uint8_t *from = input + column * stride * channels;
        uint8_t *to = output + column * channels;
        for (size_t c = 0; c < channels; c += 16) {
            uint8_t best[16];
            __builtin_memcpy(best, from + c, 16);
            for (size_t i = 1; i < stride; i++)
                for (size_t k = 0; k < 16; k++) {
                    uint8_t value = from[i * channels + c + k];
                    best[k] = best[k] > value ? best[k] : value;
                }
            __builtin_memcpy(to + c, best, 16);
        }
    }
}

static void pool(
    const uint8_t *restrict input, uint32_t channels, size_t columns, int32_t *restrict sums, uint8_t *restrict maxima) {
    __builtin_memset(sums, 0, channels * sizeof *sums);
    __builtin_memset(maxima, 0, channels);
    for (size_t column = 0; column < columns; column++) {
        const uint8_t *from = input + column * channels;
        // Two loops, because a compiler vectorises sums of 32 bits and maxima of 8 bits only apart.
        for (size_t c = 0; c < channels; c++) sums[c] += from[c];
        for (size_t c = 0; c < channels; c++) maxima[c] = maxima[c] > from[c] ? maxima[c] : from[c];
    }
}

static void head(
    const int8_t *restrict mean_weights, const int8_t *restrict maximum_weights, const int32_t *restrict sums,
    const uint8_t *restrict maxima, uint32_t channels, uint32_t labels, int32_t *restrict mean_products,
    int32_t *restrict maximum_products) {
    for (size_t label = 0; label < labels; label++) {
        const int8_t *mean = mean_weights + label * channels, *maximum = maximum_weights + label * channels;
        int32_t a = 0, b = 0;
        for (size_t c = 0; c < channels; c++) {
            a += mean[c] * sums[c];
            b += maximum[c] * maxima[c];
        }
        mean_products[label] = a;
        maximum_products[label] = b;
    }
}

static void flat_head(
    const int8_t *restrict weights, const uint8_t *restrict features, size_t count, uint32_t labels, int32_t *restrict products) {
    for (size_t label = 0; label < labels; label++) {
        const int8_t *row = weights + label * count;
        int32_t sum = 0;
        for (size_t i = 0; i < count; i++) sum += row[i] * features[i];
        products[label] = sum;
    }
}

#endif
