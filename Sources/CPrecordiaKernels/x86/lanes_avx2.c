// The arithmetic on twelve leads by AVX2: a vector of four leads is one register.
// Separate, because the attribute that switches AVX2 on must stand around everything that uses it.
#if defined(__x86_64__)
#include "../exact.h"

#include "../signal.h"
#include "cpu.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "../lanes.h"
#pragma clang attribute pop

const struct precordia_signal precordia_signal_avx2 = {"avx2", cpu_has_avx2, convert, filter, interpolate, gather, tally_add};
#endif
