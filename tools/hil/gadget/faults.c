// Damage to blocks and to the connection, by a plan, counted.
// Apart from the board and its USB side, which know nothing of it.
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "precordia_wire.h"
#include "wire_bytes.h"

static const char *const names[FAULT_KINDS] = {"drop", "flip", "repeat", "version", "type", "babble", "halt", "empty", "cut", "unplug"};

const char *fault_name(enum fault_kind kind) { return names[kind]; }

bool faults_add(struct faults *faults, const char *words) {
    struct fault fault = {.kind = FAULT_KINDS, .type = WIRE_TYPE_DATA, .every = 1, .count = 1, .size = 512};
    char copy[128];
    if (faults->count == FAULTS || strlen(words) >= sizeof copy) return false;
    strcpy(copy, words);
    char *rest = NULL, *word = strtok_r(copy, ",", &rest);
    for (int kind = 0; word != NULL && kind < FAULT_KINDS; kind++)
        if (strcmp(word, names[kind]) == 0) fault.kind = (enum fault_kind)kind;
    while ((word = strtok_r(NULL, ",", &rest)) != NULL) {
        char *value = strchr(word, '='), *end = NULL;
        if (value == NULL) return false;
        unsigned long long number = strtoull(value + 1, &end, 10);
        if (*end != '\0' || end == value + 1) return false;
        *value = '\0';
        if (strcmp(word, "type") == 0) fault.type = (uint8_t)number;
        else if (strcmp(word, "from") == 0) fault.from = number;
        else if (strcmp(word, "every") == 0) fault.every = number;
        else if (strcmp(word, "count") == 0) fault.count = number;
        else if (strcmp(word, "size") == 0) fault.size = number;
        else return false;
    }
    if (fault.kind == FAULT_KINDS || fault.every == 0 || fault.size == 0) return false;
    faults->plan[faults->count++] = fault;
    return true;
}

/// The next number of a fixed sequence (Marsaglia's xorshift): the same plan does the same damage.
static uint64_t next_random(struct faults *faults) {
    if (faults->random == 0) faults->random = 88172645463325252u;
    faults->random ^= faults->random << 13;
    faults->random ^= faults->random >> 7;
    faults->random ^= faults->random << 17;
    return faults->random;
}

static void pause_of(long milliseconds) {
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/// One transfer that goes out whole, however often it has to be begun.
static void send_whole(struct faults *faults, struct usb *usb, const uint8_t *bytes, size_t count) {
    while (!usb_send(usb, bytes, count)) continue;
    if (faults->wire != NULL) fwrite(bytes, 1, count, faults->wire);
}

/// Bytes that are no protocol. The magic's first byte never comes, so that not one of them can be taken for a block's begin.
static void babble(struct faults *faults, struct usb *usb, uint64_t size) {
    uint8_t bytes[16384];
    while (size > 0) {
        size_t count = size < sizeof bytes ? (size_t)size : sizeof bytes;
        for (size_t index = 0; index < count; index++) {
            bytes[index] = (uint8_t)next_random(faults);
            if (bytes[index] == 0x9E) bytes[index] = 0;
        }
        send_whole(faults, usb, bytes, count);
        size -= count;
    }
}

/// FunctionFS halts an IN endpoint that is read from; not while a transfer is still on it.
static void halt(struct usb *usb) {
    uint8_t byte;
    while (read(usb->stream, &byte, 1) < 0 && errno == EAGAIN) pause_of(1);
}

static void write_cable(const struct faults *faults, const char *words) {
    int file = open(faults->cable, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, words, strlen(words)) < 0) fprintf(stderr, "gadget: %s: %s\n", faults->cable, strerror(errno));
    if (file >= 0) close(file);
}

/// Pulls the cable in the middle of a transfer: whole packets of it have been taken and the host still waits for more.
static void unplug(struct faults *faults, struct usb *usb, const uint8_t *block, size_t count) {
    if (count > 0 && usb_send(usb, block, count) && faults->wire != NULL) fwrite(block, 1, count, faults->wire);
    write_cable(faults, "\n");
    pause_of(200);
    write_cable(faults, faults->controller);
}

static void flip(struct faults *faults, uint8_t *block, size_t count) {
    size_t bit = (size_t)(next_random(faults) % (8 * count));
    block[bit / 8] ^= (uint8_t)(1u << bit % 8);
    size_t length = block[WIRE_HEADER_LENGTH] | (size_t)block[WIRE_HEADER_LENGTH + 1] << 8;
    if (bit / 8 >= WIRE_HEADER_VERSION && length <= WIRE_MAXIMUM_PAYLOAD) faults->wrong_checks++;
}

/// Changes a byte of the header and makes the check right again.
static void pretend(uint8_t *block, size_t count, size_t place, uint8_t value) {
    block[place] = value;
    uint32_t check = wire_check(0, block, count - WIRE_CHECK_BYTES);
    for (size_t index = 0; index < WIRE_CHECK_BYTES; index++) block[count - WIRE_CHECK_BYTES + index] = (uint8_t)(check >> 8 * index);
}

/// Whether a line of the plan strikes a block of this type, which it counts.
static bool strikes(struct fault *fault, uint8_t type) {
    if (fault->type != type) return false;
    uint64_t place = fault->seen++;
    if (fault->struck == fault->count || place < fault->from || (place - fault->from) % fault->every != 0) return false;
    fault->struck++;
    return true;
}

static void enter(struct faults *faults, enum fault_kind kind, const uint8_t *block, uint64_t bytes) {
    faults->ledger[kind].blocks++;
    faults->ledger[kind].bytes += bytes;
    if (block[WIRE_HEADER_TYPE] == WIRE_TYPE_DATA) faults->ledger[kind].samples += block[WIRE_HEADER_BYTES + WIRE_DATA_SAMPLE_COUNT];
}

void faults_send(struct faults *faults, struct usb *usb, const uint8_t *block, size_t count) {
    uint8_t bytes[WIRE_MAXIMUM_BLOCK];
    memcpy(bytes, block, count);
    unsigned times = 1;
    size_t piece = 0;
    for (size_t index = 0; index < faults->count; index++) {
        struct fault *fault = &faults->plan[index];
        if (!strikes(fault, block[WIRE_HEADER_TYPE])) continue;
        uint64_t about = fault->kind == FAULT_BABBLE || fault->kind == FAULT_UNPLUG ? fault->size : count;
        if (fault->kind == FAULT_UNPLUG && about > count) about = 0;
        enter(faults, fault->kind, block, about);
        switch (fault->kind) {
        case FAULT_DROP: times = 0; break;
        case FAULT_FLIP: flip(faults, bytes, count); break;
        case FAULT_REPEAT: times = 2; break;
        case FAULT_VERSION: pretend(bytes, count, WIRE_HEADER_VERSION, WIRE_VERSION + 1); break;
        case FAULT_TYPE: pretend(bytes, count, WIRE_HEADER_TYPE, 0x7F); break;
        case FAULT_BABBLE: babble(faults, usb, fault->size); break;
        case FAULT_HALT: halt(usb); break;
        case FAULT_EMPTY: send_whole(faults, usb, bytes, 0); break;
        case FAULT_CUT: piece = (size_t)fault->size; break;
        default: unplug(faults, usb, bytes, (size_t)about); break;
        }
    }
    while (times-- > 0)
        for (size_t done = 0; done < count;) {
            size_t part = piece == 0 ? count : 1 + (size_t)(next_random(faults) % piece);
            if (part > count - done) part = count - done;
            send_whole(faults, usb, bytes + done, part);
            done += part;
        }
}
