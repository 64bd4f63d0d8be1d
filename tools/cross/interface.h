// What the files of the interface's test share: a promise that must hold, and blocks of the wire protocol.
#ifndef INTERFACE_H
#define INTERFACE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "precordia.h"

#define REQUIRE(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

/// Everything that concerns hosts.
void follow(void);

/// Everything that concerns recorded exams.
void exams(const precordia_model *model);

/// A block of the wire protocol: header, payload and check.
static inline size_t block_of(uint8_t session, uint8_t *to, uint8_t type, uint32_t sequence, const void *payload, uint16_t length) {
    const uint8_t head[12] = {0x9E, 0x45, 0x43, 0x47, 1, type, (uint8_t)length, (uint8_t)(length >> 8), session};
    memset(to + 16, 0xFF, 12);
    memcpy(to, head, 12);
    memcpy(to + 12, &sequence, 4);
    memcpy(to + 28, payload, length);
    uint32_t check = ~0u;
    for (size_t at = 0; at < 28u + length; at++) {
        check ^= to[at];
        for (int bit = 0; bit < 8; bit++) check = check >> 1 ^ (check & 1 ? 0x82F63B78u : 0);
    }
    check = ~check;
    memcpy(to + 28 + length, &check, 4);
    return 32u + length;
}

/// A block of session 7.
static inline size_t block(uint8_t *to, uint8_t type, uint32_t sequence, const void *payload, uint16_t length) {
    return block_of(7, to, type, sequence, payload, length);
}

#endif
