// The tables that give labels of other vocabularies a meaning, taken into the program by the C compiler.
// Apart from the model: they do not change with it.
#include "precordia_model.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char snomed[] = {
#embed "../../models/snomed.csv"
};

static const unsigned char classes[] = {
#embed "../../models/code66-sources.csv"
};

const void *precordia_snomed_table(void) { return snomed; }
size_t precordia_snomed_table_bytes(void) { return sizeof snomed; }
const void *precordia_class_table(void) { return classes; }
size_t precordia_class_table_bytes(void) { return sizeof classes; }
