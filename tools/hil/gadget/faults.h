// What goes wrong between a board and its host, on purpose: damage to blocks on their way out and to the connection, with a ledger of it.
// Apart from the board and its USB side, which know nothing of it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "usb.h"

enum fault_kind {
    /// The block is not sent.
    FAULT_DROP,
    /// One bit of it is another, anywhere.
    FAULT_FLIP,
    /// It is sent twice.
    FAULT_REPEAT,
    /// It says another version of the protocol, and its check is right.
    FAULT_VERSION,
    /// It says a type that nobody knows, and its check is right.
    FAULT_TYPE,
    /// `size` bytes that are no protocol come before it.
    FAULT_BABBLE,
    /// The endpoint is halted before it.
    FAULT_HALT,
    /// An empty packet comes before it.
    FAULT_EMPTY,
    /// It comes in transfers of 1 to `size` bytes.
    FAULT_CUT,
    /// The cable is pulled after its first `size` bytes, and put in again after 200 ms.
    FAULT_UNPLUG,
    FAULT_KINDS,
};

/// One line of the plan: the blocks of a type, counted from 0, that it strikes.
struct fault {
    enum fault_kind kind;
    uint8_t type;
    uint64_t from, every, count, size;
    uint64_t seen, struck;
};

enum { FAULTS = 16 };

struct faults {
    struct fault plan[FAULTS];
    size_t count;
    /// Where the cable is: the gadget's UDC file, and the controller's name.
    const char *cable, *controller;
    /// What went out, every byte of each whole transfer; null to keep nothing.
    FILE *wire;
    uint64_t random;
    /// Blocks struck by each kind, the samples of those that were data, and the bytes: of babble its own, of unplugging those before it.
    struct {
        uint64_t blocks, samples, bytes;
    } ledger[FAULT_KINDS];
    /// Flipped bits that show as a wrong check: all but those in the magic or that made the length impossible.
    uint64_t wrong_checks;
};

/// Adds a line such as "flip,from=100,every=50,count=3" to the plan; type=3 (data), from=0, every=1, count=1, size=512 if not given.
bool faults_add(struct faults *faults, const char *words);

/// The stable name of a kind.
const char *fault_name(enum fault_kind kind);

/// Sends a block with whatever strikes it. A transfer that is broken off is begun again, as SPEC.md has it.
void faults_send(struct faults *faults, struct usb *usb, const uint8_t *block, size_t count);
