// Thin calls, one for each line of the header.
#include "precordia_system.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <unistd.h>

int precordia_bell_open(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void precordia_bell_ring(int bell) {
    // Fails only when it was rung 2^64 - 2 times unheard.
    ssize_t done = write(bell, &(uint64_t){1}, sizeof(uint64_t));
    (void)done;
}

void precordia_bell_wait(int bell, int timeout) {
    struct pollfd waiting = {bell, POLLIN, 0};
    uint64_t rings;
    if (poll(&waiting, 1, timeout) > 0) {
        ssize_t done = read(bell, &rings, sizeof rings);
        (void)done;
    }
}

int precordia_thread_realtime(int priority) {
    struct sched_param wanted = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted);
}

int precordia_thread_pin(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (processor < 0 || processor >= CPU_SETSIZE) return EINVAL;
    CPU_SET(processor, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int precordia_memory_lock(void) { return mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? 0 : errno; }

int64_t precordia_clock_error(void) {
    struct timex state = {0};
    if (adjtimex(&state) < 0 || (state.status & STA_UNSYNC) != 0) return -1;
    return state.esterror;
}

int precordia_join(pthread_t thread, int seconds) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end);
}

static _Thread_local int64_t played_clock;

void precordia_play_clock(int64_t nanoseconds) { played_clock = nanoseconds; }

int64_t precordia_played_clock(void) { return played_clock; }
