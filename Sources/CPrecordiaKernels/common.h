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

/// Step 5 of the arithmetic, a loop without a branch, which compilers vectorise. 1.5 * 2^52 rounds as in requantised_one; the exponent is then
/// the difference of the bits.
static void probabilities(
    const float *restrict logits, const double *restrict slopes, const double *restrict offsets, uint32_t labels, float *restrict results) {
    for (size_t label = 0; label < labels; label++) {
        double x = -(slopes[label] * (double)logits[label] + offsets[label]);
        x = x < 700 ? x : 700;
        x = x > -700 ? x : -700;
        double shifted = x * 1.4426950408889634 + 6755399441055744, k = shifted - 6755399441055744;
        double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
        double p = 1.6059043836821613e-10;
        p = p * r + 2.08767569878681e-09;
        p = p * r + 2.505210838544172e-08;
        p = p * r + 2.755731922398589e-07;
        p = p * r + 2.7557319223985893e-06;
        p = p * r + 2.48015873015873e-05;
        p = p * r + 0.0001984126984126984;
        p = p * r + 0.001388888888888889;
        p = p * r + 0.008333333333333333;
        p = p * r + 0.041666666666666664;
        p = p * r + 0.16666666666666666;
        p = p * r + 0.5;
        p = p * r + 1;
        p = p * r + 1;
        uint64_t bits;
        double power;
        __builtin_memcpy(&bits, &shifted, sizeof bits);
        bits = (bits - 0x4338000000000000 + 1023) << 52;
        __builtin_memcpy(&power, &bits, sizeof power);
        results[label] = (float)(1 / (1 + p * power));
    }
}

// Vectors of the compiler's own, which it maps to the registers there are.
typedef uint8_t bytes64 __attribute__((vector_size(64)));
typedef uint16_t words64 __attribute__((vector_size(128)));
typedef int32_t sums64 __attribute__((vector_size(256)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t words16 __attribute__((vector_size(32)));
typedef int32_t sums16 __attribute__((vector_size(64)));

#define LARGEST(width) \
    static inline void largest##width(const uint8_t *from, size_t channels, size_t stride, uint8_t *to) { \
        bytes##width best, x; \
        __builtin_memcpy(&best, from, sizeof best); \
        for (size_t i = 1; i < stride; i++) { \
            __builtin_memcpy(&x, from + i * channels, sizeof x); \
            best = __builtin_elementwise_max(best, x); \
        } \
        __builtin_memcpy(to, &best, sizeof best); \
    }

LARGEST(64)
LARGEST(16)

static inline void maximum_pool_by(const uint8_t *input, uint32_t channels, const uint32_t stride, uint8_t *output, size_t columns) {
    for (size_t column = 0; column < columns; column++, input += (size_t)stride * channels, output += channels) {
        size_t c = 0;
        for (; c + 64 <= channels; c += 64) largest64(input + c, channels, stride, output + c);
        for (; c < channels; c += 16) largest16(input + c, channels, stride, output + c);
    }
}

/// A stride of two is what networks have most; known to the compiler it costs a quarter.
static void maximum_pool(const uint8_t *input, uint32_t channels, uint32_t stride, uint8_t *output, size_t columns) {
    if (stride == 2)
        maximum_pool_by(input, channels, 2, output, columns);
    else
        maximum_pool_by(input, channels, stride, output, columns);
}

/// A channel's sum over 256 columns fits 16 bits.
#define POOLED(width) \
    static inline void pooled##width(const uint8_t *from, size_t channels, size_t columns, int32_t *sums, uint8_t *maxima) { \
        sums##width total = {0}; \
        bytes##width most = {0}; \
        while (columns > 0) { \
            words##width some = {0}; \
            for (size_t left = columns < 256 ? columns : 256; left > 0; left--, columns--, from += channels) { \
                bytes##width x; \
                __builtin_memcpy(&x, from, sizeof x); \
                some += __builtin_convertvector(x, words##width); \
                most = __builtin_elementwise_max(most, x); \
            } \
            total += __builtin_convertvector(some, sums##width); \
        } \
        __builtin_memcpy(sums, &total, sizeof total); \
        __builtin_memcpy(maxima, &most, sizeof most); \
    }

POOLED(64)
POOLED(16)

static void pool(const uint8_t *input, uint32_t channels, size_t columns, int32_t *sums, uint8_t *maxima) {
    size_t c = 0;
    for (; c + 64 <= channels; c += 64) pooled64(input + c, channels, columns, sums + c, maxima + c);
    for (; c < channels; c += 16) pooled16(input + c, channels, columns, sums + c, maxima + c);
}

#endif
