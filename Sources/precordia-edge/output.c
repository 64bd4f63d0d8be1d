// The buffer before standard output. See the header for what happens when it cannot be emptied.
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *output_room(struct output *output, size_t *count) {
    if (output->end - output->start > sizeof output->bytes / 2) output_flush(output);
    if (output->start > 0) {
        memmove(output->bytes, output->bytes + output->start, output->end - output->start);
        output->end -= output->start;
        output->start = 0;
    }
    *count = sizeof output->bytes - output->end;
    return output->bytes + output->end;
}

void output_add(struct output *output, size_t count) {
    if (count > sizeof output->bytes - output->end) {
        output->lost++;
        output->lost_in_all++;
        return;
    }
    output->end += count;
}

static void complain(struct output *output, int code) {
    if (code == output->problem) return;
    output->problem = code;
    if (code != 0) fprintf(stderr, "precordia-edge: standard output: cannot be written, %s; trying again\n", strerror(code));
    else fprintf(stderr, "precordia-edge: standard output: can be written again, %llu lines lost\n", (unsigned long long)output->lost_in_all);
}

void output_flush(struct output *output) {
    while (output->start < output->end && !output->closed) {
        ssize_t written = write(STDOUT_FILENO, output->bytes + output->start, output->end - output->start);
        if (written > 0) {
            output->start += (size_t)written;
            complain(output, 0);
        } else if (written == 0 || errno == EINTR) {
            continue;
        } else if (errno == EAGAIN) {
            struct pollfd waiting = {STDOUT_FILENO, POLLOUT, 0};
            poll(&waiting, 1, 100);
        } else if (errno == EPIPE) {
            output->closed = true;
        } else {
            complain(output, errno);
            return;
        }
    }
}

void output_end(struct output *output) {
    output_flush(output);
    for (size_t index = output->start; index < output->end; index++) output->lost_in_all += output->bytes[index] == '\n';
    if (output->lost_in_all > 0 && !output->closed)
        fprintf(stderr, "precordia-edge: standard output: %llu lines lost\n", (unsigned long long)output->lost_in_all);
}
