// PRECORDIA_COMMIT comes from tools/commit, by way of the environment and Package.swift, or of tools/precordia_tools/library.py.
// Apart from everything else, because only this file is compiled anew for another commit.
#include "precordia_build.h"

#ifndef PRECORDIA_COMMIT
#define PRECORDIA_COMMIT "unknown commit"
#endif

const char *precordia_build_commit(void) { return PRECORDIA_COMMIT; }

const char *precordia_build_compiler(void) { return __VERSION__; }
