// What an implementation of the arithmetic of measuring provides. Private: callers go through the functions of precordia_measuring.h.
#ifndef PRECORDIA_MEASURING_TABLE_H
#define PRECORDIA_MEASURING_TABLE_H

#include "precordia_measuring.h"

struct precordia_measuring {
    const char *name;
    bool (*supported)(void);
    void (*delineate_shared)(const float *shared, float *begun);
    void (*delineate)(const float *begun, const float *own, float *scratch, float *edges);
    float (*median)(const float *rows, size_t stride, int32_t number, size_t count, float *median);
    void (*lay)(const float *from, float level, float slope, float first, size_t count, float *to);
    void (*add)(const float *from, size_t count, float *to);
    float (*slope_energy)(const float *from, size_t count);
    void (*alike)(const float *one, const float *all, size_t count, float *sums);
    void (*correlate)(const float *line, const float *mean, size_t count, size_t shifts, float *products, float *squares);
};

#if defined(__x86_64__)
extern const struct precordia_measuring precordia_measuring_avx2;
#endif

#endif
