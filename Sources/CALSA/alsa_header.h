// ALSA's header under a path of this package, and the one call that Swift cannot make.
// ALSA writes every failure to standard error unless it is given a handler, and a handler takes variable arguments, which Swift has not.
#pragma once

#include <alsa/asoundlib.h>

static inline void calsa_say_nothing(const char *file, int line, const char *function, int code, const char *format, ...) {
    (void)file, (void)line, (void)function, (void)code, (void)format;
}

/// Keeps ALSA from writing to standard error; what failed is in the codes that its calls give.
static inline void calsa_be_quiet(void) { snd_lib_error_set_handler(calsa_say_nothing); }
