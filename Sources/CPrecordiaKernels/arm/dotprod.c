// NEON's dot product, of ARMv8.2 and later (Cortex-A55, A75 and newer): four signed products are added to each of four sums by one instruction.
// Separate because only these functions may use it; the rest of the program runs on any 64-bit ARM.
#if defined(__aarch64__)
#include "../exact.h"

#include <arm_neon.h>

#include "cpu.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "registers.h"

typedef int32x4_t sums;
typedef int8x16_t weights, activations;
// 24 sums, four registers of weights and one of activations.
#define ROWS 6
#define HOLDS WEIGHTS

/// Activations are shifted by 128 to be signed; what that takes from the sums the packed offset adds back.
INLINE sums begin(const struct precordia_convolution *convolution, size_t channel) {
    return vaddq_s32(vld1q_s32(convolution->bias + channel), vld1q_s32((const int32_t *)convolution->packed + channel));
}

INLINE weights weights_at(const int8_t *packed) { return vld1q_s8(packed); }
INLINE activations activations_at(const uint8_t *bytes) { return vreinterpretq_s8_u8(veorq_u8(vld1q_u8(bytes), vdupq_n_u8(0x80))); }
INLINE activations activations_of(const uint8_t *bytes) { return vreinterpretq_s8_u32(vdupq_n_u32((uint32_t)four_at(bytes) ^ 0x80808080u)); }
INLINE sums accumulate(sums sum, activations x, weights w) { return vdotq_s32(sum, x, w); }
#define store store_sums

#include "../tile.h"
#include "../walk.h"
#include "../depthwise.h"
#include "../head.h"

#pragma clang attribute pop

const struct precordia_kernels precordia_dotprod = {"dotprod", cpu_has_dotprod, convolve, depthwise, maximum_pool, pool, head, flat_head};
#endif
