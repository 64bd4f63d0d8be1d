// The arithmetic on twelve leads for any processor, and the table of its implementations.
// The reference: what the others in the table compute is held to its bits.
#include "exact.h"

#include "lanes.h"

static bool always(void) { return true; }

static const struct precordia_signal portable = {"portable", always, convert, filter, interpolate, gather, tally_add};

static const struct precordia_signal *const table[] = {
    &portable,
#if defined(__x86_64__)
    &precordia_signal_avx2,
    &precordia_signal_avx512,
#endif
};

int32_t precordia_signal_count(void) { return sizeof table / sizeof table[0]; }

const struct precordia_signal *precordia_signal_at(int32_t index) { return table[index]; }

const struct precordia_signal *precordia_signal_best(void) {
    int32_t index = precordia_signal_count() - 1;
    while (index > 0 && !table[index]->supported()) index--;
    return table[index];
}

const char *precordia_signal_name(const struct precordia_signal *signal) { return signal->name; }

bool precordia_signal_supported(const struct precordia_signal *signal) { return signal->supported(); }

void precordia_convert(
    const struct precordia_signal *signal, struct precordia_leads *leads, const int32_t *counts, uint32_t present, uint32_t begins,
    double *microvolts) {
    signal->convert(leads, counts, present, begins, microvolts);
}

void precordia_filter(
    const struct precordia_signal *signal, const struct precordia_section *sections, size_t count, double *states, double *samples,
    size_t columns) {
    signal->filter(sections, count, states, samples, columns);
}

bool precordia_cascade_append(struct precordia_cascade *cascade, struct precordia_section section) {
    if (cascade->count == PRECORDIA_SECTIONS) return false;
    cascade->sections[cascade->count++] = section;
    return true;
}

void precordia_cascade_reset(struct precordia_cascade *cascade) { __builtin_memset(cascade->states, 0, sizeof cascade->states); }

void precordia_cascade_filter(
    const struct precordia_signal *signal, struct precordia_cascade *cascade, double *samples, size_t columns) {
    signal->filter(cascade->sections, cascade->count, cascade->states, samples, columns);
}

void precordia_interpolate(
    const struct precordia_signal *signal, const double *coefficients, const double *samples, size_t taps, double *output) {
    signal->interpolate(coefficients, samples, taps, output);
}

uint32_t precordia_gather(
    const struct precordia_signal *signal, const double *samples, double range, double jump, const double *previous, double *limited,
    double *sums) {
    return signal->gather(samples, range, jump, previous, limited, sums);
}

uint32_t precordia_tally_add(
    const struct precordia_signal *signal, double *tallies, const double *samples, const double *humless, const double *old,
    double *oldest, bool has_past, uint32_t present, const struct precordia_tally_limits *limits) {
    return signal->tally_add(tallies, samples, humless, old, oldest, has_past, present, limits);
}
