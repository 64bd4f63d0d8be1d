// Reads a model file into aligned memory and takes the working memory that the bench asks for.
// Shared by the runners in this folder, which are one source file each.
#ifndef PRECORDIA_CROSS_MODEL_H
#define PRECORDIA_CROSS_MODEL_H

#include <stdio.h>
#include <stdlib.h>

#include "golden.h"

struct Model {
    void *bytes;
    size_t count;
    void *memory;
    size_t memoryCount;
};

static void *aligned(size_t count) {
    void *memory = NULL;
    if (posix_memalign(&memory, 64, count ? count : 64) != 0) {
        fprintf(stderr, "no memory for %zu bytes\n", count);
        exit(1);
    }
    return memory;
}

/// The model at `path` with its working memory, or an exit that says why not.
static struct Model readModel(const char *path) {
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "cannot read the model file %s\n", path ? path : "(none given)");
        exit(1);
    }
    struct Model model = {0};
    fseek(file, 0, SEEK_END);
    model.count = (size_t)ftell(file);
    rewind(file);
    model.bytes = aligned(model.count);
    if (fread(model.bytes, 1, model.count, file) != model.count) {
        fprintf(stderr, "%s: shorter than its %zu bytes\n", path, model.count);
        exit(1);
    }
    fclose(file);
    model.memoryCount = precordia_golden_bytes(model.bytes, model.count);
    if (model.memoryCount == 0) {
        fprintf(stderr, "%s: the bench does not take this as a model\n", path);
        exit(1);
    }
    model.memory = aligned(model.memoryCount);
    return model;
}

#endif
