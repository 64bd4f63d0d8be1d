// What an implementation provides. Private: callers go through the functions of precordia_kernels.h.
#ifndef PRECORDIA_TABLE_H
#define PRECORDIA_TABLE_H

#include "precordia_kernels.h"

struct precordia_kernels {
    const char *name;
    bool (*supported)(void);
    void (*convolve)(
        const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns);
    void (*depthwise)(
        const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns);
    void (*maximum_pool)(const uint8_t *input, uint32_t channels, uint32_t stride, uint8_t *output, size_t columns);
    void (*pool)(const uint8_t *input, uint32_t channels, size_t columns, int32_t *sums, uint8_t *maxima);
    void (*head)(
        const int8_t *mean_weights, const int8_t *maximum_weights, const int32_t *sums, const uint8_t *maxima, uint32_t channels,
        uint32_t labels, int32_t *mean_products, int32_t *maximum_products);
    void (*flat_head)(const int8_t *weights, const uint8_t *features, size_t count, uint32_t labels, int32_t *products);
    void (*probabilities)(const float *logits, const double *slopes, const double *offsets, uint32_t labels, float *results);
};

extern const struct precordia_kernels precordia_portable;
#if defined(__x86_64__)
extern const struct precordia_kernels precordia_sse41;
extern const struct precordia_kernels precordia_avx2;
extern const struct precordia_kernels precordia_avxvnni;
extern const struct precordia_kernels precordia_avx512vnni;
#elif defined(__ARM_NEON)
extern const struct precordia_kernels precordia_neon;
#if defined(__aarch64__)
extern const struct precordia_kernels precordia_dotprod;
extern const struct precordia_kernels precordia_i8mm;
#endif
#endif

#endif
