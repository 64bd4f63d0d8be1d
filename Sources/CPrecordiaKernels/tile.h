// A register tile of a convolution, written once for every instruction set that adds four products of bytes to a 32-bit lane.
// Included by each file after its own few operations, below: a shared function would be compiled once, for the oldest processor.
//
//     sums         a register of LANES channels' sums, and whatever it takes to have them exact; SETS of them are sixteen channels
//     weights      what accumulate wants of 4 * LANES weights, and `weights_at` that makes it of packed ones
//     activations  the same of as many bytes: `activations_at`, and `activations_of` that repeats four bytes for all lanes
//     accumulate   sums, activations, weights -> sums
//     begin        a channel's first sums: the bias
//     store        sixteen channels' sums -> requantised bytes of a column
//     HOLDS        what stays in registers over the other: WEIGHTS, or ACTIVATIONS where registers are few
#ifndef PRECORDIA_TILE_H
#define PRECORDIA_TILE_H

enum { SETS = 16 / LANES, WEIGHTS = 0, ACTIVATIONS = 1 };

/// `rows` columns by 16 channels, all sums in registers.
INLINE void tile(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t channel,
    const int rows) {
    size_t depth = convolution->depth, step = convolution->step, outputs = convolution->outputs;
    const int8_t *packed = packed_weights(convolution) + channel * depth;
    sums all[ROWS][SETS];
    UNROLLED for (int r = 0; r < rows; r++) UNROLLED for (int s = 0; s < SETS; s++) all[r][s] = begin(convolution, channel + LANES * s);
    for (size_t i = 0; i < depth; i += 4, packed += 64) {
        if (HOLDS == WEIGHTS) {
            weights w[SETS];
            UNROLLED for (int s = 0; s < SETS; s++) w[s] = weights_at(packed + 4 * LANES * s);
            UNROLLED for (int r = 0; r < rows; r++) {
                activations x = activations_of(input + r * step + i);
                UNROLLED for (int s = 0; s < SETS; s++) all[r][s] = accumulate(all[r][s], x, w[s]);
            }
        } else {
            activations x[ROWS];
            UNROLLED for (int r = 0; r < rows; r++) x[r] = activations_of(input + r * step + i);
            UNROLLED for (int s = 0; s < SETS; s++) {
                weights w = weights_at(packed + 4 * LANES * s);
                UNROLLED for (int r = 0; r < rows; r++) all[r][s] = accumulate(all[r][s], x[r], w);
            }
        }
    }
    UNROLLED for (int r = 0; r < rows; r++)
        store(convolution, channel, all[r], residual ? residual + r * outputs + channel : 0, output + r * outputs + channel);
}

#endif
