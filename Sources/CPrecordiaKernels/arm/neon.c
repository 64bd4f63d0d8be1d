// NEON, which every 64-bit ARM has: signed bytes multiplied to 16 bits, pairs added to 32.
// Separate because its multiplication is signed by signed, so activations are shifted by 128 and the shift is added back.
#if defined(__aarch64__)
#include "../exact.h"

#include <arm_neon.h>

#include "../common.h"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))

/// Four channels requantised, as 32-bit integers 0 ... 255.
INLINE uint32x4_t requantised(
    const struct precordia_convolution *convolution, size_t channel, int32x4_t sum, const uint8_t *residual) {
    float32x4_t t = vmulq_f32(vcvtq_f32_s32(sum), vld1q_f32(convolution->scale + channel));
    if (residual) {
        uint32_t four;
        __builtin_memcpy(&four, residual + channel, 4);
        uint16x8_t wide = vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four)));
        int32x4_t r = vsubq_s32(vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(wide))), vdupq_n_s32(convolution->residual_zero));
        t = vaddq_f32(t, vmulq_f32(vcvtq_f32_s32(r), vdupq_n_f32(convolution->residual_scale)));
    }
    t = vminq_f32(vmaxq_f32(t, vdupq_n_f32(convolution->low)), vdupq_n_f32(convolution->high));
    int32x4_t bits = vreinterpretq_s32_f32(vaddq_f32(t, vdupq_n_f32(12582912.0f)));
    return vreinterpretq_u32_s32(vaddq_s32(bits, vdupq_n_s32(convolution->zero - 0x4B400000)));
}

/// `rows` columns by 16 channels. Each 128-bit register of products holds four channels' four products; pairs are added into 32 bits,
/// so a channel's sum is spread over two lanes until the end. A product is at most 2^14, a pair at most 2^15, which 32 bits take.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *weights = (const int8_t *)convolution->packed + channel * depth;
    const int32_t *offsets = (const int32_t *)((const int8_t *)convolution->packed + outputs * depth) + channel;
    int32x4_t sums[2][8];
    UNROLLED for (int r = 0; r < rows; r++) UNROLLED for (int k = 0; k < 8; k++) sums[r][k] = vdupq_n_s32(0);
    for (size_t i = 0; i < depth; i += 4) {
        int8x16_t w[4];
        UNROLLED for (int k = 0; k < 4; k++) w[k] = vld1q_s8(weights + i * 16 + 16 * k);
        UNROLLED for (int r = 0; r < rows; r++) {
            uint32_t four;
            __builtin_memcpy(&four, input + r * step + i, 4);
            int8x16_t x = vreinterpretq_s8_u32(vdupq_n_u32(four ^ 0x80808080u));
            UNROLLED for (int k = 0; k < 4; k++) {
                sums[r][2 * k] = vpadalq_s16(sums[r][2 * k], vmull_s8(vget_low_s8(x), vget_low_s8(w[k])));
                sums[r][2 * k + 1] = vpadalq_s16(sums[r][2 * k + 1], vmull_high_s8(x, w[k]));
            }
        }
    }
    UNROLLED for (int r = 0; r < rows; r++) {
        const uint8_t *beside = residual ? residual + r * outputs : 0;
        uint16x4_t words[4];
        UNROLLED for (int k = 0; k < 4; k++) {
            int32x4_t sum = vpaddq_s32(sums[r][2 * k], sums[r][2 * k + 1]);
            sum = vaddq_s32(sum, vaddq_s32(vld1q_s32(convolution->bias + channel + 4 * k), vld1q_s32(offsets + 4 * k)));
            words[k] = vmovn_u32(requantised(convolution, channel + 4 * k, sum, beside));
        }
        uint8x8_t low = vmovn_u16(vcombine_u16(words[0], words[1])), high = vmovn_u16(vcombine_u16(words[2], words[3]));
        vst1q_u8(output + r * outputs + channel, vcombine_u8(low, high));
    }
}

static void convolve(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t step = convolution->step, outputs = convolution->outputs;
    for (size_t channel = 0; channel < outputs; channel += 16)
        for (size_t column = 0; column < columns; column += 2) {
            const uint8_t *from = input + column * step, *beside = residual ? residual + column * outputs : 0;
            uint8_t *to = output + column * outputs;
            if (column + 2 <= columns)
                tile(convolution, from, beside, to, channel, 2);
            else
                tile(convolution, from, beside, to, channel, 1);
        }
}

static bool supported(void) { return true; }

const struct precordia_kernels precordia_neon = {"neon", supported, convolve, depthwise, maximum_pool, pool, head, flat_head};
#endif
