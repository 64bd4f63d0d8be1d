// The example board on a computer: a converter that makes a slow saw-tooth, a clock that counts samples, standard output for a cable.
//     cc -I ../reference *.c ../reference/*.c -o board && ./board 5 | precordia verify -

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ads1298.h"
#include "board.h"
#include "precordia_wire.h"

enum { MICROSECONDS = 2000, REGISTERS = 32 };

static uint64_t ticks, samples;
static uint8_t registers[REGISTERS];

void board_spi(const uint8_t *out, uint8_t *in, size_t count) {
    memset(in, 0, count);
    if (out[0] >> 5 == 2) memcpy(registers + (out[0] & 31), out + 2, count - 2);
    if (out[0] >> 5 == 1) memcpy(in + 2, registers + (out[0] & 31), count - 2);
    if (count != ADS1298_FRAME_BYTES || out[0] != 0) return;
    in[0] = 0xC0;
    // Every fifth second V3's electrode, the positive one of input 5, is off.
    if (samples / 500 % 5 == 4) in[1] = 0x10 << 4 & 0xFF, in[0] |= 0x01;
    for (size_t input = 0; input < ADS1298_CHANNELS; input++) {
        const uint32_t value = (uint32_t)(samples % 500 * 20) - 5000 + (uint32_t)input;
        in[3 + 3 * input] = (uint8_t)(value >> 16);
        in[4 + 3 * input] = (uint8_t)(value >> 8);
        in[5 + 3 * input] = (uint8_t)value;
    }
}

uint64_t board_ticks(void) { return ticks; }
uint32_t board_session(void) { return 1; }
void board_mask(int is_masked) { (void)is_masked; }

void board_send(const uint8_t *bytes, size_t count) {
    if (fwrite(bytes, 1, count, stdout) != count) exit(1);
    firmware_sent(1);
}

static void command(wire_encoder *host, uint8_t type) {
    const wire_command wanted = {type, 0, 0, 0, UINT32_MAX, UINT16_MAX};
    const size_t bytes = wire_write_command(host, &wanted, UINT64_MAX);
    if (!firmware_command(host->block, bytes)) exit(1);
}

int main(int count, char **arguments) {
    uint8_t block[WIRE_CONFIGURE_BLOCK_BYTES];
    wire_encoder host = {7, 0, UINT32_MAX, block, sizeof block, 0, 0};
    const long seconds = count > 1 ? strtol(arguments[1], NULL, 10) : 5;
    firmware_begin(WIRE_CAUSE_POWER);
    command(&host, WIRE_TYPE_IDENTIFY);
    command(&host, WIRE_TYPE_CONFIGURE);
    command(&host, WIRE_TYPE_START);
    for (; samples < (uint64_t)seconds * 500; samples++) {
        ticks += MICROSECONDS;
        firmware_sample();
        firmware_turn();
    }
    command(&host, WIRE_TYPE_STOP);
    for (int turn = 0; turn < 64; turn++) firmware_turn();
    return 0;
}
