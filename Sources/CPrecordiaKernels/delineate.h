// The network that finds the edges of waves in a median beat. Loops run over tokens, so that compilers make vectors of them and no sum changes its order.
// Apart from measuring.h, because its weights stand beside it; included as that is.
#ifndef PRECORDIA_DELINEATE_H
#define PRECORDIA_DELINEATE_H

#include "measuring.h"

#include "delineation_weights.h"

enum {
    COLUMNS = PRECORDIA_DELINEATION_COLUMNS,
    OWN = PRECORDIA_DELINEATION_OWN * PATCH,
    SHARED = PRECORDIA_DELINEATION_SHARED * PATCH,
    ANSWERS = PRECORDIA_DELINEATION_EDGES * PATCH,
    TOKENS = COLUMNS / PATCH,
    PAD = 16,
    ROW = TOKENS + 2 * PAD,
    /// Channels that are computed at once, so that sums stay in registers.
    AT_ONCE = 6,
};

_Static_assert(TOKENS % LANES == 0, "tokens");
_Static_assert(HIDDEN % AT_ONCE == 0 && ANSWERS % AT_ONCE == 0, "channels");
_Static_assert(PRECORDIA_DELINEATION_SCRATCH >= (OWN + 2 * HIDDEN + ANSWERS) * TOKENS + AT_ONCE * ROW, "scratch");
_Static_assert(PRECORDIA_DELINEATION_SCRATCH / 4 >= HIDDEN * TOKENS, "shared");

/// Some output channels: to[k] = begun[k] + weights[k][0] in[0] + weights[k][1] in[1] ..., one after the other. Rows of `to` are `row` apart,
/// those of `weights` `width`; without `begun` it is 0.
INLINE void mix(const float *begun, const float *in, const int ins, const float *weights, const int width, const int many, float *to, size_t row) {
    for (int token = 0; token < TOKENS; token += LANES) {
        eight sums[AT_ONCE];
        UNROLLED for (int k = 0; k < many; k++) sums[k] = begun ? AT(begun + k * TOKENS + token) : SPLAT(0.0f);
        for (int from = 0; from < ins; from++) {
            eight x = AT(in + from * TOKENS + token);
            UNROLLED for (int k = 0; k < many; k++) sums[k] += x * weights[k * width + from];
        }
        UNROLLED for (int k = 0; k < many; k++) PUT(to + (size_t)k * row + token, sums[k]);
    }
}

/// One channel's convolution, bias and rectifier; `kept` is what it is added to, or NULL. `from` has zeros about it.
INLINE void convolved(const float *from, const float *taps, int dilation, float bias, const float *kept, float *out) {
    for (int token = 0; token < TOKENS; token += LANES) {
        eight sum = SPLAT(bias);
        UNROLLED for (int tap = 0; tap < TAPS; tap++) sum += taps[tap] * AT(from + token + (tap - TAPS / 2) * dilation);
        sum = MORE(sum, SPLAT(0.0f));
        PUT(out + token, kept ? sum + AT(kept + token) : sum);
    }
}

/// Columns of a channel beside each other become channels of a token.
INLINE void laid(const float *columns, int channels, float *tokens) {
    for (int channel = 0; channel < channels; channel++)
        for (int part = 0; part < PATCH; part++)
            for (int token = 0; token < TOKENS; token++)
                tokens[(channel * PATCH + part) * TOKENS + token] = columns[channel * COLUMNS + token * PATCH + part];
}

static void delineate_shared(const float *shared, float *begun) {
    float tokens[SHARED * TOKENS];
    laid(shared, PRECORDIA_DELINEATION_SHARED, tokens);
    for (int out = 0; out < HIDDEN; out += AT_ONCE)
        mix(NULL, tokens, SHARED, precordia_mixing_first + out * INS + OWN, INS, AT_ONCE, begun + out * TOKENS, TOKENS);
}

static void delineate(const float *begun, const float *own, float *scratch, float *edges) {
    float *first = scratch, *now = first + OWN * TOKENS, *next = now + HIDDEN * TOKENS, *answers = next + HIDDEN * TOKENS;
    float *rows = answers + ANSWERS * TOKENS;
    for (int at = 0; at < AT_ONCE * ROW; at++) rows[at] = 0;
    laid(own, PRECORDIA_DELINEATION_OWN, first);
    for (int layer = 0; layer < LAYERS; layer++) {
        for (int out = 0; out < HIDDEN; out += AT_ONCE) {
            if (layer == 0)
                mix(begun + out * TOKENS, first, OWN, precordia_mixing_first + out * INS, INS, AT_ONCE, rows + PAD, ROW);
            else
                mix(NULL, now, HIDDEN, precordia_mixing_later[layer - 1] + out * HIDDEN, HIDDEN, AT_ONCE, rows + PAD, ROW);
            for (int k = 0; k < AT_ONCE; k++)
                convolved(
                    rows + k * ROW + PAD, precordia_taps[layer] + (out + k) * TAPS, precordia_dilations[layer],
                    precordia_biases[layer][out + k], layer > 0 ? now + (out + k) * TOKENS : NULL, next + (out + k) * TOKENS);
        }
        float *swap = now;
        now = next;
        next = swap;
    }
    for (int out = 0; out < ANSWERS; out += AT_ONCE)
        mix(NULL, now, HIDDEN, precordia_last_mixing + out * HIDDEN, HIDDEN, AT_ONCE, answers + out * TOKENS, TOKENS);
    for (int edge = 0; edge < PRECORDIA_DELINEATION_EDGES; edge++)
        for (int part = 0; part < PATCH; part++)
            for (int token = 0; token < TOKENS; token++)
                edges[edge * COLUMNS + token * PATCH + part] =
                    answers[(edge * PATCH + part) * TOKENS + token] + precordia_last_bias[edge * PATCH + part];
}

#endif
