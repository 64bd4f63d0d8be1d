// Filters by AVX-512: eight leads in one register and four in another, and registers enough to keep four sections' states in them.
// Separate for its instructions. What is not bound by arithmetic is AVX2's: masks in registers of their own made it slower.
#if defined(__x86_64__)
#include "../exact.h"

#include <immintrin.h>

#include "../signal.h"
#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define PRECORDIA_OWN_FILTER
#include "../lanes.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl"))), apply_to = function)

/// The state with every lane below 1e-20 in magnitude 0; what is not a number stays.
INLINE __m512d flushed8(__m512d state) {
    return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(_mm512_abs_pd(state), _mm512_set1_pd(1e-20), _CMP_NLT_UQ), state);
}

INLINE __m256d flushed4(__m256d state) {
    __m256d magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), state);
    return _mm256_maskz_mov_pd(_mm256_cmp_pd_mask(magnitude, _mm256_set1_pd(1e-20), _CMP_NLT_UQ), state);
}

INLINE __m512d section8(const struct precordia_section *s, __m512d x, __m512d *s1, __m512d *s2) {
    __m512d y = _mm512_add_pd(_mm512_mul_pd(_mm512_set1_pd(s->b0), x), *s1);
    __m512d fed = _mm512_sub_pd(_mm512_mul_pd(_mm512_set1_pd(s->b1), x), _mm512_mul_pd(_mm512_set1_pd(s->a1), y));
    *s1 = flushed8(_mm512_add_pd(fed, *s2));
    *s2 = flushed8(_mm512_sub_pd(_mm512_mul_pd(_mm512_set1_pd(s->b2), x), _mm512_mul_pd(_mm512_set1_pd(s->a2), y)));
    return y;
}

INLINE __m256d section4(const struct precordia_section *s, __m256d x, __m256d *s1, __m256d *s2) {
    __m256d y = _mm256_add_pd(_mm256_mul_pd(_mm256_set1_pd(s->b0), x), *s1);
    __m256d fed = _mm256_sub_pd(_mm256_mul_pd(_mm256_set1_pd(s->b1), x), _mm256_mul_pd(_mm256_set1_pd(s->a1), y));
    *s1 = flushed4(_mm256_add_pd(fed, *s2));
    *s2 = flushed4(_mm256_sub_pd(_mm256_mul_pd(_mm256_set1_pd(s->b2), x), _mm256_mul_pd(_mm256_set1_pd(s->a2), y)));
    return y;
}

/// A number of sections that the compiler knows.
INLINE void cascade(const struct precordia_section *sections, const size_t count, double *states, double *samples, size_t columns) {
    __m512d wide1[4], wide2[4];
    __m256d narrow1[4], narrow2[4];
    UNROLLED for (size_t k = 0; k < count; k++) {
        const double *s1 = states + 2 * PRECORDIA_LEADS * k, *s2 = s1 + PRECORDIA_LEADS;
        wide1[k] = _mm512_loadu_pd(s1), narrow1[k] = _mm256_loadu_pd(s1 + 8);
        wide2[k] = _mm512_loadu_pd(s2), narrow2[k] = _mm256_loadu_pd(s2 + 8);
    }
    for (double *at = samples; columns > 0; columns--, at += PRECORDIA_LEADS) {
        __m512d wide = _mm512_loadu_pd(at);
        __m256d narrow = _mm256_loadu_pd(at + 8);
        UNROLLED for (size_t k = 0; k < count; k++) {
            wide = section8(sections + k, wide, wide1 + k, wide2 + k);
            narrow = section4(sections + k, narrow, narrow1 + k, narrow2 + k);
        }
        _mm512_storeu_pd(at, wide);
        _mm256_storeu_pd(at + 8, narrow);
    }
    UNROLLED for (size_t k = 0; k < count; k++) {
        double *s1 = states + 2 * PRECORDIA_LEADS * k, *s2 = s1 + PRECORDIA_LEADS;
        _mm512_storeu_pd(s1, wide1[k]), _mm256_storeu_pd(s1 + 8, narrow1[k]);
        _mm512_storeu_pd(s2, wide2[k]), _mm256_storeu_pd(s2 + 8, narrow2[k]);
    }
}

/// Long cascades go four sections at a time: a section sees the samples of the one before it in the same order either way.
static void filter(const struct precordia_section *sections, size_t count, double *states, double *samples, size_t columns) {
    for (; count > 4; count -= 4, sections += 4, states += 4 * 2 * PRECORDIA_LEADS) cascade(sections, 4, states, samples, columns);
    switch (count) {
    case 4: cascade(sections, 4, states, samples, columns); break;
    case 3: cascade(sections, 3, states, samples, columns); break;
    case 2: cascade(sections, 2, states, samples, columns); break;
    case 1: cascade(sections, 1, states, samples, columns); break;
    }
}

#pragma clang attribute pop

const struct precordia_signal precordia_signal_avx512 = {"avx512", cpu_has_avx512vnni, convert, filter, interpolate, gather, tally_add};
#endif
