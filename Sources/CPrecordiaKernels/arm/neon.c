// NEON, which every 64-bit ARM and nearly every 32-bit one has: signed bytes multiplied to 16 bits, pairs added to 32.
// Separate because its multiplication is signed by signed, so activations are shifted by 128 and the shift is added back.
#if defined(__ARM_NEON)
#include "../exact.h"

#include "registers.h"

/// A channel's sum is spread over two lanes until the end. A product is at most 2^14, a pair at most 2^15, which 32 bits take.
typedef int32x4x2_t sums;
typedef int8x16_t weights, activations;
// Eight registers of sums a column, of 32, or of 16.
#if defined(__aarch64__)
#define ROWS 2
#define HOLDS WEIGHTS
#else
#define ROWS 1
#define HOLDS ACTIVATIONS
#endif

INLINE sums begin(const struct precordia_convolution *convolution, size_t channel) {
    (void)convolution, (void)channel;
    return (sums){{vdupq_n_s32(0), vdupq_n_s32(0)}};
}

INLINE weights weights_at(const int8_t *packed) { return vld1q_s8(packed); }
INLINE activations activations_at(const uint8_t *bytes) { return signed_bytes(vld1q_u8(bytes)); }
INLINE activations activations_of(const uint8_t *bytes) { return signed_fours(bytes); }

INLINE sums accumulate(sums sum, activations x, weights w) {
    sum.val[0] = vpadalq_s16(sum.val[0], vmull_s8(vget_low_s8(x), vget_low_s8(w)));
    sum.val[1] = vpadalq_s16(sum.val[1], vmull_s8(vget_high_s8(x), vget_high_s8(w)));
    return sum;
}

INLINE int32x4_t folded(sums sum) {
    return vcombine_s32(
        vpadd_s32(vget_low_s32(sum.val[0]), vget_high_s32(sum.val[0])), vpadd_s32(vget_low_s32(sum.val[1]), vget_high_s32(sum.val[1])));
}

INLINE void store(
    const struct precordia_convolution *convolution, size_t channel, const sums *all, const uint8_t *residual, uint8_t *output) {
    const int32_t *offsets = (const int32_t *)convolution->packed + channel, *bias = convolution->bias + channel;
    int32x4_t whole[4];
    UNROLLED for (int s = 0; s < 4; s++) whole[s] =
        vaddq_s32(folded(all[s]), vaddq_s32(vld1q_s32(bias + 4 * s), vld1q_s32(offsets + 4 * s)));
    store_sums(convolution, channel, whole, residual, output);
}

#include "../tile.h"
#include "../walk.h"
#include "../depthwise.h"
#include "../head.h"

static bool supported(void) { return true; }

const struct precordia_kernels precordia_neon = {"neon", supported, convolve, depthwise, maximum_pool, pool, head, flat_head, probabilities};
#endif
