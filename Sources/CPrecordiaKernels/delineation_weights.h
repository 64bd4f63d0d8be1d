// The shape of the network in delineate.h and the names of its weights, which tools/delineate writes into delineation_weights.c.
// Apart from the weights, because each implementation needs to know them and none should carry its own copy.
#ifndef PRECORDIA_DELINEATION_WEIGHTS_H
#define PRECORDIA_DELINEATION_WEIGHTS_H

#include "precordia_measuring.h"

/// Columns of a token, channels of a layer, layers, and tokens that a channel's convolution sees.
enum { PATCH = 2, HIDDEN = 24, LAYERS = 4, TAPS = 5 };
enum { INS = PATCH * (PRECORDIA_DELINEATION_OWN + PRECORDIA_DELINEATION_SHARED), OUTS = PATCH * PRECORDIA_DELINEATION_EDGES };

extern const int precordia_dilations[LAYERS];
extern const float precordia_mixing_first[HIDDEN * INS], precordia_mixing_later[LAYERS - 1][HIDDEN * HIDDEN];
extern const float precordia_taps[LAYERS][HIDDEN * TAPS], precordia_biases[LAYERS][HIDDEN];
extern const float precordia_last_mixing[OUTS * HIDDEN], precordia_last_bias[OUTS];

#endif
