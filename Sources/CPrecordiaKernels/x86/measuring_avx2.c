// The arithmetic of measuring by AVX2: eight values are one register.
// Separate, because the attribute that switches AVX2 on must stand around everything that uses it.
#if defined(__x86_64__)
#include "../exact.h"

#include "../measuring_table.h"
#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "../measuring.h"

#include "../delineate.h"
#pragma clang attribute pop

const struct precordia_measuring precordia_measuring_avx2 = {
    "avx2", cpu_has_avx2, delineate_shared, delineate, median, lay, add, slope_energy, alike, correlate};
#endif
