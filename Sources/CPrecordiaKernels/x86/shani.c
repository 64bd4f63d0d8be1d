// SHA-256's compression function by the SHA extensions (Intel SDM volume 1, 12.5): two rounds an instruction.
// Separate, because a processor has them or not whatever vectors it has.
#if defined(__x86_64__)
#include <immintrin.h>

#include "../sha256.h"
#include "cpu.h"

#define UNROLLED _Pragma("clang loop unroll(full)")

/// SSSE3 and SSE4.1 (leaf 1 ECX bits 9 and 19) and SHA (leaf 7 EBX bit 29). Their registers are saved by every operating system.
static bool supported(void) {
    uint32_t vectors = 1u << 9 | 1u << 19;
    return (cpu_leaf(1, 0).c & vectors) == vectors && cpu_features().b & 1u << 29;
}

/// The instructions want the state as the words f e b a and h g d c, least significant first.
__attribute__((target("sha,sse4.1"))) static void absorb(uint32_t *state, const uint8_t *blocks, size_t count) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8), cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);
    for (; count > 0; count--, blocks += 64) {
        __m128i before0 = abef, before1 = cdgh, words[4];
        UNROLLED for (int i = 0; i < 4; i++) words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)blocks + i), swap);
        UNROLLED for (int i = 0; i < 16; i++) {
            __m128i now = words[i % 4], previous = words[(i + 3) % 4];
            __m128i sum = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)precordia_sha256_constants + i));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
            // This group's words are spent: in their place come those of four groups later, whose last two need this group's neighbours.
            if (i >= 3 && i < 15) {
                __m128i next = _mm_add_epi32(
                    _mm_sha256msg1_epu32(words[(i + 1) % 4], words[(i + 2) % 4]), _mm_alignr_epi8(now, previous, 4));
                words[(i + 1) % 4] = _mm_sha256msg2_epu32(next, now);
            }
        }
        abef = _mm_add_epi32(abef, before0);
        cdgh = _mm_add_epi32(cdgh, before1);
    }
    __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

const struct precordia_sha256 precordia_sha256_shani = {"shani", supported, absorb};
#endif
