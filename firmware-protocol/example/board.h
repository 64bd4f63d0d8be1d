// The border between the example firmware and a board: five functions that a board has, and five that its interrupts and its main loop call.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Exchanges bytes with the converter while its chip select is low.
void board_spi(const uint8_t *out, uint8_t *in, size_t count);
/// Microseconds since power-up, 64 bits: extend a 32-bit timer in its overflow interrupt.
uint64_t board_ticks(void);
/// A number that is another one after each power-up: a random generator, or a counter in flash.
uint32_t board_session(void);
/// Begins to send these bytes, which stay in place until firmware_sent. Called again only after that.
void board_send(const uint8_t *bytes, size_t count);
/// Switches the interrupts that call firmware_sample and firmware_sent off, and on again.
void board_mask(int is_masked);

/// After power-up and reset. `cause`: WIRE_CAUSE_.
void firmware_begin(uint8_t cause);
/// DRDY fell: from its interrupt.
void firmware_sample(void);
/// From the main loop, as often as it comes round, at least every 10 ms.
void firmware_turn(void);
/// The bytes of board_send are gone, `is_whole` or broken off.
void firmware_sent(int is_whole);
/// The data of a control request, or a block from a serial line or a socket. Gives 0 where the request is to be stalled.
int firmware_command(const uint8_t *block, size_t count);
