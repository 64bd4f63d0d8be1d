// The contract of the per-sample arithmetic on twelve leads: filters, resampling, the quality gate's tallies.
// Separate from the int8 kernels: this is binary64, runs at every sample, and other rooms call it.
#ifndef PRECORDIA_SIGNAL_H
#define PRECORDIA_SIGNAL_H

#include "precordia_kernels.h"

#pragma clang assume_nonnull begin

/// Leads, each in a lane of its own everywhere below.
#define PRECORDIA_LEADS 12

/// One implementation of the operations below. All give the same bits (of what is not a number, that it is none). Constant data; any number of threads may use it.
struct precordia_signal;

/// Implementations compiled in for this architecture, slowest first. Index 0 is the portable reference.
PRECORDIA_REALTIME int32_t precordia_signal_count(void);
/// The implementation at an index below the count.
PRECORDIA_REALTIME const struct precordia_signal *precordia_signal_at(int32_t index);
/// The fastest implementation that this processor and operating system can run. Asks the processor each time: call it at start.
PRECORDIA_REALTIME const struct precordia_signal *precordia_signal_best(void);
/// A stable name: portable, avx2, avx512. Zero-terminated, never freed.
PRECORDIA_REALTIME const char *precordia_signal_name(const struct precordia_signal *signal);
/// Whether this processor and operating system can run it.
PRECORDIA_REALTIME bool precordia_signal_supported(const struct precordia_signal *signal);

/// What the counts of each lead mean, and where each began.
struct precordia_leads {
    /// The count of 0 microvolts, and microvolts a count.
    double baseline[PRECORDIA_LEADS], scale[PRECORDIA_LEADS];
    /// The first valid sample, which is taken away from all.
    double first[PRECORDIA_LEADS];
    /// The leads that are computed from I and II, bit by lead: III, aVR, aVL, aVF.
    uint32_t derived;
};

/// Turns counts [12] into microvolts [12] since each lead's first sample, for the leads in `present`; those in `begins` make this their first.
PRECORDIA_REALTIME void precordia_convert(
    const struct precordia_signal *signal, struct precordia_leads *leads, const int32_t *counts, uint32_t present, uint32_t begins,
    double *microvolts);

/// A second-order section with a0 = 1.
struct precordia_section {
    double b0, b1, b2, a1, a2;
};

/// Filters `columns` samples [columns][12] in place through `count` sections in series, transposed direct form II:
///
///     y = b0 x + s1,  s1 = (b1 x - a1 y) + s2,  s2 = b2 x - a2 y,  each state below 1e-20 in magnitude becoming 0
///
/// `states` is [count][2][12]: s1 and s2 of every lead, 0 at rest. How the samples are cut into calls does not change a bit.
PRECORDIA_REALTIME void precordia_filter(
    const struct precordia_signal *signal, const struct precordia_section *sections, size_t count, double *states, double *samples,
    size_t columns);

/// The most sections of a cascade.
#define PRECORDIA_SECTIONS 8

/// Sections in series and their states, by value; all zeros is an empty one at rest.
struct precordia_cascade {
    struct precordia_section sections[PRECORDIA_SECTIONS];
    double states[2 * PRECORDIA_SECTIONS * PRECORDIA_LEADS];
    size_t count;
};

/// Adds a section at the end; false, and nothing added, when there is no place.
PRECORDIA_REALTIME bool precordia_cascade_append(struct precordia_cascade *cascade, struct precordia_section section);
/// Back to rest.
PRECORDIA_REALTIME void precordia_cascade_reset(struct precordia_cascade *cascade);
/// precordia_filter through all of the cascade's sections.
PRECORDIA_REALTIME void precordia_cascade_filter(
    const struct precordia_signal *signal, struct precordia_cascade *cascade, double *samples, size_t columns);

/// Sets output [12] to the sum over `taps` of coefficients[tap] * samples[tap][12], added in that order.
PRECORDIA_REALTIME void precordia_interpolate(
    const struct precordia_signal *signal, const double *coefficients, const double *samples, size_t taps, double *output);

/// Limits samples [12] to plus and minus `range` into `limited` [12], and adds them to `sums` [12] where there are any.
///
/// - Returns: the leads that differ from `previous` [12], which may be `limited` itself, by more than `jump`, bit by lead.
PRECORDIA_REALTIME uint32_t precordia_gather(
    const struct precordia_signal *signal, const double *samples, double range, double jump, const double *previous, double *limited,
    double *_Nullable sums);

/// What is counted of a lead within a second, and the run that goes on across seconds: rows of twelve. Counts are binary64 too, exact
/// below 2^53, so that every lane is of one kind.
enum precordia_tally {
    PRECORDIA_SAMPLES,
    PRECORDIA_SUM,
    PRECORDIA_BUSY,
    PRECORDIA_LOWEST,
    PRECORDIA_LOW_RUN,
    PRECORDIA_LONGEST_LOW,
    PRECORDIA_HIGHEST,
    PRECORDIA_HIGH_RUN,
    PRECORDIA_LONGEST_HIGH,
    PRECORDIA_FLAT_LOWEST,
    PRECORDIA_FLAT_HIGHEST,
    PRECORDIA_FLAT_RUN,
    PRECORDIA_RESTLESS,
    PRECORDIA_MAINS,
    PRECORDIA_JUMPS,
    PRECORDIA_PREVIOUS,
    PRECORDIA_TALLIES
};

/// The numbers that a sample is held against.
struct precordia_tally_limits {
    /// A second difference beyond plus or minus this is busy, beyond a smaller one restless.
    double busy_difference, restless_difference;
    /// A step from one sample to the next beyond plus or minus this is a jump.
    double jump;
    /// A lead that stays within this range, peak to peak ...
    double flat_range;
    /// ... for so many samples is flat.
    double flat_samples;
};

/// Adds one sample of the leads in `present`, bit by lead; of the others the flat run alone is broken.
///
/// `tallies` is [PRECORDIA_TALLIES][12]. `humless` [12] are the samples without the mains, whose magnitude is what differs, `old` [12] the
/// humless ones 10 ms ago, `oldest` [12] those 20 ms ago, which the new ones replace. Without `has_past` the second difference counts as 0.
/// - Returns: the present leads that have been flat long enough, bit by lead.
PRECORDIA_REALTIME uint32_t precordia_tally_add(
    const struct precordia_signal *signal, double *tallies, const double *samples, const double *humless, const double *old,
    double *oldest, bool has_past, uint32_t present, const struct precordia_tally_limits *limits);

#pragma clang assume_nonnull end

#endif
