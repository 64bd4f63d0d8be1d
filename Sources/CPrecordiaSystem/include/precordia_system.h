// What a live session asks of Linux that Swift's Glibc module does not import: waking a thread, its priority and processor, the clock's error.
// In C for that reason alone.
#pragma once

#include <pthread.h>
#include <stdint.h>

/// A descriptor that one thread rings and another waits for; -1 with errno.
int precordia_bell_open(void);
/// Rings. Never waits; ringing twice is ringing once.
void precordia_bell_ring(int bell);
/// Waits until it was rung, at most `timeout` milliseconds, and makes it silent again.
void precordia_bell_wait(int bell, int timeout);

/// Gives the calling thread SCHED_FIFO at `priority` (1 to 99); 0 or an errno.
int precordia_thread_realtime(int priority);
/// Keeps the calling thread on one processor; 0 or an errno.
int precordia_thread_pin(int processor);
/// Keeps all memory of the process, now and later, from being swapped out; 0 or an errno.
int precordia_memory_lock(void);

/// The kernel's estimate of the error of CLOCK_REALTIME in microseconds; -1 where nothing keeps the clock synchronised.
int64_t precordia_clock_error(void);

/// Waits until a thread has returned, `seconds` at most; 0 if it has, otherwise the system's error.
int precordia_join(pthread_t thread, int seconds);

/// Nanoseconds that the calling thread's clock stands at, for a bench that need not wait; 0 for the system's clock.
void precordia_play_clock(int64_t nanoseconds);
int64_t precordia_played_clock(void);
