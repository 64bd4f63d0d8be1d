// SHA-256's compression function in plain C, and the table of its implementations.
// The reference: x86/shani.c and arm/sha2.c are held to its bits.
#include "sha256.h"

const uint32_t precordia_sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotated(uint32_t x, int count) { return x >> count | x << (32 - count); }

/// The word that the message schedule puts in `words[i % 16]` for round i, 16 or later.
static inline uint32_t scheduled(const uint32_t *words, size_t i) {
    uint32_t w15 = words[(i + 1) % 16], w2 = words[(i + 14) % 16];
    uint32_t s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ w15 >> 3;
    uint32_t s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ w2 >> 10;
    return words[i % 16] + s0 + words[(i + 9) % 16] + s1;
}

static void absorb(uint32_t *state, const uint8_t *blocks, size_t count) {
    for (; count > 0; count--, blocks += 64) {
        uint32_t words[16];
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (size_t i = 0; i < 16; i++) {
            const uint8_t *at = blocks + 4 * i;
            words[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        }
#pragma clang loop unroll_count(16)
        for (size_t i = 0; i < 64; i++) {
            if (i >= 16) words[i % 16] = scheduled(words, i);
            uint32_t s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25), choice = (e & f) ^ (~e & g);
            uint32_t t1 = h + s1 + choice + precordia_sha256_constants[i] + words[i % 16];
            uint32_t s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22), majority = (a & b) ^ (a & c) ^ (b & c);
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + s0 + majority;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

static bool always(void) { return true; }

static const struct precordia_sha256 portable = {"portable", always, absorb};

static const struct precordia_sha256 *const table[] = {
    &portable,
#if defined(__x86_64__)
    &precordia_sha256_shani,
#elif defined(__aarch64__)
    &precordia_sha256_armv8,
#endif
};

int32_t precordia_sha256_count(void) { return sizeof table / sizeof table[0]; }

const struct precordia_sha256 *precordia_sha256_at(int32_t index) { return table[index]; }

const struct precordia_sha256 *precordia_sha256_best(void) {
    int32_t index = precordia_sha256_count() - 1;
    while (index > 0 && !table[index]->supported()) index--;
    return table[index];
}

const char *precordia_sha256_name(const struct precordia_sha256 *sha256) { return sha256->name; }

bool precordia_sha256_supported(const struct precordia_sha256 *sha256) { return sha256->supported(); }

void precordia_sha256_absorb(const struct precordia_sha256 *sha256, uint32_t *state, const uint8_t *blocks, size_t count) {
    sha256->absorb(state, blocks, count);
}
