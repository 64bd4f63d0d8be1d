// Reads the exam that the gadget plays; little-endian, as tools/hil/exam.py writes it.
// Apart from the device, because a board has a converter in this place.
#include "exam.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES = 24, CHANNEL_BYTES = 24 };

static size_t frame_bytes(const struct exam *exam) { return 4 + 4 * (size_t)exam->channels; }

bool exam_open(struct exam *exam, const char *path, char *problem, size_t problem_bytes) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        snprintf(problem, problem_bytes, "%s: cannot be read, %s", path, strerror(errno));
        return false;
    }
    size_t count = (size_t)status.st_size;
    const uint8_t *bytes = count < HEADER_BYTES ? MAP_FAILED : mmap(NULL, count, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (bytes == MAP_FAILED || memcmp(bytes, "EXAM", 4) != 0) {
        snprintf(problem, problem_bytes, "%s: is no exam of tools/hil/exam.py", path);
        return false;
    }
    memset(exam, 0, sizeof *exam);
    memcpy(&exam->channels, bytes + 4, 4);
    memcpy(&exam->rate, bytes + 8, 4);
    memcpy(&exam->sensed, bytes + 12, 2);
    memcpy(&exam->watched, bytes + 14, 2);
    memcpy(&exam->frames, bytes + 16, 8);
    size_t first = HEADER_BYTES + CHANNEL_BYTES * (size_t)exam->channels;
    if (exam->channels < 1 || exam->channels > EXAM_CHANNELS || exam->rate < 50 || first + exam->frames * frame_bytes(exam) != count) {
        snprintf(
            problem, problem_bytes, "%s: %zu bytes do not hold %u channels of %llu frames at %u Hz", path, count, exam->channels,
            (unsigned long long)exam->frames, exam->rate);
        return false;
    }
    memcpy(exam->channel, bytes + HEADER_BYTES, CHANNEL_BYTES * exam->channels);
    exam->samples = bytes + first;
    return true;
}

void exam_frame_at(const struct exam *exam, uint64_t index, struct exam_frame *frame) {
    const uint8_t *bytes = exam->samples + index * frame_bytes(exam);
    memcpy(&frame->off, bytes, 2);
    memcpy(&frame->clipped, bytes + 2, 2);
    memcpy(frame->values, bytes + 4, 4 * (size_t)exam->channels);
}
