// The check of every block, and counting: what writing and reading share.

#include "wire_bytes.h"

uint32_t wire_check(uint32_t check, const uint8_t *bytes, size_t count) {
    // Remainders of the sixteen half bytes: entry n is n times x^4 modulo the reflected polynomial 0x82F63B78.
    static const uint32_t half[16] = {0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
                                      0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75};
    check = ~check;
    for (; count > 0; count--) {
        check ^= *bytes++;
        check = check >> 4 ^ half[check & 15];
        check = check >> 4 ^ half[check & 15];
    }
    return ~check;
}

void wire_count(uint64_t *counter, uint32_t by) { *counter += by; }
