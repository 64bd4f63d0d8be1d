// Trains the network of delineate.h on samples that tools/delineate writes, by Adam. In C, because numpy takes ten times as long.
// Apart from the kernels: it runs on the machine that trains, with whatever vectors that has, and promises no bits.
//
//     train SAMPLES WEIGHTS EPOCHS SEED    SAMPLES: int32 count, then each as struct sample; WEIGHTS: the mean of late weights, as struct weights
//     train                                compares gradients with differences, compiled with -DREAL=double
#include <tgmath.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef REAL
#define REAL float
#endif
typedef REAL real;

/// The network's shape, as in delineation_weights.h.
enum { PATCH = 2, HIDDEN = 24, TAPS = 5, LAYERS = 4 };
static const int dilations[LAYERS] = {1, 2, 4, 1};
/// How far P and T are moved against the QRS complex (columns, SD 2.5 and 5 times this), the steps of learning, how weights fade, and the memory of their mean.
static const real WARP = 1.0f, RATE = 6e-3f, DECAY = 1e-4f, MEMORY = 0.999f;
enum { COLUMNS = 160, CHANNELS = 6, EDGES = 6, INS = CHANNELS * PATCH, OUTS = EDGES * PATCH, TOKENS = COLUMNS / PATCH, PAD = 32, ROW = TOKENS + 2 * PAD, BATCH = 64 };

/// Weights, gradients and Adam's moments are all laid out as this.
struct weights {
    real first[HIDDEN][INS], later[LAYERS - 1][HIDDEN][HIDDEN], taps[LAYERS][HIDDEN][TAPS], biases[LAYERS][HIDDEN], last[OUTS][HIDDEN], end[OUTS];
};
struct sample {
    real x[CHANNELS][COLUMNS], y[EDGES][COLUMNS], weights[EDGES];
};
struct layer {
    real mixed[HIDDEN][ROW], sums[HIDDEN][TOKENS], out[HIDDEN][TOKENS];
};
enum { NUMBER = sizeof(struct weights) / sizeof(real) };

static uint64_t state;
static real uniform(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (real)((z ^ z >> 31) >> 40) / 16777216.0f;
}
static real normal(void) { return sqrt(-2 * log(uniform() + 1e-9f)) * cos(6.2831853f * uniform()); }

/// to[o][t] += sum over i of w[o * across + i * down] in[i][t].
static void mix(const real *w, int outs, int ins, int across, int down, const real *in, int in_row, real *to, int row) {
    for (int o = 0; o < outs; o += 2)
        for (int t = 0; t < TOKENS; t += 16) {
            real a[16], b[16];
            for (int k = 0; k < 16; k++) a[k] = to[o * row + t + k], b[k] = to[(o + 1) * row + t + k];
            for (int i = 0; i < ins; i++) {
                real p = w[o * across + i * down], q = w[(o + 1) * across + i * down];
                const real *x = in + i * in_row + t;
                for (int k = 0; k < 16; k++) a[k] += p * x[k], b[k] += q * x[k];
            }
            for (int k = 0; k < 16; k++) to[o * row + t + k] = a[k], to[(o + 1) * row + t + k] = b[k];
        }
}

static void forward(const struct weights *w, const real tokens[INS][TOKENS], struct layer *layers, real answers[OUTS][TOKENS]) {
    for (int n = 0; n < LAYERS; n++) {
        struct layer *l = layers + n;
        memset(l->mixed, 0, sizeof l->mixed);
        if (n == 0) mix(w->first[0], HIDDEN, INS, INS, 1, tokens[0], TOKENS, l->mixed[0] + PAD, ROW);
        else mix(w->later[n - 1][0], HIDDEN, HIDDEN, HIDDEN, 1, layers[n - 1].out[0], TOKENS, l->mixed[0] + PAD, ROW);
        for (int o = 0; o < HIDDEN; o++) {
            for (int t = 0; t < TOKENS; t++) l->sums[o][t] = w->biases[n][o];
            for (int k = 0; k < TAPS; k++) {
                const real *from = l->mixed[o] + PAD + (k - TAPS / 2) * dilations[n];
                real tap = w->taps[n][o][k];
                for (int t = 0; t < TOKENS; t++) l->sums[o][t] += tap * from[t];
            }
            for (int t = 0; t < TOKENS; t++) l->out[o][t] = (l->sums[o][t] > 0 ? l->sums[o][t] : 0) + (n ? layers[n - 1].out[o][t] : 0);
        }
    }
    for (int o = 0; o < OUTS; o++)
        for (int t = 0; t < TOKENS; t++) answers[o][t] = w->end[o];
    mix(w->last[0], OUTS, HIDDEN, HIDDEN, 1, layers[LAYERS - 1].out[0], TOKENS, answers[0], TOKENS);
}

static real dot(const real *a, const real *b) {
    real sum = 0;
    for (int t = 0; t < TOKENS; t++) sum += a[t] * b[t];
    return sum;
}

static void backward(const struct weights *w, const real tokens[INS][TOKENS], const struct layer *layers, const real d[OUTS][TOKENS], struct weights *g) {
    static real dh[HIDDEN][TOKENS], du[HIDDEN][ROW], back[HIDDEN][TOKENS];
    memset(dh, 0, sizeof dh);
    for (int o = 0; o < OUTS; o++) {
        for (int c = 0; c < HIDDEN; c++) g->last[o][c] += dot(d[o], layers[LAYERS - 1].out[c]);
        for (int t = 0; t < TOKENS; t++) g->end[o] += d[o][t];
    }
    mix(w->last[0], HIDDEN, OUTS, 1, HIDDEN, d[0], TOKENS, dh[0], TOKENS);
    for (int n = LAYERS - 1; n >= 0; n--) {
        const struct layer *l = layers + n;
        memset(du, 0, sizeof du);
        for (int o = 0; o < HIDDEN; o++) {
            real gated[TOKENS], sum = 0;
            for (int t = 0; t < TOKENS; t++) gated[t] = l->sums[o][t] > 0 ? dh[o][t] : 0, sum += gated[t];
            g->biases[n][o] += sum;
            for (int k = 0; k < TAPS; k++) {
                int at = PAD + (k - TAPS / 2) * dilations[n];
                g->taps[n][o][k] += dot(gated, l->mixed[o] + at);
                real tap = w->taps[n][o][k];
                for (int t = 0; t < TOKENS; t++) du[o][at + t] += tap * gated[t];
            }
        }
        if (n == 0) {
            for (int o = 0; o < HIDDEN; o++)
                for (int c = 0; c < INS; c++) g->first[o][c] += dot(du[o] + PAD, tokens[c]);
        } else {
            for (int o = 0; o < HIDDEN; o++)
                for (int c = 0; c < HIDDEN; c++) g->later[n - 1][o][c] += dot(du[o] + PAD, layers[n - 1].out[c]);
            memset(back, 0, sizeof back);
            mix(w->later[n - 1][0], HIDDEN, HIDDEN, 1, HIDDEN, du[0] + PAD, ROW, back[0], TOKENS);
            for (int o = 0; o < HIDDEN; o++)
                for (int t = 0; t < TOKENS; t++) dh[o][t] += back[o][t];
        }
    }
}

static real clipped(real x, real low, real high) { return x < low ? low : x > high ? high : x; }

/// Shifted, stretched, its waves moved against each other, turned over, with offset and noise: the same marks must be found.
static void vary(const struct sample *from, struct sample *to) {
    *to = *from;
    real shift = floor(7 * uniform()) - 3, stretch = exp(0.07f * normal()), before = WARP * 2.5f * normal(), behind = WARP * 5 * normal();
    real sign = uniform() < 0.3f ? -1 : 1, offset = 0.05f * normal(), noise = (real[]){0, 0, 0.05f, 0.1f}[(int)(4 * uniform())];
    real gains[4];
    for (int c = 0; c < 4; c++) gains[c] = exp(0.08f * normal());
    for (int t = 0; t < COLUMNS; t++) {
        real time = (real)t - 49 - shift;
        real place = 49 + time / stretch + before * clipped((-time - 5) / 14, 0, 1) + behind * clipped((time - 10) / 40, 0, 1);
        int at = (int)clipped(floor(place), 0, COLUMNS - 2);
        real part = clipped(place - (real)at, 0, 1);
        for (int c = 0; c < 5; c++) to->x[c][t] = from->x[c][at] + part * (from->x[c][at + 1] - from->x[c][at]);
        for (int e = 0; e < EDGES; e++) to->y[e][t] = from->y[e][at] + part * (from->y[e][at + 1] - from->y[e][at]);
        for (int c = 0; c < 2; c++) to->x[c][t] = (sign * to->x[c][t] + (c ? 0 : offset) + (noise > 0 ? noise * normal() : 0)) * gains[c];
        for (int c = 2; c < 4; c++) to->x[c][t] *= gains[c];
    }
    for (int e = 0; e < EDGES; e++) {
        real sum = 1e-6f;
        for (int t = 0; t < COLUMNS; t++) sum += to->y[e][t];
        for (int t = 0; t < COLUMNS; t++) to->y[e][t] /= sum;
    }
}

static void tokenised(const struct sample *s, real tokens[INS][TOKENS]) {
    for (int c = 0; c < CHANNELS; c++)
        for (int t = 0; t < COLUMNS; t++) tokens[c * PATCH + t % PATCH][t / PATCH] = s->x[c][t];
}

static struct layer layers[LAYERS];
static real tokens[INS][TOKENS], answers[OUTS][TOKENS], d[OUTS][TOKENS];

/// One sample's part of the gradient; gives its loss.
static real learn(const struct weights *w, const struct sample *s, struct weights *g) {
    tokenised(s, tokens);
    forward(w, tokens, layers, answers);
    real loss = 0;
    for (int e = 0; e < EDGES; e++) {
        real most = -1e30f, sum = 0, p[COLUMNS];
        for (int t = 0; t < COLUMNS; t++) if (answers[e * PATCH + t % PATCH][t / PATCH] > most) most = answers[e * PATCH + t % PATCH][t / PATCH];
        for (int t = 0; t < COLUMNS; t++) sum += p[t] = exp(answers[e * PATCH + t % PATCH][t / PATCH] - most);
        for (int t = 0; t < COLUMNS; t++) {
            loss -= s->weights[e] * s->y[e][t] * log(p[t] / sum + 1e-9f);
            d[e * PATCH + t % PATCH][t / PATCH] = (p[t] / sum - s->y[e][t]) * s->weights[e] / BATCH;
        }
    }
    backward(w, tokens, layers, d, g);
    return loss;
}

/// Of a random network and sample, whether each kind of weight's gradient is what the loss changes by.
static int compared(void) {
    static struct weights w, g;
    static struct sample s;
    for (int n = 0; n < NUMBER; n++) ((real *)&w)[n] = normal() / 4;
    for (int c = 0; c < CHANNELS; c++)
        for (int t = 0; t < COLUMNS; t++) s.x[c][t] = normal();
    for (int e = 0; e < EDGES; e++) s.weights[e] = 1, s.y[e][20 * (e + 1)] = 1;
    learn(&w, &s, &g);
    static struct weights none;
    int wrong = 0;
    for (int n = 0; n < NUMBER; n += 97) {
        real kept = ((real *)&w)[n], sides[2];
        for (int side = 0; side < 2; side++) {
            ((real *)&w)[n] = kept + (side ? -1e-6 : 1e-6);
            sides[side] = learn(&w, &s, &none);
        }
        ((real *)&w)[n] = kept;
        real slope = (sides[0] - sides[1]) / 2e-6 / BATCH, own = ((real *)&g)[n];
        wrong += fabs(slope - own) > 1e-4 * (1 + fabs(own));
    }
    printf("gradients: %d of %d differ\n", wrong, (NUMBER + 96) / 97);
    return wrong != 0;
}

int main(int argc, char **argv) {
    if (argc == 1) return compared();
    if (argc < 5) return 2;
    FILE *file = fopen(argv[1], "rb");
    int32_t count = 0;
    if (!file || fread(&count, 4, 1, file) != 1) return 2;
    struct sample *samples = malloc(sizeof *samples * (size_t)count);
    if (fread(samples, sizeof *samples, (size_t)count, file) != (size_t)count) return 2;
    fclose(file);
    int epochs = atoi(argv[3]);
    state = (uint64_t)atoi(argv[4]) * 77777 + 1;
    int *order = malloc(sizeof(int) * (size_t)count), used = 0;
    for (int n = 0; n < count; n++) {
        real sum = 0;
        for (int e = 0; e < EDGES; e++) sum += samples[n].weights[e];
        if (sum > 0) order[used++] = n;
    }
    static struct weights w, g, mean, square, ema;
    for (int o = 0; o < HIDDEN; o++) {
        for (int c = 0; c < INS; c++) w.first[o][c] = normal() * sqrt(2.0f / INS);
        for (int n = 0; n < LAYERS - 1; n++) for (int c = 0; c < HIDDEN; c++) w.later[n][o][c] = normal() * sqrt(2.0f / HIDDEN);
        for (int n = 0; n < LAYERS; n++) for (int k = 0; k < TAPS; k++) w.taps[n][o][k] = normal() * sqrt(1.0f / TAPS);
        for (int e = 0; e < OUTS; e++) w.last[e][o] = normal() * sqrt(1.0f / HIDDEN);
    }
    ema = w;
    long step = 0, all = (long)epochs * (used / BATCH);
    static struct sample varied;
    for (int epoch = 0; epoch < epochs; epoch++) {
        for (int n = used - 1; n > 0; n--) {
            int other = (int)(uniform() * (real)(n + 1)), kept = order[n];
            order[n] = order[other], order[other] = kept;
        }
        double loss = 0;
        for (int first = 0; first + BATCH <= used; first += BATCH) {
            memset(&g, 0, sizeof g);
            for (int n = 0; n < BATCH; n++) {
                vary(samples + order[first + n], &varied);
                loss += learn(&w, &varied, &g);
            }
            step++;
            real rate = RATE * 0.5f * (1 + cos(3.14159265f * (real)step / (real)all)) + 1e-5f;
            real one = 1 - pow(0.9f, (real)step), two = 1 - pow(0.999f, (real)step), memory = (1.0f + (real)step) / (10.0f + (real)step);
            if (memory > MEMORY) memory = MEMORY;
            real *pw = (real *)&w, *pg = (real *)&g, *pm = (real *)&mean, *ps = (real *)&square, *pe = (real *)&ema;
            for (int n = 0; n < NUMBER; n++) {
                pm[n] += 0.1f * (pg[n] - pm[n]);
                ps[n] += 0.001f * (pg[n] * pg[n] - ps[n]);
                pw[n] -= rate * (pm[n] / one / (sqrt(ps[n] / two) + 1e-8f) + DECAY * pw[n]);
                pe[n] += (1 - memory) * (pw[n] - pe[n]);
            }
        }
        if (epoch % 10 == 9 || epoch == 0) printf("epoch %d: %.4f\n", epoch + 1, loss / (double)(used / BATCH * BATCH)), fflush(stdout);
    }
    file = fopen(argv[2], "wb");
    fwrite(&ema, sizeof ema, 1, file);
    return fclose(file);
}
