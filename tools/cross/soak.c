// Runs simulated stream through the engine while every allocation of the process is counted.
// The C library's allocator is defined anew here, over its own __libc_ functions, so nothing that the engine calls gets past it.
//
//     soak MODEL SECONDS      prints the count; the exit status is 1 where it is not 0
//     soak --self-test        allocates on purpose and must see each event

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "model.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static bool armed;
static long allocations;
static long releases;

static void *counted(void *memory) {
    if (armed) allocations++;
    return memory;
}

void *malloc(size_t count) { return counted(__libc_malloc(count)); }
void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }
void *realloc(void *memory, size_t count) { return counted(__libc_realloc(memory, count)); }
void *memalign(size_t alignment, size_t count) { return counted(__libc_memalign(alignment, count)); }
void *aligned_alloc(size_t alignment, size_t count) { return counted(__libc_memalign(alignment, count)); }

int posix_memalign(void **memory, size_t alignment, size_t count) {
    *memory = counted(__libc_memalign(alignment, count));
    return *memory == NULL ? ENOMEM : 0;
}

void free(void *memory) {
    if (armed && memory != NULL) releases++;
    __libc_free(memory);
}

/// Calls each allocator once, through pointers that no compiler may see through.
static int selfTest(void) {
    void *(*volatile take)(size_t) = malloc;
    void *(*volatile takeZeroed)(size_t, size_t) = calloc;
    void *(*volatile takeAgain)(void *, size_t) = realloc;
    void *(*volatile takeAligned)(size_t, size_t) = aligned_alloc;
    int (*volatile takePosix)(void **, size_t, size_t) = posix_memalign;
    char *(*volatile copy)(const char *) = strdup;
    void (*volatile give)(void *) = free;
    void *kept[5] = {0};
    armed = true;
    kept[0] = takeAgain(take(8), 16);
    kept[1] = takeZeroed(1, 8);
    kept[2] = takeAligned(64, 64);
    int status = takePosix(&kept[3], 64, 64);
    kept[4] = copy("lead");
    for (int index = 0; index < 5; index++) give(kept[index]);
    armed = false;
    bool right = status == 0 && allocations == 6 && releases == 5;
    printf("counting allocator: %ld of 6 allocations and %ld of 5 releases seen\n", allocations, releases);
    return right ? 0 : 1;
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--self-test") == 0) return selfTest();
    struct Model model = readModel(count > 1 ? arguments[1] : NULL);
    int seconds = count > 2 ? atoi(arguments[2]) : 3600;
    armed = true;
    int32_t status = precordia_golden_soak(model.bytes, model.count, model.memory, model.memoryCount, seconds);
    armed = false;
    if (status != 0) {
        fprintf(stderr, "soak: precordia_golden_soak returned %d\n", (int)status);
        return 1;
    }
    printf("%ld allocations and %ld releases over %d s of stream\n", allocations, releases, seconds);
    return allocations + releases == 0 ? 0 : 1;
}
