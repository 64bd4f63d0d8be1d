// Depthwise convolutions, written once for every instruction set that adds four products of bytes to a 32-bit lane: here, of four taps.
// Included by each file after the operations that tile.h lists, and after `interleave`.
//
// An instruction set that stores several columns' 16 channels together says how many in COLUMNS, and has `store_columns` for `store`.
//
//     interleave   four rows of 16 channels, byte by byte, to [channel][row]: what one group of four taps multiplies
#ifndef PRECORDIA_DEPTHWISE_H
#define PRECORDIA_DEPTHWISE_H

// Groups of four taps that are done here; a longer kernel takes the plain way.
enum { MOST_GROUPS = 8, MOST_FOURS = 64 };

#ifndef COLUMNS
#define COLUMNS 1
#define store_columns(convolution, channel, all, residual, output, columns) store(convolution, channel, all, residual, output)
#endif

/// `columns` columns of 16 channels. `fours` is the first column's first group of interleaved rows; the next column's is `step` bytes on,
/// the next group's `jump`.
INLINE void depthwise_tile(
    const struct precordia_convolution *convolution, size_t channel, const uint8_t *fours, size_t step, size_t jump, const int groups,
    const uint8_t *residual, uint8_t *output, const int columns) {
    const int8_t *packed = packed_weights(convolution) + channel * 4 * groups;
    sums all[COLUMNS * SETS];
    UNROLLED for (int k = 0; k < columns; k++)
        UNROLLED for (int s = 0; s < SETS; s++) all[k * SETS + s] = begin(convolution, channel + LANES * s);
    for (int g = 0; g < groups; g++)
        UNROLLED for (int s = 0; s < SETS; s++) {
            weights w = weights_at(packed + 64 * g + 4 * LANES * s);
            UNROLLED for (int k = 0; k < columns; k++) all[k * SETS + s] =
                accumulate(all[k * SETS + s], activations_at(fours + k * step + g * jump + 4 * LANES * s), w);
        }
    store_columns(convolution, channel, all, residual, output, columns);
}

/// `columns` columns of 16 channels, with a constant number of groups where this is inlined, so that their weights stay in registers.
INLINE void depthwise_columns(
    const struct precordia_convolution *convolution, size_t channel, const uint8_t *fours, size_t unit, const int groups,
    const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t channels = convolution->outputs, step = convolution->step / channels / unit * 64, jump = 4 / unit * 64, k = 0;
    const uint8_t *beside = residual ? residual + channel : 0;
    output += channel;
    for (; k + COLUMNS <= columns; k += COLUMNS, output += COLUMNS * channels, beside += beside ? COLUMNS * channels : 0)
        depthwise_tile(convolution, channel, fours + k * step, step, jump, groups, beside, output, COLUMNS);
    for (; k < columns; k++, output += channels, beside += beside ? channels : 0)
        depthwise_tile(convolution, channel, fours + k * step, step, jump, groups, beside, output, 1);
}

#define GROUPS_CASE(groups) \
    case groups: depthwise_columns(convolution, channel, fours, unit, groups, beside, to, count); break;

/// Rows are interleaved once for all the columns that read them: into a buffer small enough for the stack, and for the first-level cache.
static void depthwise(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t channels = convolution->outputs, taps = convolution->depth / channels, stride = convolution->step / channels;
    size_t groups = (taps + 3) / 4, unit = stride % 4 == 0 ? 4 : stride % 2 == 0 ? 2 : 1;
    if (groups > MOST_GROUPS) {
        plain_depthwise(convolution, input, residual, output, columns);
        return;
    }
    _Alignas(64) uint8_t fours[MOST_FOURS * 64];
    size_t behind = (groups - 1) * (4 / unit) + 1, most = (MOST_FOURS - behind) / (stride / unit) + 1;
    for (size_t column = 0; column < columns; column += most) {
        size_t count = columns - column < most ? columns - column : most;
        const uint8_t *beside = residual ? residual + column * channels : 0;
        uint8_t *to = output + column * channels;
        for (size_t channel = 0; channel < channels; channel += 16) {
            interleave(
                input + column * convolution->step + channel, channels, (count - 1) * stride + taps, unit, fours,
                (count - 1) * (stride / unit) + behind);
            switch (groups) {
                GROUPS_CASE(1)
                GROUPS_CASE(2)
                GROUPS_CASE(3)
                GROUPS_CASE(4)
            default: depthwise_columns(convolution, channel, fours, unit, (int)groups, beside, to, count);
            }
        }
    }
}

#endif
