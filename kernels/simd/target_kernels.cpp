// SPDX-License-Identifier: Apache-2.0
//
// Compiles the vector code once for each target: Highway includes this very file again and again,
// with another HWY_TARGET each time.
#ifndef REKEY_SIMD_TARGET_KERNELS_CPP_
#define REKEY_SIMD_TARGET_KERNELS_CPP_

#include "simd/target_kernels.h"

#include <algorithm>
#include <array>
#include <utility>

#include "simd/highway_targets.h"

namespace rekey::simd {
namespace {

/// The entry of the target with Highway's bit `Id`: empty, unless specialised for one that fits.
template <std::int64_t Id>
constexpr TargetKernels kKernelsOf = {};

}  // namespace
}  // namespace rekey::simd

#endif  // REKEY_SIMD_TARGET_KERNELS_CPP_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/target_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before the vector code
#include <hwy/highway.h>

#if REKEY_SIMD_TARGET_FITS
#include "simd/cmac-inl.h"
#include "simd/derive-inl.h"

namespace rekey::simd {
namespace {

template <>
constexpr TargetKernels kKernelsOf<HWY_TARGET> = {
    HWY_TARGET,
    std::string_view(HWY_STR(HWY_NAMESPACE)).substr(2),  // `N_AVX2`, for example
    HWY_NAMESPACE::kAbreast,
    &HWY_NAMESPACE::derive,
    &HWY_NAMESPACE::cmac,
};

}  // namespace
}  // namespace rekey::simd
#endif  // REKEY_SIMD_TARGET_FITS

#if HWY_ONCE
namespace rekey::simd {
namespace {

constexpr std::size_t kTargetBits = 63;

template <std::size_t... Bit>
constexpr auto kernels_by_bit(std::index_sequence<Bit...>) {
  return std::array{kKernelsOf<std::int64_t{1} << Bit>...};
}

/// The entries of the targets compiled. A lower bit is a better target.
constexpr auto kCompiled = [] {
  constexpr auto kByBit = kernels_by_bit(std::make_index_sequence<kTargetBits>());
  constexpr auto kIsCompiled = [](const TargetKernels& kernels) { return kernels.id != 0; };
  std::array<TargetKernels, std::ranges::count_if(kByBit, kIsCompiled)> compiled;
  std::ranges::copy_if(kByBit, compiled.begin(), kIsCompiled);
  return compiled;
}();

}  // namespace

std::span<const TargetKernels> compiled_kernels() { return kCompiled; }

bool runs_here(const TargetKernels& kernels) { return (hwy::SupportedTargets() & kernels.id) != 0; }

}  // namespace rekey::simd
#endif  // HWY_ONCE
