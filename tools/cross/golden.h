// What PrecordiaGolden exports to C: the determinism bench, in its ordinary and in its Embedded build.
// Written by hand: this header is the contract that the runners here are built on.
#ifndef PRECORDIA_GOLDEN_H
#define PRECORDIA_GOLDEN_H

#include <stddef.h>
#include <stdint.h>

/// Bytes of memory that precordia_golden and precordia_golden_soak need with this model; 0 where it is no model.
size_t precordia_golden_bytes(const void *model, size_t modelBytes);

/// Bytes of memory that an engine needs with this model and twelve leads at `rate` hertz; 0 where there can be none.
size_t precordia_golden_engine_bytes(const void *model, size_t modelBytes, int32_t rate);

/// Runs the fixed simulated records through the engine and puts the SHA-256 of all their events into `digest`.
/// `model` and `memory` are aligned to 64 bytes. 0 is success.
int32_t precordia_golden(const void *model, size_t modelBytes, void *memory, size_t memoryBytes, uint8_t digest[32]);

/// Runs `seconds` of simulated stream at 500 Hz through the engine. 0 is success.
int32_t precordia_golden_soak(const void *model, size_t modelBytes, void *memory, size_t memoryBytes, int32_t seconds);

#endif
