// The policies that ship with Precordia, taken into the program by the C compiler.
#include "precordia_model.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bedside[] = {
#embed "../../policies/bedside.toml"
};

static const unsigned char clinic[] = {
#embed "../../policies/clinic.toml"
};

static const unsigned char replay[] = {
#embed "../../policies/replay.toml"
};

static const struct {
    const void *bytes;
    size_t count;
} policies[] = {{bedside, sizeof bedside}, {clinic, sizeof clinic}, {replay, sizeof replay}};

const void *precordia_policy(int index) { return policies[index].bytes; }
size_t precordia_policy_bytes(int index) { return policies[index].count; }
