// LiteRT from its C interface, as small a program as can be: one answer, then the end. Its time and memory are the runtime's.
// The wheel ships the library without headers: the few functions used are declared here as version 2 has them, and found by name.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    int32_t element;
    unsigned rank : 7, has_strides : 1;
    int32_t dimensions[8];
    uint32_t strides[8];
} Type;

enum { INT8 = 9, CPU = 1, READ = 0, WRITE = 1 };
static void *library;

static void *function(const char *name) {
    void *found = dlsym(library, name);
    if (found) return found;
    fprintf(stderr, "the library has no %s\n", name);
    exit(3);
}

static void check(int status, const char *what) {
    if (status == 0) return;
    fprintf(stderr, "%s: status %d\n", what, status);
    exit(4);
}

#define CALL(NAME, TYPES, ...) check(((int (*) TYPES)function("LiteRt" #NAME))(__VA_ARGS__), #NAME)

// start_litert LIBRARY MODEL LEADS SAMPLES LABELS
int main(int count, char **arguments) {
    if (count != 6) return 2;
    library = dlopen(arguments[1], RTLD_NOW);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 3;
    Type given = {INT8, 4, 0, {1, 1, atoi(arguments[4]), atoi(arguments[3])}, {0}}, got = {INT8, 2, 0, {1, atoi(arguments[5])}, {0}};
    void *environment, *model, *options, *compiled, *wants, *gives, *input, *output, *bytes;
    CALL(CreateEnvironment, (int, const void *, void **), 0, NULL, &environment);
    CALL(CreateModelFromFile, (void *, const char *, void **), environment, arguments[2], &model);
    CALL(CreateOptions, (void **), &options);
    CALL(SetOptionsHardwareAccelerators, (void *, int), options, CPU);
    CALL(CreateCompiledModel, (void *, void *, void *, void **), environment, model, options, &compiled);
    CALL(GetCompiledModelInputBufferRequirements, (void *, size_t, size_t, void **), compiled, 0, 0, &wants);
    CALL(GetCompiledModelOutputBufferRequirements, (void *, size_t, size_t, void **), compiled, 0, 0, &gives);
    CALL(CreateManagedTensorBufferFromRequirements, (void *, const Type *, void *, void **), environment, &given, wants, &input);
    CALL(CreateManagedTensorBufferFromRequirements, (void *, const Type *, void *, void **), environment, &got, gives, &output);
    CALL(LockTensorBuffer, (void *, void **, int), input, &bytes, WRITE);
    for (int i = 0; i < given.dimensions[2] * given.dimensions[3]; i++) ((int8_t *)bytes)[i] = (int8_t)(i % 64 - 32);
    CALL(UnlockTensorBuffer, (void *), input);
    CALL(RunCompiledModel, (void *, size_t, size_t, void **, size_t, void **), compiled, 0, 1, &input, 1, &output);
    CALL(LockTensorBuffer, (void *, void **, int), output, &bytes, READ);
    printf("%d\n", ((int8_t *)bytes)[0]);
    fflush(stdout);
    _Exit(0);
}
