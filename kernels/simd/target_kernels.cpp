// SPDX-License-Identifier: Apache-2.0
//
// Compiles the vector code once for each target: Highway includes this very file again and again,
// with another HWY_TARGET each time.

#ifndef REKEY_SIMD_TARGET_KERNELS_CPP_
#define REKEY_SIMD_TARGET_KERNELS_CPP_

// AES on 512-bit vectors is not among Highway's default targets.
#define HWY_WANT_AVX3_DL 1
// Highway gives up its plain C++ target under g++ before 12.3, whose vectoriser can miscompile it
// (GCC PR 106322); this file is compiled without the vectoriser.
#define HWY_BROKEN_EMU128 0
// A group is an array of vectors, which SVE's vectors of unknown size cannot form; every machine
// with SVE has NEON with AES too.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

#include <algorithm>
#include <array>
#include <utility>

#include "simd/target_kernels.h"

namespace rekey::simd {
namespace {

/// The entry of the target with Highway's bit `Id`; specialised below for those compiled.
template <std::int64_t Id>
constexpr TargetKernels kKernelsOf = {};

}  // namespace
}  // namespace rekey::simd

#endif  // REKEY_SIMD_TARGET_KERNELS_CPP_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/target_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before the vector code
#include <hwy/highway.h>

#include "simd/cmac-inl.h"
#include "simd/derive-inl.h"

namespace rekey::simd {
namespace {

template <>
constexpr TargetKernels kKernelsOf<HWY_TARGET> = {
    HWY_TARGET,
    std::string_view(HWY_STR(HWY_NAMESPACE)).substr(2),  // N_AVX2
    HWY_NAMESPACE::kAbreast,
    HWY_NAMESPACE::kTileItems,
    &HWY_NAMESPACE::derive,
    &HWY_NAMESPACE::cmac,
};

}  // namespace
}  // namespace rekey::simd

#if HWY_ONCE
namespace rekey::simd {
namespace {

constexpr std::size_t kTargetBits = 63;

/// The entries of all targets compiled, in the order of their bits: best first.
template <std::size_t... Bit>
constexpr std::array<TargetKernels, sizeof...(Bit)> collect(std::index_sequence<Bit...>) {
  std::array<TargetKernels, sizeof...(Bit)> all = {kKernelsOf<std::int64_t{1} << Bit>...};
  return all;
}

}  // namespace

std::span<const TargetKernels> compiled_kernels() {
  static constexpr auto kAll = [] {
    constexpr auto kByBit = collect(std::make_index_sequence<kTargetBits>());
    constexpr auto kIsCompiled = [](const TargetKernels& k) { return k.derive != nullptr; };
    std::array<TargetKernels, std::count_if(kByBit.begin(), kByBit.end(), kIsCompiled)> compiled;
    std::copy_if(kByBit.begin(), kByBit.end(), compiled.begin(), kIsCompiled);
    return compiled;
  }();
  return kAll;
}

bool runs_here(const TargetKernels& kernels) {
  return ((hwy::SupportedTargets() | HWY_STATIC_TARGET) & kernels.id) != 0;
}

}  // namespace rekey::simd
#endif  // HWY_ONCE
