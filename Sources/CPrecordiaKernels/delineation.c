// The network that finds the edges of waves in a median beat. Loops run over columns, so that compilers make vectors of them and no sum changes its order.
// Apart from the int8 kernels, which are for the classifier's layers alone.

#include "exact.h"

#include "precordia_delineation.h"

#include "delineation_weights.h"

enum { COLUMNS = PRECORDIA_DELINEATION_COLUMNS, PAD = 32, TAPS = 9 };

_Static_assert(PRECORDIA_DELINEATION_SCRATCH >= 2 * HIDDEN * COLUMNS + COLUMNS + 2 * PAD, "scratch");

/// sum += weights[0] in[0] + weights[1] in[1] ..., one after the other, four at a time in registers. `count` is a multiple of two.
static void mix(float *restrict sum, const float *restrict in, const float *restrict weights, int count) {
    int from = 0;
    for (; from + 4 <= count; from += 4) {
        const float *a = in + from * COLUMNS, *b = a + COLUMNS, *c = b + COLUMNS, *d = c + COLUMNS;
        float wa = weights[from], wb = weights[from + 1], wc = weights[from + 2], wd = weights[from + 3];
        for (int column = 0; column < COLUMNS; column++)
            sum[column] = (((sum[column] + wa * a[column]) + wb * b[column]) + wc * c[column]) + wd * d[column];
    }
    for (; from + 2 <= count; from += 2) {
        const float *a = in + from * COLUMNS, *b = a + COLUMNS;
        float wa = weights[from], wb = weights[from + 1];
        for (int column = 0; column < COLUMNS; column++) sum[column] = (sum[column] + wa * a[column]) + wb * b[column];
    }
}

/// One output channel of a layer, rectified; `kept` is what it is added to, or NULL.
static void channel(
    const float *in, int ins, const float *mixing, const float *taps, int dilation, float bias, float *row, const float *kept, float *restrict out) {
    for (int column = 0; column < COLUMNS + 2 * PAD; column++) row[column] = 0;
    mix(row + PAD, in, mixing, ins);
    const float *from = row + PAD - TAPS / 2 * dilation;
    for (int column = 0; column < COLUMNS; column++) {
        float sum = bias;
        for (int tap = 0; tap < TAPS; tap++) sum += taps[tap] * from[column + tap * dilation];
        out[column] = sum > 0 ? sum : 0;
    }
    if (kept)
        for (int column = 0; column < COLUMNS; column++) out[column] += kept[column];
}

void precordia_delineate(const float *channels, float *scratch, float *edges) {
    float *now = scratch, *next = scratch + HIDDEN * COLUMNS, *row = scratch + 2 * HIDDEN * COLUMNS;
    const float *in = channels;
    int ins = PRECORDIA_DELINEATION_CHANNELS;
    for (int layer = 0; layer < LAYERS; layer++) {
        const float *mixing = layer == 0 ? mixing_first : mixing_later[layer - 1];
        for (int out = 0; out < HIDDEN; out++) {
            const float *kept = layer > 0 ? in + out * COLUMNS : NULL;
            channel(in, ins, mixing + out * ins, taps_of[layer] + out * TAPS, dilations[layer], biases[layer][out], row, kept, next + out * COLUMNS);
        }
        float *swap = now;
        now = next;
        next = swap;
        in = now;
        ins = HIDDEN;
    }
    for (int edge = 0; edge < PRECORDIA_DELINEATION_EDGES; edge++) {
        float *to = edges + edge * COLUMNS;
        for (int column = 0; column < COLUMNS; column++) to[column] = last_bias[edge];
        mix(to, in, last_mixing + edge * HIDDEN, HIDDEN);
    }
}
