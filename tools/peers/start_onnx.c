// ONNX Runtime from its C interface, as small a program as can be: one answer, then the end. Its time and memory are the runtime's.
// The wheel ships the library without a header: the few entries used are named here by their place in the table, which is stable.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const void *const *(*table)(uint32_t version);
    const char *(*version)(void);
} Base;
const Base *OrtGetApiBase(void);

enum { MESSAGE = 2, ENVIRONMENT = 3, SESSION = 7, RUN = 9, OPTIONS = 10, INTRA_THREADS = 24, TENSOR = 49, DATA = 51, CPU_MEMORY = 69 };
static const void *const *api;

static void check(void *status, const char *what) {
    if (!status) return;
    fprintf(stderr, "%s: %s\n", what, ((const char *(*)(const void *))api[MESSAGE])(status));
    exit(1);
}

// start_onnx MODEL LEADS SAMPLES
int main(int count, char **arguments) {
    if (count != 4) return 2;
    int64_t shape[4] = {1, atoi(arguments[2]), 1, atoi(arguments[3])};
    size_t bytes = (size_t)(shape[1] * shape[3]);
    uint8_t *samples = malloc(bytes);
    for (size_t i = 0; i < bytes; i++) samples[i] = (uint8_t)(96 + i % 64);
    api = OrtGetApiBase()->table(12);
    void *environment, *options, *session, *memory, *input, *output = NULL;
    float *logits;
    check(((void *(*)(int, const char *, void **))api[ENVIRONMENT])(3, "start", &environment), "environment");
    check(((void *(*)(void **))api[OPTIONS])(&options), "options");
    check(((void *(*)(void *, int))api[INTRA_THREADS])(options, 1), "threads");
    check(((void *(*)(void *, const char *, void *, void **))api[SESSION])(environment, arguments[1], options, &session), "session");
    check(((void *(*)(int, int, void **))api[CPU_MEMORY])(1, 0, &memory), "memory");
    check(((void *(*)(void *, void *, size_t, const int64_t *, size_t, int, void **))api[TENSOR])(memory, samples, bytes, shape, 4, 2, &input), "input");
    const char *in = "x", *out = "y";
    check(
        ((void *(*)(void *, void *, const char *const *, void *const *, size_t, const char *const *, size_t, void **))api[RUN])(
            session, NULL, &in, &input, 1, &out, 1, &output), "run");
    check(((void *(*)(void *, void **))api[DATA])(output, (void **)&logits), "data");
    printf("%.4f\n", logits[0]);
    fflush(stdout);
    _Exit(0);
}
