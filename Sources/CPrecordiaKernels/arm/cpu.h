// What a 64-bit ARM processor can do beyond NEON, read from its identification registers.
// Separate from the kernels because several need it. The C library's way, getauxval, would be a call to the outside; Linux answers these
// reads itself for programs since 4.11, showing what it and all cores can use, and so does qemu. Bare metal reads the processor.
#ifndef PRECORDIA_ARM_CPU_H
#define PRECORDIA_ARM_CPU_H

#if defined(__aarch64__)
#include <stdbool.h>
#include <stdint.h>

/// Where no one answers such a read the program would be stopped: there, what the compiler was told of the processor counts.
#if defined(__APPLE__) || defined(_WIN32)
static inline bool cpu_has_dotprod(void) {
#if defined(__ARM_FEATURE_DOTPROD)
    return true;
#else
    return false;
#endif
}

static inline bool cpu_has_i8mm(void) {
#if defined(__ARM_FEATURE_MATMUL_INT8)
    return true;
#else
    return false;
#endif
}

static inline bool cpu_has_sha2(void) {
#if defined(__ARM_FEATURE_SHA2)
    return true;
#else
    return false;
#endif
}
#else
/// Dot products of signed bytes: ID_AA64ISAR0_EL1, bits 44 to 47.
static inline bool cpu_has_dotprod(void) {
    uint64_t features;
    __asm__("mrs %0, ID_AA64ISAR0_EL1" : "=r"(features));
    return (features >> 44 & 15) != 0;
}

/// Products of matrices of bytes: ID_AA64ISAR1_EL1, bits 52 to 55.
static inline bool cpu_has_i8mm(void) {
    uint64_t features;
    __asm__("mrs %0, ID_AA64ISAR1_EL1" : "=r"(features));
    return (features >> 52 & 15) != 0;
}

/// SHA-256: ID_AA64ISAR0_EL1, bits 12 to 15.
static inline bool cpu_has_sha2(void) {
    uint64_t features;
    __asm__("mrs %0, ID_AA64ISAR0_EL1" : "=r"(features));
    return (features >> 12 & 15) != 0;
}
#endif
#endif
#endif
