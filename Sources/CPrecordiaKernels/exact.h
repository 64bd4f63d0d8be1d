// Rounding as written: no fused multiply-add that one processor has and another has not. The first include of every file that computes.
// A pragma and not a compiler flag, because a package with such flags cannot be another's dependency. -ffp-contract=fast would override it.
#ifndef PRECORDIA_EXACT_H
#define PRECORDIA_EXACT_H

#pragma STDC FP_CONTRACT OFF

#if defined(__FAST_MATH__)
#error "fast mathematics would change the bits that every processor must share: compile the kernels without -ffast-math"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "binary32 must be computed in binary32, with one rounding an operation"
#endif

#endif
