// SHA-256's compression function by ARMv8's cryptography extension: four rounds a pair of instructions.
// Separate, because it is optional: the Raspberry Pi 4 has NEON and not this.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "../sha256.h"
#include "cpu.h"

#define UNROLLED _Pragma("clang loop unroll(full)")

__attribute__((target("sha2"))) static void absorb(uint32_t *state, const uint8_t *blocks, size_t count) {
    uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
    for (; count > 0; count--, blocks += 64) {
        uint32x4_t before0 = abcd, before1 = efgh, words[4];
        UNROLLED for (int i = 0; i < 4; i++) words[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(blocks + 16 * i)));
        UNROLLED for (int i = 0; i < 16; i++) {
            uint32x4_t sum = vaddq_u32(words[i % 4], vld1q_u32(precordia_sha256_constants + 4 * i)), old = abcd;
            if (i < 12)
                words[i % 4] = vsha256su1q_u32(
                    vsha256su0q_u32(words[i % 4], words[(i + 1) % 4]), words[(i + 2) % 4], words[(i + 3) % 4]);
            abcd = vsha256hq_u32(abcd, efgh, sum);
            efgh = vsha256h2q_u32(efgh, old, sum);
        }
        abcd = vaddq_u32(abcd, before0);
        efgh = vaddq_u32(efgh, before1);
    }
    vst1q_u32(state, abcd);
    vst1q_u32(state + 4, efgh);
}

const struct precordia_sha256 precordia_sha256_armv8 = {"armv8", cpu_has_sha2, absorb};
#endif
