// The arithmetic of measuring for any processor, and the table of its implementations.
// The reference: what the others in the table compute is held to its bits.
#include "exact.h"

// The vectors of 32-bit ARM take numbers near 0 for 0, which others do not: there, what has no such habit computes.
#if defined(__arm__) && defined(__ARM_NEON)
#pragma clang attribute push(__attribute__((target("no-neon"))), apply_to = function)
#endif
#include "measuring.h"

#include "delineate.h"
#if defined(__arm__) && defined(__ARM_NEON)
#pragma clang attribute pop
#endif

static bool always(void) { return true; }

static const struct precordia_measuring portable = {
    "portable", always, delineate_shared, delineate, median, lay, add, slope_energy, alike, correlate};

static const struct precordia_measuring *const table[] = {
    &portable,
#if defined(__x86_64__)
    &precordia_measuring_avx2,
#endif
};

int32_t precordia_measuring_count(void) { return sizeof table / sizeof table[0]; }

const struct precordia_measuring *precordia_measuring_at(int32_t index) { return table[index]; }

const struct precordia_measuring *precordia_measuring_best(void) {
    int32_t index = precordia_measuring_count() - 1;
    while (index > 0 && !table[index]->supported()) index--;
    return table[index];
}

const char *precordia_measuring_name(const struct precordia_measuring *measuring) { return measuring->name; }

bool precordia_measuring_supported(const struct precordia_measuring *measuring) { return measuring->supported(); }

void precordia_delineate_shared(const struct precordia_measuring *measuring, const float *shared, float *begun) {
    measuring->delineate_shared(shared, begun);
}

void precordia_delineate(
    const struct precordia_measuring *measuring, const float *begun, const float *own, float *scratch, float *edges) {
    measuring->delineate(begun, own, scratch, edges);
}

float precordia_median(
    const struct precordia_measuring *measuring, const float *rows, size_t stride, int32_t number, size_t count, float *median) {
    return measuring->median(rows, stride, number, count, median);
}

void precordia_lay(
    const struct precordia_measuring *measuring, const float *from, float level, float slope, float first, size_t count, float *to) {
    measuring->lay(from, level, slope, first, count, to);
}

void precordia_add(const struct precordia_measuring *measuring, const float *from, size_t count, float *to) {
    measuring->add(from, count, to);
}

float precordia_slope_energy(const struct precordia_measuring *measuring, const float *from, size_t count) {
    return measuring->slope_energy(from, count);
}

void precordia_alike(const struct precordia_measuring *measuring, const float *one, const float *all, size_t count, float *sums) {
    measuring->alike(one, all, count, sums);
}

void precordia_correlate(
    const struct precordia_measuring *measuring, const float *line, const float *mean, size_t count, size_t shifts, float *products,
    float *squares) {
    measuring->correlate(line, mean, count, shifts, products, squares);
}
