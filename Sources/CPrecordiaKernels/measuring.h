// The arithmetic of measuring, eight values at a time, as vectors that the compiler makes of whatever the including file has switched on.
// Included, not called: a shared function would be compiled once, for the oldest processor. The compiler splits a vector that is too wide.
#ifndef PRECORDIA_MEASURING_LANES_H
#define PRECORDIA_MEASURING_LANES_H

#include "measuring_table.h"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))
#define LANES PRECORDIA_MEASURING_LANES

/// Eight values. The caller's memory need not be aligned for them.
typedef float eight __attribute__((ext_vector_type(8), aligned(4), may_alias));
typedef int32_t choice __attribute__((ext_vector_type(8), aligned(4), may_alias));

#define AT(pointer) (*(const eight *)(pointer))
#define PUT(pointer, value) (*(eight *)(pointer) = (value))
#define SPLAT(value) ((eight){(value), (value), (value), (value), (value), (value), (value), (value)})
/// `yes` where the mask is set, else `no`; macros, because a vector passed to a function would depend on the instruction set.
#define CHOSEN(mask, yes, no) ((mask) ? (yes) : (no))
#define LESS(a, b) CHOSEN((a) < (b), a, b)
#define MORE(a, b) CHOSEN((a) > (b), a, b)
/// The first `count` lanes, the others 0.
#define FIRST(value, count) CHOSEN(((choice){0, 1, 2, 3, 4, 5, 6, 7} < (int32_t)(count)), value, SPLAT(0.0f))

/// The lanes' sum, in one order.
INLINE float total(const float *lanes) {
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/// Sixteen columns of the median, because what is done to one waits for what was done to it before.
typedef float sixteen __attribute__((ext_vector_type(16), aligned(4), may_alias));
#define COLUMNS_AT_ONCE 16
#define COLUMNS_AT(pointer) (*(const sixteen *)(pointer))

/// Of `number` values a column in `held`, the smallest goes to the front and the largest to the end.
INLINE void sweep(sixteen *held, int number) {
    sixteen least = held[0];
    for (int i = 1; i < number; i++) {
        sixteen here = held[i];
        held[i] = MORE(least, here);
        least = LESS(least, here);
    }
    held[0] = least;
    sixteen most = held[1];
    for (int i = 2; i < number; i++) {
        sixteen here = held[i];
        held[i - 1] = LESS(most, here);
        most = MORE(most, here);
    }
    held[number - 1] = most;
}

/// The medians of some columns: of a few more than half of the rows the smallest and the largest cannot be it, so both are left, and the next
/// row comes in their stead, until the middle is left.
INLINE void median_of(const float *rows, size_t stride, int32_t number, float *middle) {
    sixteen held[PRECORDIA_MEDIAN_ROWS / 2 + 2];
    if (number < 3) {
        sixteen last = COLUMNS_AT(rows + (size_t)(number - 1) * stride);
        *(sixteen *)middle = number == 1 ? last : 0.5f * (COLUMNS_AT(rows) + last);
        return;
    }
    int count = number / 2 + 2, next = 0;
    for (; next < count; next++) held[next] = COLUMNS_AT(rows + (size_t)next * stride);
    for (;;) {
        sweep(held, count);
        if (next == number) break;
        held[0] = held[count - 2];
        held[count - 2] = COLUMNS_AT(rows + (size_t)next++ * stride);
        count--;
    }
    // Of an odd number three are left, whose middle it is; of an even number four.
    *(sixteen *)middle = number & 1 ? held[1] : 0.5f * (held[1] + held[2]);
}

static float median(const float *rows, size_t stride, int32_t number, size_t count, float *median) {
    float sums[LANES];
    eight squares = SPLAT(0.0f);
    for (size_t at = 0; at < count; at += COLUMNS_AT_ONCE) {
        float middle[COLUMNS_AT_ONCE];
        median_of(rows + at, stride, number, middle);
        for (size_t half = 0; half < COLUMNS_AT_ONCE && at + half < count; half += LANES) {
            size_t left = count - at - half < LANES ? count - at - half : LANES;
            eight here = SPLAT(0.0f);
            for (int32_t row = 0; row < number; row++) {
                eight off = AT(rows + (size_t)row * stride + at + half) - AT(middle + half);
                here += off * off;
            }
            squares += FIRST(here, left);
            __builtin_memcpy(median + at + half, middle + half, left * sizeof(float));
        }
    }
    PUT(sums, squares);
    return total(sums);
}

static void lay(const float *from, float level, float slope, float first, size_t count, float *to) {
    eight place = first + (eight){0, 1, 2, 3, 4, 5, 6, 7};
    size_t at = 0;
    for (; at + LANES <= count; at += LANES, place += (float)LANES) PUT(to + at, AT(from + at) - (level + slope * place));
    for (; at < count; at++) to[at] = from[at] - (level + slope * (first + (float)at));
}

static void add(const float *from, size_t count, float *to) {
    size_t at = 0;
    for (; at + LANES <= count; at += LANES) PUT(to + at, AT(to + at) + AT(from + at));
    for (; at < count; at++) to[at] += from[at];
}

static float slope_energy(const float *from, size_t count) {
    float sums[LANES];
    eight squares = SPLAT(0.0f);
    size_t at = 0;
    for (; at + LANES <= count; at += LANES) {
        eight d = AT(from + at + 2) - AT(from + at);
        squares += d * d;
    }
    PUT(sums, squares);
    for (; at < count; at++) sums[at % LANES] += (from[at + 2] - from[at]) * (from[at + 2] - from[at]);
    return total(sums);
}

static void alike(const float *one, const float *all, size_t count, float *results) {
    float sums[3][LANES];
    eight products = SPLAT(0.0f), own = products, others = products;
    size_t at = 0;
    for (; at + LANES <= count; at += LANES) {
        eight x = AT(one + at), rest = AT(all + at) - x;
        products += x * rest;
        own += x * x;
        others += rest * rest;
    }
    PUT(sums[0], products);
    PUT(sums[1], own);
    PUT(sums[2], others);
    for (; at < count; at++) {
        float x = one[at], rest = all[at] - x;
        sums[0][at % LANES] += x * rest;
        sums[1][at % LANES] += x * x;
        sums[2][at % LANES] += rest * rest;
    }
    for (int i = 0; i < 3; i++) results[i] += total(sums[i]);
}

static void correlate(const float *line, const float *mean, size_t count, size_t shifts, float *products, float *squares) {
    for (size_t shift = 0; shift < shifts; shift += LANES) {
        eight both = AT(products + shift), own = AT(squares + shift);
        for (size_t at = 0; at < count; at++) {
            eight x = AT(line + at + shift);
            both += x * mean[at];
            own += x * x;
        }
        PUT(products + shift, both);
        PUT(squares + shift, own);
    }
}

#endif
