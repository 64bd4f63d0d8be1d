// How deep the engine's stack gets: a thread on a painted stack, and how much of the paint is left after it.
// The engine's and the simulator's frames are in it, an Engine by value, and nothing of the thread library, which an empty thread shows.
//
//     stack MODEL SECONDS     prints the bytes of stack, and those of the engine's arena at 500 Hz

#include <pthread.h>
#include <string.h>

#include "model.h"

enum { stackBytes = 1 << 20, paint = 0xA5 };

struct Run {
    const struct Model *model;
    int seconds;
    int32_t status;
};

static void *nothing(void *run) { return run; }

static void *soak(void *run) {
    struct Run *it = run;
    it->status = precordia_golden_soak(it->model->bytes, it->model->count, it->model->memory, it->model->memoryCount, it->seconds);
    return run;
}

/// The bytes of stack that a thread running `body` wrote to, from its deepest to the top.
static size_t depth(void *(*body)(void *), struct Run *run) {
    unsigned char *stack = aligned(stackBytes);
    memset(stack, paint, stackBytes);
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) || pthread_attr_setstack(&attributes, stack, stackBytes)
        || pthread_create(&thread, &attributes, body, run) || pthread_join(thread, NULL)) {
        fprintf(stderr, "stack: no thread\n");
        exit(1);
    }
    size_t untouched = 0;
    while (untouched < stackBytes && stack[untouched] == paint) untouched++;
    free(stack);
    return stackBytes - untouched;
}

int main(int count, char **arguments) {
    struct Model model = readModel(count > 1 ? arguments[1] : NULL);
    struct Run run = {&model, count > 2 ? atoi(arguments[2]) : 60, 0};
    size_t empty = depth(nothing, &run), full = depth(soak, &run);
    if (run.status != 0) {
        fprintf(stderr, "stack: precordia_golden_soak returned %d\n", (int)run.status);
        return 1;
    }
    printf("%zu %zu\n", full - empty, precordia_golden_engine_bytes(model.bytes, model.count, 500));
    return 0;
}
