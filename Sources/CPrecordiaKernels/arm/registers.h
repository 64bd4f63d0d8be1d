// What the ARM instruction sets share: how sixteen sums become bytes, and how rows are interleaved.
// Included by several files, under their own instruction sets.
#ifndef PRECORDIA_ARM_REGISTERS_H
#define PRECORDIA_ARM_REGISTERS_H

#include <arm_neon.h>

#include "../common.h"

#define LANES 4

/// Bytes as signed ones, 128 less, which is what the multiplications of signed by signed take.
INLINE int8x16_t signed_bytes(uint8x16_t x) { return vreinterpretq_s8_u8(veorq_u8(x, vdupq_n_u8(0x80))); }
INLINE int8x16_t signed_fours(const uint8_t *bytes) { return signed_bytes(vreinterpretq_u8_u32(vdupq_n_u32((uint32_t)four_at(bytes)))); }

/// Four channels scaled and rounded to nearest even. The 64-bit conversion saturates, so its bounds are those of the bytes to come; the
/// 32-bit processor has none that rounds so. That its NEON takes numbers below 2^-126 for 0 changes nothing: they would be rounded to 0.
INLINE int32x4_t rounded(const struct precordia_convolution *convolution, size_t channel, int32x4_t sum, const uint8_t *residual) {
    float32x4_t t = vmulq_f32(vcvtq_f32_s32(sum), vld1q_f32(convolution->scale + channel));
    if (residual) {
        uint16x8_t wide = vmovl_u8(vreinterpret_u8_u32(vdup_n_u32((uint32_t)four_at(residual))));
        int32x4_t r = vsubq_s32(vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(wide))), vdupq_n_s32(convolution->residual_zero));
        t = vaddq_f32(t, vmulq_f32(vcvtq_f32_s32(r), vdupq_n_f32(convolution->residual_scale)));
    }
#if defined(__aarch64__)
    return vcvtnq_s32_f32(t);
#else
    t = vminq_f32(vmaxq_f32(t, vdupq_n_f32(convolution->low)), vdupq_n_f32(convolution->high));
    return vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(t, vdupq_n_f32(12582912.0f))), vdupq_n_s32(0x4B400000));
#endif
}

/// The zero point is added to 16-bit numbers, and the saturation to bytes is the bound on both sides.
INLINE void store_sums(
    const struct precordia_convolution *convolution, size_t channel, const int32x4_t *all, const uint8_t *residual, uint8_t *output) {
    int16x4_t words[4];
    int16x8_t zero = vdupq_n_s16((int16_t)convolution->zero);
    UNROLLED for (int s = 0; s < 4; s++) words[s] =
        vqmovn_s32(rounded(convolution, channel + 4 * s, all[s], residual ? residual + 4 * s : 0));
    int16x8_t low = vqaddq_s16(vcombine_s16(words[0], words[1]), zero), high = vqaddq_s16(vcombine_s16(words[2], words[3]), zero);
    vst1q_u8(output, vcombine_u8(vqmovun_s16(low), vqmovun_s16(high)));
}

/// Rows behind the last are the last: a weight of 0 waits for them.
static void interleave(const uint8_t *input, size_t channels, size_t rows, size_t unit, uint8_t *fours, size_t count) {
    for (size_t r = 0; r < count * unit; r += unit, fours += 64) {
        uint8x16x4_t four;
        UNROLLED for (size_t i = 0; i < 4; i++) four.val[i] = vld1q_u8(input + (r + i < rows ? r + i : rows - 1) * channels);
        vst4q_u8(fours, four);
    }
}

#endif
