// The small operations in plain C, which the compiler vectorises for whatever instruction set the including file has switched on.
// Included, not called: a shared function would be compiled once, for the oldest processor.
#ifndef PRECORDIA_COMMON_H
#define PRECORDIA_COMMON_H

#include "table.h"

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

#endif
