// A program started beside this one, with a pipe to it and one from it.
// In C, because Swift's Glibc module imports neither all flags of posix_spawn nor `environ`.
#pragma once

#include <sys/types.h>

/// A started program; the descriptors do not wait and are closed on exec.
struct precordia_child {
    pid_t process;
    int to, from;
};

/// Starts `path` with `arguments` (ended by NULL, the first is its name) in a session of its own, so that a terminal's Ctrl-C does not reach it.
/// Its standard input and output are the pipes, its standard error is this program's. 0 or an errno.
int precordia_spawn(const char *path, char *const arguments[], struct precordia_child *child);
