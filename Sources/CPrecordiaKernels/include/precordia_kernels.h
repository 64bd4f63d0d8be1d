// The contract of the int8 kernels: everything that PrecordiaNetwork calls, each operation once.
// Separate from the implementations, of which there is one file per instruction set: all give the bits of portable.c.
#ifndef PRECORDIA_KERNELS_H
#define PRECORDIA_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Swift checks real-time functions transitively and cannot look into C: this is our word that a function neither allocates nor locks.
#define PRECORDIA_REALTIME __attribute__((swift_attr("@_noAllocation"))) __attribute__((swift_attr("@_noLocks")))

#pragma clang assume_nonnull begin

/// One implementation of the operations below. Constant data; any number of threads may use it.
struct precordia_kernels;

/// Implementations compiled in for this architecture, slowest first. Index 0 is the portable reference.
PRECORDIA_REALTIME int32_t precordia_kernels_count(void);
/// The implementation at an index below the count.
PRECORDIA_REALTIME const struct precordia_kernels *precordia_kernels_at(int32_t index);
/// The fastest implementation that this processor and operating system can run. Asks the processor each time: call it at start.
PRECORDIA_REALTIME const struct precordia_kernels *precordia_kernels_best(void);
/// A stable name: portable, sse41, avx2, avxvnni, avx512vnni, neon, dotprod, i8mm. Zero-terminated, never freed.
PRECORDIA_REALTIME const char *precordia_kernels_name(const struct precordia_kernels *kernels);
/// Whether this processor and operating system can run it. Calling an operation of one that they cannot run is an illegal instruction.
PRECORDIA_REALTIME bool precordia_kernels_supported(const struct precordia_kernels *kernels);

/// Runs nothing but the multiplication that an implementation is built on, in registers, and gives how many multiply-accumulates that were: about
/// 768 a round with 512-bit registers. 0, and nothing run, where no such measure is known, as for portable. For a measurement alone.
PRECORDIA_REALTIME uint64_t precordia_kernels_peak(const struct precordia_kernels *kernels, uint32_t rounds);

/// A fused convolution: int32 dot products, requantisation, optional residual, clamp, rounding.
///
/// Activations are u8, one time column after another with the channels of a column contiguous, so what an output column reads is one
/// run of `depth` bytes. The arithmetic is that of docs/model-format.md, step 2.
struct precordia_convolution {
    /// Written by precordia_pack; multiple of 64.
    const void *packed;
    /// [outputs]
    const int32_t *bias;
    /// [outputs], finite
    const float *scale;
    /// Bytes that an output column reads: kernel * input channels, a multiple of 4.
    uint32_t depth;
    /// Bytes from the first byte that one output column reads to the first that the next reads: stride * input channels.
    uint32_t step;
    /// Output channels, a multiple of 16.
    uint32_t outputs;
    /// Zero point of the residual tensor.
    int32_t residual_zero;
    /// Finite; used only where a residual is given.
    float residual_scale;
    /// Bounds before rounding: -128 and 127, or 0 and 255 for a rectifier.
    float low, high;
    /// Added after rounding: 128, or 0 for a rectifier. With it the bounds are 0 and 255, to which a kernel may saturate instead.
    int32_t zero;
};

/// Bytes of packed weights: outputs * (depth rounded up to a multiple of 4, + 4).
PRECORDIA_REALTIME size_t precordia_packed_bytes(uint32_t outputs, uint32_t depth);

/// Packs s8 weights [outputs][depth], of a depthwise convolution [channels][taps], into the layout that all kernels share: s32 [outputs],
/// 128 * the sum of the output's weights, which a kernel that multiplies signed by signed adds back; then [outputs/16][depth/4][16][4],
/// a depth that is no multiple of 4 filled up with 0. `packed` is a multiple of 64.
PRECORDIA_REALTIME void precordia_pack(const int8_t *weights, uint32_t outputs, uint32_t depth, void *packed);

/// Computes `columns` output columns. `input` is the first byte that the first of them reads; `residual` is the residual tensor's column
/// beside the first, with as many channels, or null. Reads and writes nothing outside these columns.
PRECORDIA_REALTIME void precordia_convolve(
    const struct precordia_kernels *kernels, const struct precordia_convolution *convolution, const uint8_t *input,
    const uint8_t *_Nullable residual, uint8_t *output, size_t columns);

/// Computes `columns` output columns of a depthwise convolution, each channel from its own; the rest is as in precordia_convolve.
/// `convolution->depth` is taps * outputs, the bytes that an output column reads.
PRECORDIA_REALTIME void precordia_depthwise(
    const struct precordia_kernels *kernels, const struct precordia_convolution *convolution, const uint8_t *input,
    const uint8_t *_Nullable residual, uint8_t *output, size_t columns);

/// The largest of each `stride` columns, by channel. `channels` is a multiple of 16.
PRECORDIA_REALTIME void precordia_maximum_pool(
    const struct precordia_kernels *kernels, const uint8_t *input, uint32_t channels, uint32_t stride, uint8_t *output, size_t columns);

/// Sum and maximum over at least 0 columns, by channel; 0 over none. `channels` is a multiple of 16, columns below 2^23.
PRECORDIA_REALTIME void precordia_pool(
    const struct precordia_kernels *kernels, const uint8_t *input, uint32_t channels, size_t columns, int32_t *sums, uint8_t *maxima);

/// For each label the dot products of its s8 weights with the sums and with the maxima, exact in 32 bits if no sum overflows.
/// `channels` is a multiple of 16.
PRECORDIA_REALTIME void precordia_head(
    const struct precordia_kernels *kernels, const int8_t *mean_weights, const int8_t *maximum_weights, const int32_t *sums,
    const uint8_t *maxima, uint32_t channels, uint32_t labels, int32_t *mean_products, int32_t *maximum_products);

/// For each label the dot product of its s8 weights [labels][count] with all features, exact in 32 bits if no sum overflows.
/// `count` is a multiple of 16.
PRECORDIA_REALTIME void precordia_flat_head(
    const struct precordia_kernels *kernels, const int8_t *weights, const uint8_t *features, size_t count, uint32_t labels,
    int32_t *products);

/// For each label the probability logistic(slope * logit + offset), by the arithmetic of docs/model-format.md, step 5.
PRECORDIA_REALTIME void precordia_probabilities(
    const struct precordia_kernels *kernels, const float *logits, const double *slopes, const double *offsets, uint32_t labels,
    float *probabilities);

#pragma clang assume_nonnull end

#endif
