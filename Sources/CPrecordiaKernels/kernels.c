// The one table of implementations and the calls through it.
// Separate so that the choice of instruction set is made, and can be read, in one place.
#include "table.h"

static const struct precordia_kernels *const table[] = {
    &precordia_portable,
#if defined(__x86_64__)
    &precordia_sse41,
    &precordia_avx2,
    &precordia_avxvnni,
    &precordia_avx512vnni,
#elif defined(__aarch64__)
    &precordia_neon,
    &precordia_dotprod,
    &precordia_i8mm,
#elif defined(__ARM_NEON)
    &precordia_neon,
#endif
};

int32_t precordia_kernels_count(void) { return sizeof table / sizeof table[0]; }

const struct precordia_kernels *precordia_kernels_at(int32_t index) { return table[index]; }

const struct precordia_kernels *precordia_kernels_best(void) {
    int32_t index = precordia_kernels_count() - 1;
    while (index > 0 && !table[index]->supported()) index--;
    return table[index];
}

const char *precordia_kernels_name(const struct precordia_kernels *kernels) { return kernels->name; }

bool precordia_kernels_supported(const struct precordia_kernels *kernels) { return kernels->supported(); }

size_t precordia_packed_bytes(uint32_t outputs, uint32_t depth) { return (size_t)outputs * (((size_t)depth + 3) / 4 * 4 + 4); }

void precordia_pack(const int8_t *weights, uint32_t outputs, uint32_t depth, void *packed) {
    int32_t *offsets = packed;
    int8_t *blocks = (int8_t *)(offsets + outputs);
    size_t whole = ((size_t)depth + 3) / 4 * 4;
    __builtin_memset(blocks, 0, outputs * whole);
    for (size_t output = 0; output < outputs; output++) {
        const int8_t *row = weights + output * depth;
        int8_t *to = blocks + output / 16 * 16 * whole + output % 16 * 4;
        int32_t sum = 0;
        for (size_t i = 0; i < depth; i++) sum += row[i];
        offsets[output] = 128 * sum;
        for (size_t i = 0; i < depth / 4; i++) __builtin_memcpy(to + 64 * i, row + 4 * i, 4);
        for (size_t i = depth / 4 * 4; i < depth; i++) to[i / 4 * 64 + i % 4] = row[i];
    }
}

void precordia_convolve(
    const struct precordia_kernels *kernels, const struct precordia_convolution *convolution, const uint8_t *input,
    const uint8_t *residual, uint8_t *output, size_t columns) {
    kernels->convolve(convolution, input, residual, output, columns);
}

void precordia_depthwise(
    const struct precordia_kernels *kernels, const struct precordia_convolution *convolution, const uint8_t *input,
    const uint8_t *residual, uint8_t *output, size_t columns) {
    kernels->depthwise(convolution, input, residual, output, columns);
}

void precordia_maximum_pool(
    const struct precordia_kernels *kernels, const uint8_t *input, uint32_t channels, uint32_t stride, uint8_t *output, size_t columns) {
    kernels->maximum_pool(input, channels, stride, output, columns);
}

void precordia_pool(
    const struct precordia_kernels *kernels, const uint8_t *input, uint32_t channels, size_t columns, int32_t *sums, uint8_t *maxima) {
    kernels->pool(input, channels, columns, sums, maxima);
}

void precordia_head(
    const struct precordia_kernels *kernels, const int8_t *mean_weights, const int8_t *maximum_weights, const int32_t *sums,
    const uint8_t *maxima, uint32_t channels, uint32_t labels, int32_t *mean_products, int32_t *maximum_products) {
    kernels->head(mean_weights, maximum_weights, sums, maxima, channels, labels, mean_products, maximum_products);
}

void precordia_flat_head(
    const struct precordia_kernels *kernels, const int8_t *weights, const uint8_t *features, size_t count, uint32_t labels,
    int32_t *products) {
    kernels->flat_head(weights, features, count, labels, products);
}

void precordia_probabilities(
    const struct precordia_kernels *kernels, const float *logits, const double *slopes, const double *offsets, uint32_t labels,
    float *probabilities) {
    kernels->probabilities(logits, slopes, offsets, labels, probabilities);
}
