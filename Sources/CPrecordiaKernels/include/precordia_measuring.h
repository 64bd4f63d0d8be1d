// The contract of what measuring computes: medians of beats, their likeness, and the network that says where the waves of a beat begin and end.
// Separate from the int8 kernels: binary32, a few times every five seconds, with weights of its own that no model file changes.
#ifndef PRECORDIA_MEASURING_H
#define PRECORDIA_MEASURING_H

#include "precordia_kernels.h"

#pragma clang assume_nonnull begin

/// Columns of 8 ms that a beat is laid on, and the millisecond of the first one relative to the beat's place.
#define PRECORDIA_DELINEATION_COLUMNS 160
#define PRECORDIA_DELINEATION_FIRST (-392)
#define PRECORDIA_DELINEATION_STEP 8
/// What goes in for each column: of each lead, and of all leads together; see PrecordiaMeasure's BeatDelineator.
#define PRECORDIA_DELINEATION_OWN 2
#define PRECORDIA_DELINEATION_SHARED 4
/// What comes out: P onset, P end, QRS onset, QRS end, T end, T onset.
#define PRECORDIA_DELINEATION_EDGES 6
/// Values of memory that a call needs.
#define PRECORDIA_DELINEATION_SCRATCH 8000
/// Values are computed eight at a time.
#define PRECORDIA_MEASURING_LANES 8
/// So many values behind an array or a row may be read, and are not looked at.
#define PRECORDIA_MEASURING_BEHIND 16

/// One implementation of the operations below. All give the same bits: eight sums side by side, put together in one order at the end, each
/// multiplication and addition rounded as written. Constant data; any number of threads may use it.
struct precordia_measuring;

/// Implementations compiled in for this architecture, slowest first. Index 0 is the portable reference.
PRECORDIA_REALTIME int32_t precordia_measuring_count(void);
/// The implementation at an index below the count.
PRECORDIA_REALTIME const struct precordia_measuring *precordia_measuring_at(int32_t index);
/// The fastest implementation that this processor and operating system can run. Asks the processor each time: call it at start.
PRECORDIA_REALTIME const struct precordia_measuring *precordia_measuring_best(void);
/// A stable name: portable, avx2. Zero-terminated, never freed.
PRECORDIA_REALTIME const char *precordia_measuring_name(const struct precordia_measuring *measuring);
/// Whether this processor and operating system can run it.
PRECORDIA_REALTIME bool precordia_measuring_supported(const struct precordia_measuring *measuring);

/// The network's part that is the same for all leads of a beat: `shared` [4][160] into `begun` [PRECORDIA_DELINEATION_SCRATCH / 4].
PRECORDIA_REALTIME void precordia_delineate_shared(const struct precordia_measuring *measuring, const float *shared, float *begun);

/// For one lead: `own` [2][160] and what precordia_delineate_shared began, to `edges` [6][160], the higher the likelier. Some columns beside each other
/// are one token. Each layer is a mixing of channels, a dilated convolution of a few tokens a channel, a bias and a rectifier, from the
/// second on added to what came in; then one mixing.
PRECORDIA_REALTIME void precordia_delineate(
    const struct precordia_measuring *measuring, const float *begun, const float *own, float *scratch, float *edges);

/// The most rows of precordia_median.
#define PRECORDIA_MEDIAN_ROWS 32

/// The median of `number` rows, `stride` values apart, for each of `count` places: into `median`, of an even number the mean of the middle two.
/// Gives the sum of squares of what all values differ from it.
PRECORDIA_REALTIME float precordia_median(
    const struct precordia_measuring *measuring, const float *rows, size_t stride, int32_t number, size_t count, float *median);

/// `to[i]` = `from[i]` - (`level` + `slope` (`first` + i)).
PRECORDIA_REALTIME void precordia_lay(
    const struct precordia_measuring *measuring, const float *from, float level, float slope, float first, size_t count, float *to);

/// `to[i]` += `from[i]`.
PRECORDIA_REALTIME void precordia_add(const struct precordia_measuring *measuring, const float *from, size_t count, float *to);

/// The sum of `count` squares of `from[i + 2]` - `from[i]`.
PRECORDIA_REALTIME float precordia_slope_energy(const struct precordia_measuring *measuring, const float *from, size_t count);

/// `sums[0]` += products of `one` and `rest`, `sums[1]` += squares of `one`, `sums[2]` += squares of `rest`, where `rest` is `all` - `one`.
PRECORDIA_REALTIME void precordia_alike(
    const struct precordia_measuring *measuring, const float *one, const float *all, size_t count, float *sums);

/// For `shifts` shifts, in eights: `products[s]` += the products of `line[i + s]` and `mean[i]`, and `squares[s]` += the squares of
/// `line[i + s]`, over `count` places i.
PRECORDIA_REALTIME void precordia_correlate(
    const struct precordia_measuring *measuring, const float *line, const float *mean, size_t count, size_t shifts, float *products,
    float *squares);

#pragma clang assume_nonnull end
#endif
