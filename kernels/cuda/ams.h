// SPDX-License-Identifier: Apache-2.0
//
// The work of one thread for one AMS: all steps of a hierarchy but the TEKs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "cuda/host_device.h"
#include "cuda/octet_words.h"
#include "cuda/step.h"
#include "profile/variants.h"
#include "rekey/key_kind.h"

namespace rekey::cuda {

using profile::Variant;

/// InputColumn is one input in the memory of whoever runs the kernel, aligned to column_unit() of
/// its width. `stride_octets` is 0 when one value serves all.
struct InputColumn {
  const std::uint8_t* data = nullptr;
  std::uint32_t stride_octets = 0;
};

/// AmsColumns are the inputs and results of one launch. A result column is null when nobody asked
/// for it.
struct AmsColumns {
  InputColumn pmk, msid, bsid, nonce, cmac_key_count, ak_sn;
  std::uint8_t* msid_star = nullptr;
  std::uint8_t* ak = nullptr;
  std::uint8_t* akid = nullptr;
  std::uint8_t* cmac_key_u = nullptr;
  std::uint8_t* cmac_key_d = nullptr;
  std::uint8_t* kek = nullptr;
  std::uint8_t* tek_kin = nullptr;  ///< 16 octets each: what derive_teks() keys its step with
  std::uint32_t count = 0;
};

/// AmsStep is step `Index` of a variant.
template <Variant V, std::size_t Index>
struct AmsStep {
  static constexpr profile::StepLayout kLayout = profile::kLayout<V>.ams_steps[Index];
};

namespace internal {

/// Whether a message of the hierarchy holds `value`.
constexpr bool reads(const profile::HierarchyLayout& layout, Value value) {
  for (const profile::StepLayout& step : layout.ams_steps) {
    for (const profile::Block& block : step.blocks) {
      for (const profile::Field& field : block.fields) {
        if (field.octets > 0 && field.value == value) return true;
      }
    }
  }
  return false;
}

/// Whether the hierarchy derives `value`.
constexpr bool yields(const profile::HierarchyLayout& layout, Value value) {
  if (value == Value::kMsidStar && layout.msid_star_is_msid) return true;
  for (const profile::StepLayout& step : layout.ams_steps) {
    for (const profile::Cut& cut : step.cuts) {
      if (cut.octets > 0 && cut.value == value) return true;
    }
  }
  return false;
}

template <Variant V>
inline constexpr bool kReadsNonce = reads(profile::kLayout<V>, Value::kNonce);

template <Variant V, Value Result>
inline constexpr bool kYields = yields(profile::kLayout<V>, Result);

/// Whether a step is keyed otherwise than the one before it.
template <Variant V, std::size_t Index>
inline constexpr bool kNewKey =
    profile::kLayout<V>.ams_steps[Index].key != profile::kLayout<V>.ams_steps[Index - 1].key;
template <Variant V>
inline constexpr bool kNewKey<V, 0> = true;

template <Value V, std::size_t Octets>
REKEY_HOST_DEVICE void load(const InputColumn& column, std::uint32_t item, Values& values) {
  load_octets<Octets>(column.data + std::size_t{item} * column.stride_octets, values.of<V>());
}

template <Variant V, Value Result, std::size_t Octets>
REKEY_HOST_DEVICE void store(const Values& values, std::uint32_t item, std::uint8_t* out_column) {
  if constexpr (kYields<V, Result>) {
    if (out_column == nullptr) return;
    store_octets<Octets>(values.of<Result>(), out_column + std::size_t{item} * Octets);
  }
}

/// Runs one step; steps that follow each other under one key share its schedule and subkeys.
template <Variant V, std::size_t Index>
REKEY_HOST_DEVICE void run_ams_step(KeySchedule& schedule, Subkeys& subkeys, Values& values) {
  using Step = AmsStep<V, Index>;
  if constexpr (kNewKey<V, Index>) {
    expand_key(kin<Step>(values), &schedule);
    if constexpr (Step::kLayout.function == profile::Function::kDot16Kdf) {
      subkeys = cmac_subkeys(schedule);
    }
  }
  run_step<Step>(schedule, subkeys, values);
}

template <Variant V, std::size_t... Indices>
REKEY_HOST_DEVICE void run_ams_steps(Values& values, std::index_sequence<Indices...>) {
  KeySchedule schedule;
  Subkeys subkeys;
  (run_ams_step<V, Indices>(schedule, subkeys, values), ...);
}

/// The step layout of the TEKs, to find its key.
template <Variant V>
struct AnyTekStep {
  static constexpr profile::StepLayout kLayout = profile::kLayout<V>.tek_step;
};

}  // namespace internal

/// derive_ams derives every key of one AMS but its TEKs, and the key of those.
template <Variant V>
REKEY_HOST_DEVICE void derive_ams(const AmsColumns& columns, std::uint32_t item) {
  Values values;
  internal::load<Value::kPmk, kPmkOctets>(columns.pmk, item, values);
  internal::load<Value::kMsid, kMsidOctets>(columns.msid, item, values);
  internal::load<Value::kBsid, kBsidOctets>(columns.bsid, item, values);
  if constexpr (internal::kReadsNonce<V>) {
    internal::load<Value::kNonce, kNonceOctets>(columns.nonce, item, values);
  }
  internal::load<Value::kCmacKeyCount, kCmacKeyCountOctets>(columns.cmac_key_count, item, values);
  internal::load<Value::kAkSn, kAkSnOctets>(columns.ak_sn, item, values);
  if constexpr (profile::kLayout<V>.msid_star_is_msid) {
    internal::load<Value::kMsidStar, kMsidStarOctets>(columns.msid, item, values);
  }

  internal::run_ams_steps<V>(values,
                             std::make_index_sequence<profile::kLayout<V>.ams_step_count>());

  internal::store<V, Value::kMsidStar, kMsidStarOctets>(values, item, columns.msid_star);
  internal::store<V, Value::kAk, kAkOctets>(values, item, columns.ak);
  internal::store<V, Value::kAkid, kAkidOctets>(values, item, columns.akid);
  internal::store<V, Value::kCmacKeyU, kCmacKeyOctets>(values, item, columns.cmac_key_u);
  internal::store<V, Value::kCmacKeyD, kCmacKeyOctets>(values, item, columns.cmac_key_d);
  internal::store<V, Value::kKek, kKekOctets>(values, item, columns.kek);
  if constexpr (profile::kLayout<V>.has_teks) {
    if (columns.tek_kin != nullptr) {
      store_block(kin<internal::AnyTekStep<V>>(values),
                  columns.tek_kin + std::size_t{item} * kBlockOctets);
    }
  }
}

}  // namespace rekey::cuda
