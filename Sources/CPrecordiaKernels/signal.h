// What an implementation of the arithmetic on twelve leads provides. Private: callers go through the functions of precordia_signal.h.
#ifndef PRECORDIA_SIGNAL_TABLE_H
#define PRECORDIA_SIGNAL_TABLE_H

#include "precordia_signal.h"

struct precordia_signal {
    const char *name;
    bool (*supported)(void);
    void (*convert)(struct precordia_leads *leads, const int32_t *counts, uint32_t present, uint32_t begins, double *microvolts);
    void (*filter)(const struct precordia_section *sections, size_t count, double *states, double *samples, size_t columns);
    void (*interpolate)(const double *coefficients, const double *samples, size_t taps, double *output);
    uint32_t (*gather)(const double *samples, double range, double jump, const double *previous, double *limited, double *sums);
    uint32_t (*tally_add)(
        double *tallies, const double *samples, const double *humless, const double *old, double *oldest, bool has_past, uint32_t present,
        const struct precordia_tally_limits *limits);
};

#if defined(__x86_64__)
extern const struct precordia_signal precordia_signal_avx2;
extern const struct precordia_signal precordia_signal_avx512;
#endif

#endif
