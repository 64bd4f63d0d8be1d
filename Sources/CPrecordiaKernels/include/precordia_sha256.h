// The contract of SHA-256's compression function: the only part of the hash that costs anything.
// Separate from the int8 kernels, because it is chosen by other instructions of the processor than they are.
#ifndef PRECORDIA_SHA256_H
#define PRECORDIA_SHA256_H

#include "precordia_kernels.h"

#pragma clang assume_nonnull begin

/// One implementation. Constant data; any number of threads may use it.
struct precordia_sha256;

/// Implementations compiled in for this architecture. Index 0 is the portable reference.
PRECORDIA_REALTIME int32_t precordia_sha256_count(void);
/// The implementation at an index below the count.
PRECORDIA_REALTIME const struct precordia_sha256 *precordia_sha256_at(int32_t index);
/// The fastest implementation that this processor can run. Asks the processor each time: call it once for each message.
PRECORDIA_REALTIME const struct precordia_sha256 *precordia_sha256_best(void);
/// A stable name: portable, shani, armv8. Zero-terminated, never freed.
PRECORDIA_REALTIME const char *precordia_sha256_name(const struct precordia_sha256 *sha256);
/// Whether this processor can run it.
PRECORDIA_REALTIME bool precordia_sha256_supported(const struct precordia_sha256 *sha256);

/// Takes `count` blocks of 64 bytes, of any alignment, into the eight words of `state` (FIPS 180-4, 6.2.2). All give the same bits.
PRECORDIA_REALTIME void precordia_sha256_absorb(
    const struct precordia_sha256 *sha256, uint32_t *state, const uint8_t *blocks, size_t count);

#pragma clang assume_nonnull end

#endif
