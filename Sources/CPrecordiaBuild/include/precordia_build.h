// Which commit a program was built from, and by which compiler.
// In C, because the build hands the commit over as a macro, and because only C can name its compiler.
#pragma once

/// Such as "commit 1a2b3c4d5e6f"; "commit 1a2b3c4d5e6f with changes" when files differed from it; "unknown commit" when the build did not say.
const char *precordia_build_commit(void);
/// Such as "Clang 21.0.0 (https://github.com/swiftlang/llvm-project.git 11673e66)": the compiler that comes with the Swift toolchain, and its revision.
const char *precordia_build_compiler(void);
