// The arithmetic on twelve leads, as three vectors of four that the compiler makes of whatever the including file has switched on.
// Included, not called: a shared function would be compiled once, for the oldest processor. The compiler splits a vector that is too wide.
#ifndef PRECORDIA_LANES_H
#define PRECORDIA_LANES_H

#include "signal.h"

#define UNROLLED _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))
#define VECTORS 3

/// Four leads. The caller's memory need not be aligned for them.
typedef double lanes __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t choice __attribute__((vector_size(32), aligned(8), may_alias));

/// `yes` where the mask is set, else `no`; a macro, because a vector passed to a function would depend on the instruction set.
#define CHOSEN(mask, yes, no) ((lanes)(((choice)(yes) & (mask)) | ((choice)(no) & ~(mask))))
/// `value` where the mask is set, else 0.
#define KEPT(mask, value) ((lanes)((choice)(value) & (mask)))
#define SPLAT(value) ((lanes){(value), (value), (value), (value)})

/// The four leads of vector i, where their bits are set in `set`.
#define CHOICE(set) (((choice){(set), (set), (set), (set)} & (choice){1 << 4 * i, 2 << 4 * i, 4 << 4 * i, 8 << 4 * i}) != 0)

static void convert(struct precordia_leads *leads, const int32_t *counts, uint32_t present, uint32_t begins, double *microvolts) {
    double absolute[PRECORDIA_LEADS];
    UNROLLED for (int i = 0; i < PRECORDIA_LEADS; i++) absolute[i] = ((double)counts[i] - leads->baseline[i]) * leads->scale[i];
    const double one = absolute[0], two = absolute[1];
    if (leads->derived & 1 << 2) absolute[2] = two - one;
    if (leads->derived & 1 << 3) absolute[3] = -(one + two) / 2;
    if (leads->derived & 1 << 4) absolute[4] = one - two / 2;
    if (leads->derived & 1 << 5) absolute[5] = two - one / 2;
    UNROLLED for (int i = 0; i < VECTORS; i++) {
        lanes *first = (lanes *)leads->first + i, *out = (lanes *)microvolts + i;
        const lanes x = ((lanes *)absolute)[i];
        *first = CHOSEN(CHOICE(begins), x, *first);
        *out = CHOSEN(CHOICE(present), x - *first, *out);
    }
}

#if !defined(PRECORDIA_OWN_FILTER)
static void filter(const struct precordia_section *sections, size_t count, double *states, double *samples, size_t columns) {
    const choice magnitude = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    const lanes smallest = SPLAT(1e-20);
    for (lanes *at = (lanes *)samples; columns > 0; columns--, at += VECTORS) {
        lanes x[VECTORS], *s1 = (lanes *)states, *s2 = s1 + VECTORS;
        UNROLLED for (int i = 0; i < VECTORS; i++) x[i] = at[i];
        for (size_t k = 0; k < count; k++, s1 += 2 * VECTORS, s2 += 2 * VECTORS) {
            const struct precordia_section *section = sections + k;
            UNROLLED for (int i = 0; i < VECTORS; i++) {
                const lanes y = section->b0 * x[i] + s1[i];
                const lanes first = (section->b1 * x[i] - section->a1 * y) + s2[i], second = section->b2 * x[i] - section->a2 * y;
                // Not "at least the smallest": what is not a number stays.
                s1[i] = KEPT(~((lanes)((choice)first & magnitude) < smallest), first);
                s2[i] = KEPT(~((lanes)((choice)second & magnitude) < smallest), second);
                x[i] = y;
            }
        }
        UNROLLED for (int i = 0; i < VECTORS; i++) at[i] = x[i];
    }
}
#endif

static void interpolate(const double *coefficients, const double *samples, size_t taps, double *output) {
    const lanes *at = (const lanes *)samples;
    lanes sums[VECTORS] = {0};
    for (size_t tap = 0; tap < taps; tap++, at += VECTORS)
        UNROLLED for (int i = 0; i < VECTORS; i++) sums[i] += coefficients[tap] * at[i];
    UNROLLED for (int i = 0; i < VECTORS; i++) ((lanes *)output)[i] = sums[i];
}

static uint32_t gather(
    const double *samples, double range, double jump, const double *previous, double *limited, double *sums) {
    const choice magnitude = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    const lanes high = SPLAT(range), low = SPLAT(-range), most = SPLAT(jump);
    choice jumps[VECTORS];
    UNROLLED for (int i = 0; i < VECTORS; i++) {
        const lanes x = ((const lanes *)samples)[i];
        const lanes below = CHOSEN(x < high, x, high), value = CHOSEN(below > low, below, low);
        jumps[i] = (lanes)((choice)(value - ((const lanes *)previous)[i]) & magnitude) > most;
        ((lanes *)limited)[i] = value;
        if (sums) ((lanes *)sums)[i] += value;
    }
    if (!__builtin_reduce_or(jumps[0] | jumps[1] | jumps[2])) return 0;
    uint32_t jumping = 0;
    for (int lead = 0; lead < PRECORDIA_LEADS; lead++) jumping |= (uint32_t)(jumps[lead / 4][lead % 4] & 1) << lead;
    return jumping;
}

/// One of the tallies' rows, the four leads of the loop around it.
#define ROW(name) rows[VECTORS * PRECORDIA_##name + i]
/// The new value where the lead has a sample. `whole`, known to the compiler, says that all have.
#define SET(name, value) (ROW(name) = whole ? (value) : CHOSEN(here, value, ROW(name)))

/// How long a lead has stayed at its second's highest or lowest: begun anew beyond it, one more where it is equal, else broken.
#define SET_RUN(run, longest, beyond, equal)                                                                                                \
    do {                                                                                                                                    \
        lanes stay = KEPT((beyond) | (equal), KEPT(equal, ROW(run)) + one), most = KEPT(~(beyond), ROW(longest));                            \
        SET(run, stay);                                                                                                                     \
        SET(longest, CHOSEN(stay > most, stay, most));                                                                                      \
    } while (0)

INLINE uint32_t tally(
    double *tallies, const double *samples, const double *humless, const double *old, double *oldest, const bool has_past,
    uint32_t present, const bool whole, const struct precordia_tally_limits *limits) {
    lanes *rows = (lanes *)tallies;
    const choice magnitude = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    const lanes one = SPLAT(1.0), busy = SPLAT(limits->busy_difference), restless = SPLAT(limits->restless_difference);
    const lanes jump = SPLAT(limits->jump);
    uint32_t flat = 0;
    UNROLLED for (int i = 0; i < VECTORS; i++) {
        const choice here = CHOICE(present);
        const lanes x = ((const lanes *)samples)[i], clean = ((const lanes *)humless)[i], before = ((lanes *)oldest)[i];
        lanes difference = {0};
        if (has_past) difference = (lanes)((choice)((clean - 2 * ((const lanes *)old)[i]) + before) & magnitude);
        ((lanes *)oldest)[i] = whole ? clean : CHOSEN(here, clean, before);

        const choice first = ROW(SAMPLES) == 0;
        SET(SAMPLES, ROW(SAMPLES) + one);
        SET(SUM, ROW(SUM) + x);
        SET(BUSY, ROW(BUSY) + KEPT(difference > busy, one));
        SET(RESTLESS, ROW(RESTLESS) + KEPT(difference > restless, one));
        SET(MAINS, ROW(MAINS) + (lanes)((choice)(x - clean) & magnitude));

        const choice above = first | (x > ROW(HIGHEST)), highest = x == ROW(HIGHEST);
        SET(HIGHEST, CHOSEN(above, x, ROW(HIGHEST)));
        SET_RUN(HIGH_RUN, LONGEST_HIGH, above, highest);
        const choice below = first | (x < ROW(LOWEST)), lowest = x == ROW(LOWEST);
        SET(LOWEST, CHOSEN(below, x, ROW(LOWEST)));
        SET_RUN(LOW_RUN, LONGEST_LOW, below, lowest);

        const choice begun = ROW(FLAT_RUN) == 0;
        const lanes step = (lanes)((choice)(x - ROW(PREVIOUS)) & magnitude);
        SET(JUMPS, ROW(JUMPS) + KEPT(~begun & (step > jump), one));
        SET(PREVIOUS, x);
        const lanes low = CHOSEN(begun | (x < ROW(FLAT_LOWEST)), x, ROW(FLAT_LOWEST));
        const lanes high = CHOSEN(begun | (x > ROW(FLAT_HIGHEST)), x, ROW(FLAT_HIGHEST));
        const choice inside = high - low < SPLAT(limits->flat_range);
        SET(FLAT_LOWEST, CHOSEN(inside, low, x));
        SET(FLAT_HIGHEST, CHOSEN(inside, high, x));
        const lanes run = KEPT(inside, ROW(FLAT_RUN)) + one;
        ROW(FLAT_RUN) = whole ? run : KEPT(here, run);
        const choice found = here & (run >= SPLAT(limits->flat_samples)) & (choice){1, 2, 4, 8};
        flat |= (uint32_t)(found[0] | found[1] | found[2] | found[3]) << 4 * i;
    }
    return flat;
}

static uint32_t tally_add(
    double *tallies, const double *samples, const double *humless, const double *old, double *oldest, bool has_past, uint32_t present,
    const struct precordia_tally_limits *limits) {
    if (!has_past) return tally(tallies, samples, humless, old, oldest, false, present, false, limits);
    if (present == 0xFFF) return tally(tallies, samples, humless, old, oldest, true, present, true, limits);
    return tally(tallies, samples, humless, old, oldest, true, present, false, limits);
}

#endif
