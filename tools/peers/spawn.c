// Starts a program and says how long it took to its last output, which is its answer over the whole exam, and to its end, and its peak memory.
// In C because a child's peak memory counts from its parent's, and because a Python parent would add its own time.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

// spawn CORE PROGRAM ARGUMENT...   CORE is -1 for any. Prints: last output, end (ms; the first -1 if there was no output), peak memory (KiB), status
int main(int count, char **arguments) {
    int ends[2], status;
    static char buffer[1 << 16];
    if (count < 3 || pipe(ends)) return 2;
    int core = atoi(arguments[1]);
    double began = milliseconds(), answered = -1;
    pid_t child = fork();
    if (child == 0) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(core < 0 ? 0 : core, &cores);
        if (core >= 0) sched_setaffinity(0, sizeof cores, &cores);
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execv(arguments[2], arguments + 2);
        _exit(127);
    }
    close(ends[1]);
    while (read(ends[0], buffer, sizeof buffer) > 0) answered = milliseconds() - began;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child) return 2;
    printf("%.3f %.3f %ld %d\n", answered, milliseconds() - began, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
