// The walk over a convolution's columns and channels, in tiles that an instruction set's registers hold.
// Included by each file after its `tile` and ROWS, the most columns of one: a shared function would be compiled for the oldest processor.
#ifndef PRECORDIA_WALK_H
#define PRECORDIA_WALK_H

#define ROWS_CASE(rows) \
    case rows: tile(convolution, from, beside, to, channel, (rows) < ROWS ? (rows) : ROWS); break;

/// Tiles of one strip of channels differ by at most one column, so that none is much slower than the others.
static void convolve(
    const struct precordia_convolution *convolution, const uint8_t *input, const uint8_t *residual, uint8_t *output, size_t columns) {
    size_t step = convolution->step, outputs = convolution->outputs;
    for (size_t channel = 0; channel < outputs; channel += 16) {
        size_t tiles = (columns + ROWS - 1) / ROWS;
        for (size_t column = 0, rows; tiles > 0; tiles--, column += rows) {
            rows = (columns - column + tiles - 1) / tiles;
            const uint8_t *from = input + column * step, *beside = residual ? residual + column * outputs : 0;
            uint8_t *to = output + column * outputs;
            switch (rows) {
                ROWS_CASE(1)
#if ROWS > 1
                ROWS_CASE(2)
#endif
#if ROWS > 2
                ROWS_CASE(3)
                ROWS_CASE(4)
#endif
#if ROWS > 4
                ROWS_CASE(5)
                ROWS_CASE(6)
#endif
#if ROWS > 6
                ROWS_CASE(7)
                ROWS_CASE(8)
#endif
            }
        }
    }
}

#endif
