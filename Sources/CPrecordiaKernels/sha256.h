// What an implementation of SHA-256's compression function provides, and the constants that all of them add.
// Private: callers go through the functions of precordia_sha256.h.
#ifndef PRECORDIA_SHA256_TABLE_H
#define PRECORDIA_SHA256_TABLE_H

#include "precordia_sha256.h"

struct precordia_sha256 {
    const char *name;
    bool (*supported)(void);
    void (*absorb)(uint32_t *state, const uint8_t *blocks, size_t count);
};

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
extern const uint32_t precordia_sha256_constants[64];

#if defined(__x86_64__)
extern const struct precordia_sha256 precordia_sha256_shani;
#elif defined(__aarch64__)
extern const struct precordia_sha256 precordia_sha256_armv8;
#endif

#endif
