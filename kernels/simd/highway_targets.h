// SPDX-License-Identifier: Apache-2.0
//
// Which of Highway's targets the vector code is compiled for. To be included before any header of
// Highway, and compiled without the compiler's own vectoriser (see HWY_BROKEN_EMU128).
#pragma once

#ifdef HIGHWAY_HWY_DETECT_TARGETS_H_
#error "simd/highway_targets.h: expected before Highway's headers, found after them"
#endif

// AES on 512-bit vectors is not among Highway's default targets.
#define HWY_WANT_AVX3_DL 1

// Highway gives up its plain C++ target under g++ before 12.3, whose vectoriser can miscompile it
// (GCC PR 106322).
#define HWY_BROKEN_EMU128 0

// A group is an array of vectors, which SVE's vectors of unknown size cannot form; every machine
// with SVE has NEON with AES too.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
