// What an x86 processor and its operating system can do, asked of them directly.
// Separate from the kernels because both need it, and because the compiler's own detection would pull in its run-time library.
#ifndef PRECORDIA_X86_CPU_H
#define PRECORDIA_X86_CPU_H

#if defined(__x86_64__)
#include <stdbool.h>
#include <stdint.h>

struct cpu_leaf {
    uint32_t a, b, c, d;
};

static inline struct cpu_leaf cpu_leaf(uint32_t leaf, uint32_t part) {
    struct cpu_leaf r;
    __asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "0"(leaf), "2"(part));
    return r;
}

/// Whether the operating system saves these parts of the register file (bits of XCR0) when it switches tasks.
static inline bool cpu_saves(uint32_t parts) {
    if (!(cpu_leaf(1, 0).c & 1u << 27)) return false;
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & parts) == parts;
}

/// Leaf 7 part 0, or zeros where the processor is older than it.
static inline struct cpu_leaf cpu_features(void) {
    return cpu_leaf(0, 0).a >= 7 ? cpu_leaf(7, 0) : (struct cpu_leaf){0, 0, 0, 0};
}

/// SSE4.1: leaf 1 ECX bit 19. Every 64-bit operating system saves XMM.
static inline bool cpu_has_sse41(void) { return cpu_leaf(1, 0).c & 1u << 19; }

/// AVX2: XMM and YMM saved, leaf 7 EBX bit 5.
static inline bool cpu_has_avx2(void) { return cpu_saves(0x6) && cpu_features().b & 1u << 5; }

/// AVX-512 F (bit 16), DQ (17), BW (30) and VL (31), VNNI (ECX bit 11): XMM, YMM, mask and both halves of ZMM saved.
static inline bool cpu_has_avx512vnni(void) {
    if (!cpu_saves(0xE6)) return false;
    struct cpu_leaf leaf = cpu_features();
    uint32_t needed = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    return (leaf.b & needed) == needed && leaf.c & 1u << 11;
}

/// AVX-VNNI, the 256-bit form that processors without AVX-512 have: leaf 7 part 1 EAX bit 4.
static inline bool cpu_has_avxvnni(void) {
    return cpu_has_avx2() && cpu_features().a >= 1 && cpu_leaf(7, 1).a & 1u << 4;
}
#endif
#endif
