// The contract of the network that says where the waves of a median beat begin and end.
// Separate from the int8 kernels: binary32, a few times every five seconds, with weights of its own that no model file changes.
#ifndef PRECORDIA_DELINEATION_H
#define PRECORDIA_DELINEATION_H

#include "precordia_kernels.h"

#pragma clang assume_nonnull begin

/// Columns of 8 ms that a beat is laid on, and the millisecond of the first one relative to the beat's place.
#define PRECORDIA_DELINEATION_COLUMNS 160
#define PRECORDIA_DELINEATION_FIRST (-392)
#define PRECORDIA_DELINEATION_STEP 8
/// What goes in for each column: see PrecordiaMeasure's BeatChannels.
#define PRECORDIA_DELINEATION_CHANNELS 6
/// What comes out: P onset, P end, QRS onset, QRS end, T end.
#define PRECORDIA_DELINEATION_EDGES 5
/// Values of memory that a call needs.
#define PRECORDIA_DELINEATION_SCRATCH 8000

/// For one lead: `channels` [6][160] to `edges` [5][160], the higher the likelier. Five layers, each a mixing of channels, a dilated convolution of
/// nine columns a channel, a bias and a rectifier, from the second on added to what came in; then one mixing. About 0.5 million
/// multiplications, each rounded as written, so that all processors give the same bits.
PRECORDIA_REALTIME void precordia_delineate(const float *channels, float *scratch, float *edges);

#pragma clang assume_nonnull end
#endif
