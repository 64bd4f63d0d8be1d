// The one function of the C interface that needs an operating system: a model file read into memory.
// Below the line and in C, because the rooms above it call nothing of the C library.
#include "precordia.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// What ModelBox in PrecordiaC/Model.swift has at these places of a precordia_model.
enum { MAPPED = 1, MAPPED_BYTES = 2, CODE_AND_PROBLEM = 3 };
// Of a model file.
enum { HEADER_BYTES = 256 };

static precordia_error refused(precordia_model *model, int code) {
    memset(model, 0, sizeof *model);
    int32_t pair[2] = {code, PRECORDIA_ERROR_MODEL_FILE};
    memcpy(&model->reserved[CODE_AND_PROBLEM], pair, sizeof pair);
    return PRECORDIA_ERROR_MODEL_FILE;
}

/// Reads the whole file, which may be changing: what counts is what was read. Returns 0 or errno.
static int read_whole(int descriptor, char *to, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t part = read(descriptor, to + done, count - done);
        if (part < 0 && errno == EINTR) continue;
        if (part < 0) return errno;
        if (part == 0) return EIO;
        done += (size_t)part;
    }
    return 0;
}

/// Looks at the header of a file of `end` bytes and says how much of it is worth memory: the header alone, which then is what is refused, where
/// it is no model's or of another length, so that a huge file does not drive a small board out of memory. Returns 0 or errno.
static int look(int descriptor, uint64_t end, size_t *count) {
    char head[HEADER_BYTES];
    uint64_t claimed;
    *count = end < sizeof head ? (size_t)end : sizeof head;
    int code = lseek(descriptor, 0, SEEK_SET) == 0 ? read_whole(descriptor, head, *count) : errno;
    if (code != 0 || *count < sizeof head) return code;
    memcpy(&claimed, head + 16, sizeof claimed);
    if (memcmp(head, "PRECMODL", 8) == 0 && claimed == end) *count = (size_t)end;
    return 0;
}

/// A file's bytes in memory of their own, or null with errno in `code`. What has no end, a pipe or a device, is refused: it could keep the
/// reader waiting. The end is asked for by lseek, because the C library's fstat has another symbol in each of its generations; a folder,
/// whose end may be anywhere, by reading nothing from it.
static void *mapped(int descriptor, size_t *count, int *code) {
    void *memory = MAP_FAILED;
    off_t end = lseek(descriptor, 0, SEEK_END);
    *code = end == 0 ? ENODATA : EINVAL;
    if (end < 0 || read(descriptor, code, 0) < 0) {
        *code = errno;
    } else if (end > 0 && (uint64_t)end <= PTRDIFF_MAX && (*code = look(descriptor, (uint64_t)end, count)) == 0) {
        lseek(descriptor, 0, SEEK_SET);
        memory = mmap(NULL, *count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        *code = memory == MAP_FAILED ? errno : read_whole(descriptor, memory, *count);
    }
    if (*code == 0) return memory;
    if (memory != MAP_FAILED) munmap(memory, *count);
    return NULL;
}

precordia_error precordia_model_open(precordia_model *model, const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return refused(model, errno);
    size_t count = 0;
    int code = 0;
    void *memory = mapped(descriptor, &count, &code);
    close(descriptor);
    if (memory == NULL) return refused(model, code);
    mprotect(memory, count, PROT_READ);
    precordia_error error = precordia_model_init(model, memory, count);
    if (error != PRECORDIA_OK) {
        munmap(memory, count);
        return error;
    }
    model->reserved[MAPPED] = (uintptr_t)memory;
    model->reserved[MAPPED_BYTES] = count;
    return PRECORDIA_OK;
}

void precordia_model_close(precordia_model *model) {
    if (model->reserved[MAPPED]) munmap((void *)(uintptr_t)model->reserved[MAPPED], (size_t)model->reserved[MAPPED_BYTES]);
    memset(model, 0, sizeof *model);
}
