// The heads: dot products of a label's weights with the window's features.
// Included last by each file, after `dot` where it has one: a shared function would be compiled once, for the oldest processor.
#ifndef PRECORDIA_HEAD_H
#define PRECORDIA_HEAD_H

#ifndef HAS_DOT
INLINE int32_t dot(const int8_t *restrict weights, const uint8_t *restrict features, size_t count) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += weights[i] * features[i];
    return sum;
}
#endif

// Channels of one step, so that their sums' bytes fit the stack.
enum { STEP = 256 };

/// Each sum is taken apart into its bytes, as many as the largest needs, so that a mean's products are those of bytes too.
static void head(
    const int8_t *mean_weights, const int8_t *maximum_weights, const int32_t *sums, const uint8_t *maxima, uint32_t channels,
    uint32_t labels, int32_t *mean_products, int32_t *maximum_products) {
    _Alignas(64) uint8_t bytes[4][STEP];
    __builtin_memset(mean_products, 0, labels * sizeof *mean_products);
    __builtin_memset(maximum_products, 0, labels * sizeof *maximum_products);
    for (size_t c = 0; c < channels; c += STEP) {
        size_t count = channels - c < STEP ? channels - c : STEP;
        uint32_t all = 0;
        for (size_t i = 0; i < count; i++) all |= (uint32_t)sums[c + i];
        for (int b = 0; b < 4 && all >> 8 * b != 0; b++)
            for (size_t i = 0; i < count; i++) bytes[b][i] = (uint8_t)((uint32_t)sums[c + i] >> 8 * b);
        for (size_t label = 0; label < labels; label++) {
            const int8_t *mean = mean_weights + label * channels + c;
            uint32_t product = 0;
            for (int b = 0; b < 4 && all >> 8 * b != 0; b++) product += (uint32_t)dot(mean, bytes[b], count) << 8 * b;
            mean_products[label] = (int32_t)((uint32_t)mean_products[label] + product);
            maximum_products[label] += dot(maximum_weights + label * channels + c, maxima + c, count);
        }
    }
}

static void flat_head(const int8_t *weights, const uint8_t *features, size_t count, uint32_t labels, int32_t *products) {
    for (size_t label = 0; label < labels; label++) products[label] = dot(weights + label * count, features, count);
}

#endif
