// Every kernel that the processor has against the portable one, on random and extreme shapes and numbers; one line for each.
// In C, and apart from the Swift tests, so that it runs under an emulator for processors that this machine is not.
//
//     kernels [NAME ...]    fails also where a kernel of these names is not compiled in, or not supported
//     kernels --fault       spoils one byte of every output: must fail
#include "precordia_kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;
static bool faulty;

/// SplitMix64.
static uint32_t next(uint32_t below) {
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

/// Zeroed, at a multiple of 64.
static void *memory(size_t bytes) {
    void *taken = aligned_alloc(64, (bytes + 64) / 64 * 64);
    if (!taken) exit(2);
    return memset(taken, 0, (bytes + 64) / 64 * 64);
}

struct shape {
    uint32_t inputs, outputs, kernel, stride, columns;
    bool depthwise, residual, rectifies, extreme;
};

static uint8_t byte(bool extreme) { return extreme ? (next(4) ? 255 : 0) : (uint8_t)next(256); }
static int8_t weight(bool extreme) { return extreme ? (next(4) ? -128 : 127) : (int8_t)(next(256) - 128); }

/// Where the first byte differs from the portable kernel's, or the bytes behind the output were touched; -1 where nothing did.
static long difference(const struct precordia_kernels *kernels, struct shape s, uint64_t seed) {
    state = seed;
    uint32_t row = s.depthwise ? s.kernel : s.kernel * s.inputs, channels = s.depthwise ? s.outputs : s.inputs;
    size_t weights = (size_t)s.outputs * row, written = (size_t)s.columns * s.outputs, guard = 64;
    size_t read = ((size_t)(s.columns - 1) * s.stride + s.kernel) * channels;
    int8_t *w = memory(weights);
    // The input ends with its memory, so that a tool that watches memory sees what is read behind it.
    uint8_t *x = malloc(read), *r = memory(written), *expected = memory(written), *got = memory(written + guard);
    int32_t *bias = memory(s.outputs * 4);
    float *scale = memory(s.outputs * 4);
    void *packed = memory(precordia_packed_bytes(s.outputs, row));
    for (size_t i = 0; i < weights; i++) w[i] = i < row && s.extreme ? -128 : weight(s.extreme);
    for (size_t i = 0; i < read; i++) x[i] = i < (size_t)s.kernel * channels && s.extreme ? 255 : byte(s.extreme);
    for (size_t i = 0; i < written; i++) r[i] = byte(s.extreme);
    for (uint32_t i = 0; i < s.outputs; i++) {
        bias[i] = (int32_t)next(20000) - 10000;
        scale[i] = s.extreme && next(2) ? (next(2) ? 0.5f : next(2) ? 1e9f : 1e-45f) : (float)(1 + next(100)) / (float)(row * 2000);
    }
    precordia_pack(w, s.outputs, row, packed);
    memset(got, 0xA5, written + guard);
    struct precordia_convolution convolution = {
        packed, bias, scale, s.kernel * channels, s.stride * channels, s.outputs, 128, (float)next(100) / 50, s.rectifies ? 0 : -128,
        s.rectifies ? 255 : 127, s.rectifies ? 0 : 128};
    const struct precordia_kernels *portable = precordia_kernels_at(0);
    const uint8_t *beside = s.residual ? r : NULL;
    (s.depthwise ? precordia_depthwise : precordia_convolve)(portable, &convolution, x, beside, expected, s.columns);
    (s.depthwise ? precordia_depthwise : precordia_convolve)(kernels, &convolution, x, beside, got, s.columns);
    if (faulty) got[written - 1] ^= 1;
    long at = -1;
    for (size_t i = 0; i < written && at < 0; i++)
        if (got[i] != expected[i]) at = (long)i;
    for (size_t i = written; i < written + guard && at < 0; i++)
        if (got[i] != 0xA5) at = (long)i;
    void *all[] = {w, x, r, expected, got, bias, scale, packed};
    for (int i = 0; i < 8; i++) free(all[i]);
    return at;
}

/// Pools, and the head's products, of one random window.
static bool same_window(const struct precordia_kernels *kernels, uint32_t channels, uint32_t columns, uint64_t seed) {
    enum { LABELS = 21 };
    state = seed;
    size_t count = (size_t)channels * columns;
    uint8_t *x = memory(count), *pooled[2] = {memory(count), memory(count)}, *maxima[2] = {memory(channels), memory(channels)};
    int8_t *w = memory(LABELS * count), *mean = memory(LABELS * channels);
    int32_t *sums[2] = {memory(channels * 4), memory(channels * 4)}, products[2][3][LABELS] = {0};
    for (size_t i = 0; i < count; i++) x[i] = byte(seed % 2);
    for (size_t i = 0; i < LABELS * count; i++) w[i] = weight(seed % 2);
    for (size_t i = 0; i < LABELS * channels; i++) mean[i] = weight(seed % 2);
    for (int i = 0; i < 2; i++) {
        const struct precordia_kernels *one = i ? kernels : precordia_kernels_at(0);
        precordia_maximum_pool(one, x, channels, 1 + columns % 5, pooled[i], columns / (1 + columns % 5));
        precordia_pool(one, x, channels, columns, sums[i], maxima[i]);
        precordia_head(one, mean, mean, sums[i], maxima[i], channels, LABELS, products[i][0], products[i][1]);
        precordia_flat_head(one, w, x, count, LABELS, products[i][2]);
    }
    float logits[LABELS], answers[2][LABELS];
    double slopes[LABELS], offsets[LABELS];
    for (int i = 0; i < LABELS; i++) {
        logits[i] = next(9) ? (float)(products[0][0][i] % 9999) / 512 : next(2) ? 1e30f : 0;
        slopes[i] = (double)next(400) / 100 - 1;
        offsets[i] = (double)next(400) / 100 - 2;
    }
    precordia_probabilities(precordia_kernels_at(0), logits, slopes, offsets, LABELS, answers[0]);
    precordia_probabilities(kernels, logits, slopes, offsets, LABELS, answers[1]);
    bool same = !memcmp(answers[0], answers[1], sizeof answers[0]) && !memcmp(pooled[0], pooled[1], count) && !memcmp(maxima[0], maxima[1], channels) &&
                !memcmp(sums[0], sums[1], channels * 4) && !memcmp(products[0], products[1], sizeof products[0]);
    void *all[] = {x, pooled[0], pooled[1], maxima[0], maxima[1], w, mean, sums[0], sums[1]};
    for (int i = 0; i < 9; i++) free(all[i]);
    return same;
}

static int compare(const struct precordia_kernels *kernels) {
    const char *name = precordia_kernels_name(kernels);
    int cases = 0;
    for (uint64_t seed = 1; seed <= 600; seed++, cases++) {
        state = seed * 977;
        static const uint32_t inputs[] = {8, 12, 16, 48, 96};
        uint32_t kernel = seed % 5 == 0 ? 1 : 1 + next(seed % 7 == 0 ? 40 : 17);
        struct shape s = {
            inputs[next(5)], 16 * (1 + next(9)), kernel, 1 + next(kernel), 1 + next(seed % 3 ? 9 : 80),
            seed % 2, next(2), next(2), next(2)};
        long at = difference(kernels, s, seed);
        if (at < 0) continue;
        printf("%s: byte %ld differs from portable's: seed %d, %s of %u inputs, %u outputs, kernel %u, stride %u, %u columns\n", name, at,
               (int)seed, s.depthwise ? "depthwise" : "convolution", (unsigned)s.inputs, (unsigned)s.outputs, (unsigned)s.kernel,
               (unsigned)s.stride, (unsigned)s.columns);
        return 1;
    }
    for (uint64_t seed = 1; seed <= 60; seed++, cases++) {
        state = seed;
        uint32_t channels = 16 * (1 + next(20)), columns = seed % 10 ? 1 + next(60) : 1 + next(700);
        if (same_window(kernels, channels, columns, seed)) continue;
        printf("%s: pools or head differ from portable's: seed %d, %u channels, %u columns\n", name, (int)seed, (unsigned)channels,
               (unsigned)columns);
        return 1;
    }
    printf("%s: %d random and extreme cases as portable\n", name, cases);
    return 0;
}

int main(int count, char **wanted) {
    int faults = 0;
    if (count == 2 && !strcmp(wanted[1], "--fault")) faulty = count--;
    for (int32_t i = 1; i < precordia_kernels_count(); i++) {
        const struct precordia_kernels *kernels = precordia_kernels_at(i);
        if (precordia_kernels_supported(kernels)) faults += compare(kernels);
        else printf("%s: not on this processor\n", precordia_kernels_name(kernels));
    }
    for (int w = 1; w < count; w++) {
        bool there = false;
        for (int32_t i = 0; i < precordia_kernels_count(); i++) {
            const struct precordia_kernels *kernels = precordia_kernels_at(i);
            there |= precordia_kernels_supported(kernels) && !strcmp(wanted[w], precordia_kernels_name(kernels));
        }
        if (!there) printf("%s: expected here, and not there\n", wanted[w]);
        faults += !there;
    }
    printf("best: %s\n", precordia_kernels_name(precordia_kernels_best()));
    return faults != 0;
}
