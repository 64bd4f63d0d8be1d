// NEON's dot product, of ARMv8.2 and later (Cortex-A55, A75 and newer): one instruction adds four signed products to each of four sums.
// Separate because only these functions may use it; the rest of the program runs on any 64-bit ARM.
#if defined(__aarch64__)
#include "../exact.h"

#include <arm_neon.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "registers.h"

typedef int32x4_t sums;
typedef int8x16_t weights, activations;
enum { SETS = 4 };

/// Activations are shifted by 128 to be signed; what that takes from the sums the packed offset adds back.
INLINE sums begin(const struct precordia_convolution *convolution, size_t channel) {
    return vaddq_s32(vld1q_s32(convolution->bias + channel), vld1q_s32((const int32_t *)convolution->packed + channel));
}

INLINE weights weights_at(const int8_t *packed) { return vld1q_s8(packed); }
INLINE activations activations_at(const uint8_t *bytes) { return signed_bytes(vld1q_u8(bytes)); }
INLINE sums accumulate(sums sum, activations x, weights w) { return vdotq_s32(sum, x, w); }
#define store store_sums

// 24 sums, six registers of activations and one of weights.
#define ROWS 6

/// `rows` columns by 16 channels, all sums in registers. Sixteen bytes of a column are loaded together, and each instruction picks four.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs, i = 0;
    const int8_t *packed = packed_weights(convolution) + channel * depth;
    sums all[ROWS][SETS];
    activations x[ROWS];
    UNROLLED for (int r = 0; r < rows; r++) UNROLLED for (int s = 0; s < SETS; s++) all[r][s] = begin(convolution, channel + LANES * s);
#define PICKED(four) \
    UNROLLED for (int s = 0; s < SETS; s++) { \
        weights w = weights_at(packed + 64 * (four) + 16 * s); \
        UNROLLED for (int r = 0; r < rows; r++) all[r][s] = vdotq_laneq_s32(all[r][s], w, x[r], four); \
    }
    for (; i + 16 <= depth; i += 16, packed += 256) {
        UNROLLED for (int r = 0; r < rows; r++) x[r] = activations_at(input + r * step + i);
        PICKED(0)
        PICKED(1)
        PICKED(2)
        PICKED(3)
    }
    for (; i < depth; i += 4, packed += 64) {
        UNROLLED for (int r = 0; r < rows; r++) x[r] = signed_fours(input + r * step + i);
        PICKED(0)
    }
    UNROLLED for (int r = 0; r < rows; r++)
        store(convolution, channel, all[r], residual ? residual + r * outputs + channel : 0, output + r * outputs + channel);
}

#include "../walk.h"
#include "../depthwise.h"
#include "../head.h"

#pragma clang attribute pop

const struct precordia_kernels precordia_dotprod = {"dotprod", cpu_has_dotprod, convolve, depthwise, maximum_pool, pool, head, flat_head, probabilities};
#endif
