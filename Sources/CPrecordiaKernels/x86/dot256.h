// A dot product with 256-bit registers.
// Included by the two files that use them, after their own `accumulate`.
#ifndef PRECORDIA_X86_DOT256_H
#define PRECORDIA_X86_DOT256_H

#define HAS_DOT

typedef int32_t int32x8 __attribute__((vector_size(32)));

/// `count` is a multiple of 16.
INLINE int32_t dot(const int8_t *packed, const uint8_t *bytes, size_t count) {
    sums sum = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 32 <= count; i += 32) sum = accumulate(sum, activations_at(bytes + i), weights_at(packed + i));
    if (i < count) {
        _Alignas(32) uint8_t x[32] = {0};
        _Alignas(32) int8_t w[32] = {0};
        __builtin_memcpy(x, bytes + i, 16);
        __builtin_memcpy(w, packed + i, 16);
        sum = accumulate(sum, activations_at(x), weights_at(w));
    }
    return __builtin_reduce_add((int32x8)sum);
}

#endif
