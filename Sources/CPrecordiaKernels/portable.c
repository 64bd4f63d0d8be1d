// The reference: plain C for any processor. Every other file must give these bits.
// Separate because it is what the others are tested against, and must stay readable as the specification's arithmetic.
#include "exact.h"

#include "common.h"

/// One channel's next four weights times four bytes of a column. The weights are taken apart from a whole little-endian 32-bit number,
/// because compilers then vectorise over the channels, and see that the factors fit the processor's 16-bit multiplier.
static inline int32_t product(const int8_t *weights, const uint8_t *x) {
    uint32_t four;
    __builtin_memcpy(&four, weights, 4);
    int32_t w0 = (int32_t)(four << 24) >> 24, w1 = (int32_t)(four << 16) >> 24, w2 = (int32_t)(four << 8) >> 24, w3 = (int32_t)four >> 24;
    return w0 * x[0] + w1 * x[1] + w2 * x[2] + w3 * x[3];
}

/// Sixteen channels of one column, or of two that share the work of taking the weights apart.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *weights = packed_weights(convolution) + channel * depth;
    int32_t sums[2][16];
    for (int r = 0; r < rows; r++) __builtin_memcpy(sums[r], convolution->bias + channel, sizeof sums[r]);
    // A 128-bit register holds four of the sixteen channels. Unrolling the four steps gains a tenth, and -O2 does not do it unasked.
    for (size_t i = 0; i < depth; i += 4, weights += 64)
        _Pragma("clang loop unroll_count(4)") for (size_t k = 0; k < 16; k++)
            for (int r = 0; r < rows; r++) sums[r][k] += product(weights + 4 * k, input + r * step + i);
    for (int r = 0; r < rows; r++)
        for (size_t k = 0; k < 16; k++)
            output[r * outputs + channel + k] =
                requantised_one(convolution, channel + k, sums[r][k], residual ? residual + r * outputs : 0);
}

#define ROWS 2
#include "walk.h"
#include "head.h"

static bool supported(void) { return true; }

const struct precordia_kernels precordia_portable = {"portable", supported, convolve, plain_depthwise, maximum_pool, pool, head, flat_head, probabilities};
