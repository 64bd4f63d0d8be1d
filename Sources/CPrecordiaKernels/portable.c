// The reference: plain C for any processor. Every other file must give these bits.
// Separate because it is what the others are tested against, and must stay readable as the specification's arithmetic.
#include "common.h"

static uint8_t requantised(const struct precordia_convolution *convolution, size_t channel, int32_t sum, const uint8_t *residual) {
    float t = (float)sum * convolution->scale[channel];
    if (residual) t = t + (float)((int32_t)residual[channel] - convolution->residual_zero) * convolution->residual_scale;
    t = t < convolution->low ? convolution->low : t;
    t = t > convolution->high ? convolution->high : t;
    // 1.5 * 2^23: the sum's last bit is worth 1, so the addition rounds to the nearest even integer, which is then in the low bits.
    float shifted = t + 12582912.0f;
    int32_t bits;
    __builtin_memcpy(&bits, &shifted, sizeof bits);
    return (uint8_t)(bits - 0x4B400000 + convolution->zero);
}

static void convolve(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t depth = convolution->depth, outputs = convolution->outputs;
    for (size_t column = 0; column < columns; column++) {
        const uint8_t *from = input + column * convolution->step;
        const uint8_t *beside = residual ? residual + column * outputs : 0;
        for (size_t block = 0; block < outputs; block += 16) {
            const int8_t *weights = (const int8_t *)convolution->packed + block * depth;
            int32_t sums[16];
            __builtin_memcpy(sums, convolution->bias + block, sizeof sums);
            for (size_t i = 0; i < depth; i += 4, weights += 64)
                for (size_t k = 0; k < 16; k++)
                    sums[k] += weights[k * 4] * from[i] + weights[k * 4 + 1] * from[i + 1] + weights[k * 4 + 2] * from[i + 2]
                        + weights[k * 4 + 3] * from[i + 3];
            for (size_t k = 0; k < 16; k++)
                output[column * outputs + block + k] = requantised(convolution, block + k, sums[k], beside);
        }
    }
}

static bool supported(void) { return true; }

const struct precordia_kernels precordia_portable = {"portable", supported, convolve, maximum_pool, pool, head};
