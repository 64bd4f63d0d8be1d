// ARM's products of byte matrices (i8mm, of ARMv8.6 and of Neoverse V1, N2, Cortex-A710 and newer): two columns by two channels by eight
// bytes of depth in one instruction, unsigned by signed, which is twice a dot product's work.
// Separate because only these functions may use it, and because a register of sums is a square of columns and channels.
#if defined(__aarch64__)
#include "../exact.h"

#include <arm_neon.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("i8mm"))), apply_to = function)

#include "registers.h"

// Depthwise convolutions have no two channels in common: they use the dot product of unsigned by signed bytes.
typedef int32x4_t sums;
typedef int8x16_t weights;
typedef uint8x16_t activations;
enum { SETS = 4 };

INLINE sums begin(const struct precordia_convolution *convolution, size_t channel) { return vld1q_s32(convolution->bias + channel); }
INLINE weights weights_at(const int8_t *packed) { return vld1q_s8(packed); }
INLINE activations activations_at(const uint8_t *bytes) { return vld1q_u8(bytes); }
INLINE sums accumulate(sums sum, activations x, weights w) { return vusdotq_s32(sum, x, w); }
#define store store_sums

#define HAS_DOT

/// `count` is a multiple of 16.
INLINE int32_t dot(const int8_t *packed, const uint8_t *bytes, size_t count) {
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t i = 0; i < count; i += 16) sum = accumulate(sum, activations_at(bytes + i), weights_at(packed + i));
    return vaddvq_s32(sum);
}

#include "../depthwise.h"
#include "../head.h"

// 24 squares of sums, three registers of activations and what the weights pass through.
#define ROWS 6

/// Two columns' next eight bytes, or their next four and zeros.
INLINE uint8x16_t pair_at(const uint8_t *first, const uint8_t *second, bool half) {
    if (!half) return vcombine_u8(vld1_u8(first), vld1_u8(second));
    return vcombine_u8(vcreate_u8((uint32_t)four_at(first)), vcreate_u8((uint32_t)four_at(second)));
}

/// `rows` columns in pairs by 16 channels in pairs: [column][channel] in each register of sums. Of an odd number the last column is taken
/// twice, and stored once. Weights of two neighbouring steps of depth are zipped to two channels by eight bytes.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *packed = packed_weights(convolution) + channel * depth;
    const int pairs = (rows + 1) / 2;
    int32x4_t all[ROWS / 2][8];
    UNROLLED for (int c = 0; c < 8; c++) {
        int32x2_t bias = vld1_s32(convolution->bias + channel + 2 * c);
        UNROLLED for (int p = 0; p < pairs; p++) all[p][c] = vcombine_s32(bias, bias);
    }
    for (size_t i = 0; i < depth; i += 8, packed += 128) {
        bool half = i + 4 == depth;
        uint8x16_t x[ROWS / 2];
        UNROLLED for (int p = 0; p < pairs; p++) {
            const uint8_t *first = input + 2 * p * step + i;
            x[p] = pair_at(first, 2 * p + 1 < rows ? first + step : first, half);
        }
        UNROLLED for (int s = 0; s < 4; s++) {
            int32x4_t w = vreinterpretq_s32_s8(vld1q_s8(packed + 16 * s));
            int32x4_t next = half ? vdupq_n_s32(0) : vreinterpretq_s32_s8(vld1q_s8(packed + 64 + 16 * s));
            int8x16_t low = vreinterpretq_s8_s32(vzip1q_s32(w, next)), high = vreinterpretq_s8_s32(vzip2q_s32(w, next));
            UNROLLED for (int p = 0; p < pairs; p++) {
                all[p][2 * s] = vusmmlaq_s32(all[p][2 * s], x[p], low);
                all[p][2 * s + 1] = vusmmlaq_s32(all[p][2 * s + 1], x[p], high);
            }
        }
    }
    UNROLLED for (int r = 0; r < rows; r++) {
        int32x4_t sum[4];
        UNROLLED for (int s = 0; s < 4; s++) {
            int64x2_t low = vreinterpretq_s64_s32(all[r / 2][2 * s]), high = vreinterpretq_s64_s32(all[r / 2][2 * s + 1]);
            sum[s] = vreinterpretq_s32_s64(r % 2 ? vzip2q_s64(low, high) : vzip1q_s64(low, high));
        }
        store_sums(convolution, channel, sum, residual ? residual + r * outputs + channel : 0, output + r * outputs + channel);
    }
}

#include "../walk.h"

#pragma clang attribute pop

const struct precordia_kernels precordia_i8mm = {"i8mm", cpu_has_i8mm, convolve, depthwise, maximum_pool, pool, head, flat_head, probabilities};
#endif
