// The shipped model's bytes, taken into the program by the C compiler.
#include "precordia_model.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const _Alignas(64) unsigned char model[] = {
#embed "../../models/ptbxl71.precordia"
};

const void *precordia_shipped_model(void) { return model; }
size_t precordia_shipped_model_bytes(void) { return sizeof model; }
