// The arithmetic of measuring: every implementation that the processor has against the portable one, and a hash of what that one gives,
// which must be the same on all processors. In C, and apart from the Swift tests, so that it runs under an emulator.
//
//     measuring            fails where an implementation gives other bits
//     measuring --fault    spoils one bit of every output: must fail
#include "precordia_measuring.h"

#include <stdio.h>
#include <string.h>

enum { ROW = 352, SHIFTS = 48, VALUES = 12000, COLUMNS = PRECORDIA_DELINEATION_COLUMNS };

static uint64_t state;
static bool faulty;

/// SplitMix64: -1 to 1, and now and then 0 or a number far below.
static float value(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    int32_t drawn = (int32_t)((z ^ z >> 31) >> 40) - (1 << 23);
    return drawn % 31 == 0 ? 0.0f : drawn % 37 == 0 ? (float)drawn * 0x1p-149f : (float)drawn * 0x1p-23f;
}

static float rows[PRECORDIA_MEDIAN_ROWS * ROW + 64], begun[PRECORDIA_DELINEATION_SCRATCH / 4], scratch[PRECORDIA_DELINEATION_SCRATCH];
static float shared[PRECORDIA_DELINEATION_SHARED * COLUMNS], own[PRECORDIA_DELINEATION_OWN * COLUMNS];

/// What one implementation makes of random numbers; gives how many values that is.
static int results(const struct precordia_measuring *measuring, uint64_t seed, float *out) {
    state = seed;
    int count = 0, size = 1 + (int)(seed * 37 % 330);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) rows[i] = value();
    for (int i = 0; i < PRECORDIA_DELINEATION_SHARED * COLUMNS; i++) shared[i] = value();
    for (int i = 0; i < PRECORDIA_DELINEATION_OWN * COLUMNS; i++) own[i] = value();
    precordia_delineate_shared(measuring, shared, begun);
    precordia_delineate(measuring, begun, own, scratch, out);
    count += PRECORDIA_DELINEATION_EDGES * COLUMNS;
    for (int32_t number = 1; number <= PRECORDIA_MEDIAN_ROWS; number += 1 + (int32_t)(seed % 3)) {
        out[count] = precordia_median(measuring, rows, ROW, number, (size_t)size, out + count + 1);
        count += 1 + size;
    }
    memcpy(out + count, rows + 1, sizeof(float) * (size_t)size);
    precordia_add(measuring, rows + 400, (size_t)size, out + count);
    count += size;
    precordia_lay(measuring, rows + 3, rows[0], rows[1], -17, (size_t)size, out + count);
    count += size;
    out[count++] = precordia_slope_energy(measuring, rows, (size_t)size);
    for (int i = 0; i < 3 + 2 * SHIFTS; i++) out[count + i] = 0;
    precordia_alike(measuring, rows, rows + 5, (size_t)size, out + count);
    precordia_correlate(measuring, rows, rows + 7, (size_t)size, SHIFTS, out + count + 3, out + count + 3 + SHIFTS);
    return count + 3 + 2 * SHIFTS;
}

/// FNV-1a over the numbers' bits, from the lowest byte on.
static uint64_t hashed(uint64_t hash, const float *numbers, int count) {
    for (int i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, numbers + i, sizeof bits);
        for (int byte = 0; byte < 4; byte++, bits >>= 8) hash = (hash ^ (bits & 255)) * 0x100000001B3u;
    }
    return hash;
}

int main(int count, char **options) {
    static float expected[VALUES], got[VALUES];
    uint64_t hash = 0xCBF29CE484222325u;
    int faults = 0;
    faulty = count == 2 && !strcmp(options[1], "--fault");
    for (uint64_t seed = 1; seed <= 60; seed++) {
        int many = results(precordia_measuring_at(0), seed, expected);
        hash = hashed(hash, expected, many);
        for (int32_t i = 0; i < precordia_measuring_count(); i++) {
            const struct precordia_measuring *measuring = precordia_measuring_at(i);
            if (!precordia_measuring_supported(measuring)) continue;
            results(measuring, seed, got);
            uint32_t bits;
            memcpy(&bits, got + many - 1, sizeof bits);
            bits ^= faulty;
            memcpy(got + many - 1, &bits, sizeof bits);
            if (!memcmp(expected, got, sizeof(float) * (size_t)many)) continue;
            printf("measuring, %s: not the portable bits, seed %d\n", precordia_measuring_name(measuring), (int)seed);
            faults++;
        }
    }
    printf("measuring: %s as portable, bits %08x%08x\n", precordia_measuring_name(precordia_measuring_best()), (unsigned)(hash >> 32), (unsigned)hash);
    return faults != 0;
}
