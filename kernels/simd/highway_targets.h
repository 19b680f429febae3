// SPDX-License-Identifier: Apache-2.0
//
// Which of Highway's targets the vector code is compiled for. To be included before any header of
// Highway.
#pragma once

#ifdef HIGHWAY_HWY_DETECT_TARGETS_H_
#error "simd/highway_targets.h: expected before Highway's headers, found after them"
#endif

// AES on 512-bit vectors is not among Highway's default targets.
#define HWY_WANT_AVX3_DL 1

// A group is an array of vectors, which SVE's vectors of unknown size cannot form; every machine
// with SVE has NEON with AES too. AVX3, 512-bit vectors without AES for them, has nothing over
// AVX2.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_AVX3)

/// Whether the target that is being compiled takes the vector code. Highway's plain C++ targets do
/// not: SCALAR has no AES, and EMU128 shuffles octets with addresses and branches that depend on
/// them, so its AES leaks the key through timing. The others emulate AES, where they lack it, with
/// octet shuffles of constant time.
#define REKEY_SIMD_TARGET_FITS (HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)
