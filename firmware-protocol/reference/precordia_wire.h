// The wire protocol of SPEC.md for microcontrollers and gateways.
// C99 and C++, no heap, nothing of the C library but memcpy; every byte of memory is the caller's. Compile only the files whose functions you call:
//     wire_encoder.c   every board: blocks, the check, COBS packets
//     wire_queue.c     boards with a sending buffer
//     wire_scanner.c   boards that take commands, from a control transfer, a serial line or a socket
//     wire_decoder.c   the host's side, with wire_scanner.c and wire_encoder.c: everything that a device says
//     ads1298.c        boards with this converter
#pragma once

#include "wire_decoder.h"
#include "wire_encoder.h"
#include "wire_layout.h"
#include "wire_queue.h"
#include "wire_scanner.h"
