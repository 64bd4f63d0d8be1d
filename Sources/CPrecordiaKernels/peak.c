// The most multiplications that a processor can do with an instruction set: the measure against which a layer's speed is held.
// Separate because nothing but a measurement calls it; a program that does not is linked without it.
#include "precordia_kernels.h"

#define UNROLLED _Pragma("clang loop unroll(full)")

// Twelve independent sums cover the latency of two multiplications a cycle. `STEP` adds one register of products to `sum`; the empty
// statements make the compiler believe that `b` is anything and `a` new each time, so that nothing is known or taken out of the loop.
#define LOOP(TYPE, CLASS, ZERO, STEP)                                                                                                      \
    TYPE sums[12], a = ZERO, b = ZERO;                                                                                                     \
    __asm__ volatile("" : "+" CLASS(b));                                                                                                   \
    UNROLLED for (int k = 0; k < 12; k++) sums[k] = ZERO;                                                                                  \
    for (uint32_t i = 0; i < rounds; i++) {                                                                                                \
        UNROLLED for (int k = 0; k < 12; k++) {                                                                                            \
            TYPE sum = sums[k];                                                                                                            \
            __asm__ volatile("" : "+" CLASS(a));                                                                                           \
            STEP;                                                                                                                          \
            sums[k] = sum;                                                                                                                 \
        }                                                                                                                                  \
    }                                                                                                                                      \
    UNROLLED for (int k = 0; k < 12; k++) __asm__ volatile("" : : CLASS(sums[k]))

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f,avx512vnni"))) static void avx512vnni(uint32_t rounds) {
    LOOP(__m512i, "v", _mm512_setzero_si512(), sum = _mm512_dpbusd_epi32(sum, a, b));
}
__attribute__((target("avx2,avxvnni"))) static void avxvnni(uint32_t rounds) {
    LOOP(__m256i, "x", _mm256_setzero_si256(), sum = _mm256_dpbusd_avx_epi32(sum, a, b));
}
__attribute__((target("avx2"))) static void avx2(uint32_t rounds) {
    LOOP(__m256i, "x", _mm256_setzero_si256(), sum = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)));
}
static void sse(uint32_t rounds) { LOOP(__m128i, "x", _mm_setzero_si128(), sum = _mm_add_epi32(sum, _mm_madd_epi16(a, b))); }

static const struct {
    const char *name;
    void (*run)(uint32_t rounds);
    uint32_t multiplications;
} families[] = {{"avx512vnni", avx512vnni, 64}, {"avxvnni", avxvnni, 32}, {"avx2", avx2, 16}, {"sse41", sse, 8}};

#elif defined(__ARM_NEON)
#include <arm_neon.h>

#if defined(__aarch64__)
__attribute__((target("i8mm"))) static void i8mm(uint32_t rounds) {
    LOOP(int8x16_t, "w", vdupq_n_s8(0), sum = vreinterpretq_s8_s32(vmmlaq_s32(vreinterpretq_s32_s8(sum), a, b)));
}
__attribute__((target("dotprod"))) static void dotprod(uint32_t rounds) {
    LOOP(int8x16_t, "w", vdupq_n_s8(0), sum = vreinterpretq_s8_s32(vdotq_s32(vreinterpretq_s32_s8(sum), a, b)));
}
#endif
static void neon(uint32_t rounds) {
    LOOP(int8x16_t, "w", vdupq_n_s8(0),
         sum = vreinterpretq_s8_s32(vpadalq_s16(vreinterpretq_s32_s8(sum), vmull_s8(vget_low_s8(a), vget_low_s8(b)))));
}

static const struct {
    const char *name;
    void (*run)(uint32_t rounds);
    uint32_t multiplications;
} families[] = {
#if defined(__aarch64__)
    {"i8mm", i8mm, 32}, {"dotprod", dotprod, 16},
#endif
    {"neon", neon, 8}};

#else

static const struct {
    const char *name;
    void (*run)(uint32_t rounds);
    uint32_t multiplications;
} families[] = {{"", 0, 0}};

#endif

static bool equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

uint64_t precordia_kernels_peak(const struct precordia_kernels *kernels, uint32_t rounds) {
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (!equal(families[i].name, precordia_kernels_name(kernels))) continue;
        families[i].run(rounds);
        return (uint64_t)rounds * 12 * families[i].multiplications;
    }
    return 0;
}
