// SPDX-License-Identifier: Apache-2.0
//
// The keys of AMSs, eight AMSs abreast in one thread: all steps of a hierarchy, and the TEKs too
// where every AMS has as many security associations as the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "cuda/host_device.h"
#include "cuda/lanes.h"
#include "cuda/octet_words.h"
#include "cuda/step.h"
#include "cuda/tek.h"
#include "profile/variants.h"
#include "rekey/key_kind.h"
#include "simd/demand.h"

namespace rekey::cuda {

using profile::Variant;

/// InputColumn is one input in the memory of whoever runs the kernel, aligned to column_unit() of
/// its width. `stride_octets` is 0 when one value serves all. With `rows`, the value of an item is
/// the one in its row.
struct InputColumn {
  const std::uint8_t* data = nullptr;
  std::uint32_t stride_octets = 0;
  const std::uint32_t* rows = nullptr;  ///< an item: its row
};

/// EqualSas are the security associations of items that have `sas_per_item` each. With 0, the
/// launch derives no TEKs.
struct EqualSas : TekRequest {
  std::uint32_t sas_per_item = 0;
  std::uint32_t said_octets = 1;
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
  EqualSas sas;                     ///< for profiles with TEKs
  std::uint32_t count = 0;
};

/// result_column returns which column of a launch takes the keys of `kind`; null for TEKs, whose
/// columns are those of a TekRequest.
constexpr std::uint8_t* AmsColumns::*result_column(KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return &AmsColumns::msid_star;
    case KeyKind::kAk:
      return &AmsColumns::ak;
    case KeyKind::kAkid:
      return &AmsColumns::akid;
    case KeyKind::kCmacKeyU:
      return &AmsColumns::cmac_key_u;
    case KeyKind::kCmacKeyD:
      return &AmsColumns::cmac_key_d;
    case KeyKind::kKek:
      return &AmsColumns::kek;
    case KeyKind::kTek:
      break;
  }
  return nullptr;
}

/// demand_of returns what derive_ams() has to compute for the results that `columns` have room for.
template <Variant V>
constexpr simd::Demand demand_of(const AmsColumns& columns) {
  constexpr simd::Demands kDemands(profile::kLayout<V>);
  KeySet outputs;
  for (KeyKind kind : kAllKeyKinds) {
    const auto column = result_column(kind);
    if (column != nullptr && columns.*column != nullptr) outputs.insert(kind);
  }
  if (columns.tek_kin != nullptr || columns.sas.sas_per_item > 0) outputs.insert(KeyKind::kTek);
  return kDemands.of(outputs);
}

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

/// Part is the octets of a result that one T(i) holds.
struct Part {
  Value value = Value::kNone;
  std::size_t width = 0;         ///< of the whole result
  std::size_t first_octet = 0;   ///< in T(i)
  std::size_t octets = 0;        ///< none when the result lies elsewhere
  std::size_t result_octet = 0;  ///< in the result
};

constexpr Part part_of(const profile::Cut& cut, std::size_t evaluation) {
  const std::size_t begin = evaluation * kBlockOctets;
  const std::size_t end = begin + kBlockOctets;
  const std::size_t cut_end = std::size_t{cut.offset} + cut.octets;
  const std::size_t first = cut.offset > begin ? cut.offset : begin;
  const std::size_t last = cut_end < end ? cut_end : end;
  if (first >= last) return {};
  return {cut.value, cut.octets, first - begin, last - first, first - cut.offset};
}

/// Whether the rightmost 16 octets of the result are all of T(i): no key lies across two of them.
constexpr bool is_kin(const Part& part) {
  return part.octets == kBlockOctets && part.result_octet + part.octets == part.width;
}

/// Whether a step, or the TEKs, are keyed with `value`.
constexpr bool keys_a_step(const profile::HierarchyLayout& layout, Value value) {
  if (layout.has_teks && layout.tek_step.key == value) return true;
  for (std::size_t i = 0; i < layout.ams_step_count; ++i) {
    if (layout.ams_steps[i].key == value) return true;
  }
  return false;
}

/// Which T(i) a key that some step derives is.
constexpr std::size_t kin_evaluation(const profile::HierarchyLayout& layout, Value key) {
  for (std::size_t s = 0; s < layout.ams_step_count; ++s) {
    for (std::size_t c = 0; c < layout.ams_steps[s].cut_count; ++c) {
      for (std::size_t i = 0; i < layout.ams_steps[s].evaluations; ++i) {
        const Part part = part_of(layout.ams_steps[s].cuts[c], i);
        if (part.value == key && is_kin(part)) return i;
      }
    }
  }
  throw "no T(i) is this key";
}

/// Whether T(evaluation) keys a later step.
constexpr bool yields_kin(const profile::HierarchyLayout& layout, std::size_t step,
                          std::size_t evaluation) {
  for (std::size_t c = 0; c < layout.ams_steps[step].cut_count; ++c) {
    const Part part = part_of(layout.ams_steps[step].cuts[c], evaluation);
    if (is_kin(part) && keys_a_step(layout, part.value)) return true;
  }
  return false;
}

/// Whether all steps under one key end on a block of one kind, so that one subkey serves them.
constexpr bool one_subkey_a_key(const profile::HierarchyLayout& layout) {
  const auto same = [](const profile::StepLayout& a, const profile::StepLayout& b) {
    return a.key != b.key || a.last_block_complete == b.last_block_complete;
  };
  for (std::size_t i = 0; i < layout.ams_step_count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!same(layout.ams_steps[i], layout.ams_steps[j])) return false;
    }
    if (layout.has_teks && !same(layout.ams_steps[i], layout.tek_step)) return false;
  }
  return true;
}

// Variables, because device code may read constants but not call what computes them.
template <Variant V, Value Input>
inline constexpr bool kReads = reads(profile::kLayout<V>, Input);
template <Variant V, std::size_t Index, std::size_t Evaluation, std::size_t CutIndex>
inline constexpr Part kPart = part_of(AmsStep<V, Index>::kLayout.cuts[CutIndex], Evaluation);
template <Variant V, std::size_t Index, std::size_t Evaluation>
inline constexpr bool kYieldsKin = yields_kin(profile::kLayout<V>, Index, Evaluation);
template <Variant V, Value Key>
inline constexpr std::size_t kKinEvaluation = kin_evaluation(profile::kLayout<V>, Key);
template <Variant V>
inline constexpr bool kOneSubkeyAKey = one_subkey_a_key(profile::kLayout<V>);

/// The T(i) of a step as simd::Demand has them.
template <Variant V, std::size_t Index, std::size_t Evaluation>
inline constexpr std::uint32_t kSlot =
    1U << simd::result_slot(AmsStep<V, Index>::kLayout, Evaluation);
template <Variant V, std::size_t Index>
inline constexpr std::uint32_t kStepSlots = ((1U << AmsStep<V, Index>::kLayout.evaluations) - 1)
                                            << simd::result_slot(AmsStep<V, Index>::kLayout, 0);

REKEY_HOST_DEVICE inline const std::uint8_t* entry(const InputColumn& column, std::uint32_t item) {
  const std::uint32_t row = column.rows == nullptr ? item : column.rows[item];
  return column.data + std::size_t{row} * column.stride_octets;
}

/// The column that a result is exported to, if any.
template <Value Result>
REKEY_HOST_DEVICE std::uint8_t* column_of(const AmsColumns& columns) {
  if constexpr (Result == Value::kMsidStar) return columns.msid_star;
  if constexpr (Result == Value::kAk) return columns.ak;
  if constexpr (Result == Value::kAkid) return columns.akid;
  if constexpr (Result == Value::kCmacKeyU) return columns.cmac_key_u;
  if constexpr (Result == Value::kCmacKeyD) return columns.cmac_key_d;
  if constexpr (Result == Value::kKek) return columns.kek;
  return nullptr;
}

template <Variant V>
REKEY_HOST_DEVICE void load_values(const AmsColumns& columns, const Lanes& lanes,
                                   DeriveState& state) {
  REKEY_NO_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    const std::uint32_t item = lanes[lane];
    Values& values = state.values[lane];
    load_octets<kMsidOctets>(entry(columns.msid, item), values.of<Value::kMsid>());
    load_octets<kBsidOctets>(entry(columns.bsid, item), values.of<Value::kBsid>());
    if constexpr (kReads<V, Value::kNonce>) {
      load_octets<kNonceOctets>(entry(columns.nonce, item), values.of<Value::kNonce>());
    }
    load_octets<kCmacKeyCountOctets>(entry(columns.cmac_key_count, item),
                                     values.of<Value::kCmacKeyCount>());
    load_octets<kAkSnOctets>(entry(columns.ak_sn, item), values.of<Value::kAkSn>());
    if constexpr (profile::kLayout<V>.msid_star_is_msid) {
      for (std::size_t i = 0; i < words_for(kMsidOctets); ++i) {
        values.of<Value::kMsidStar>()[i] = values.of<Value::kMsid>()[i];
      }
      if (columns.msid_star != nullptr && lanes.has(lane)) {
        store_octets<kMsidStarOctets>(values.of<Value::kMsidStar>(),
                                      columns.msid_star + std::size_t{item} * kMsidStarOctets);
      }
    }
  }
}

/// Puts the 16 octets that `Step` is keyed with into the cipher.
template <Variant V, typename Step>
REKEY_HOST_DEVICE void key_step(const AmsColumns& columns, const Lanes& lanes, DeriveState& state) {
  constexpr Value kKey = Step::kLayout.key;
  constexpr bool kComplete = Step::kLayout.last_block_complete;
  if constexpr (kKey == Value::kPmk || kKey == Value::kMsid) {
    REKEY_NO_UNROLL
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      Block kin;
      if constexpr (kKey == Value::kPmk) {
        constexpr std::size_t kUnit = column_unit(kPmkOctets);
        static_assert(Step::kLayout.key_offset % kUnit == 0);
        load_octets<kBlockOctets, kUnit>(entry(columns.pmk, lanes[lane]) + Step::kLayout.key_offset,
                                         kin.words);
      } else {
        static_assert(Step::kLayout.key_zero_extended);
        for (std::size_t i = 0; i < words_for(kMsidOctets); ++i) {
          kin.words[i] = state.values[lane].of<Value::kMsid>()[i];
        }
      }
      state.cmac.blocks.lanes[lane] = kin;
    }
    restart(state.cmac);
    slice_onto(state.cmac.blocks, &state.cmac.chain);
    key_with(state.cmac.chain, kComplete, &state.cmac);
  } else {
    constexpr std::size_t kEvaluation = kKinEvaluation<V, kKey>;
    static_assert(kEvaluation < DeriveState::kMaxKins);
    if constexpr (Step::kLayout.function == profile::Function::kDot16Kdf) {
      key_with(state.kins[kEvaluation], kComplete, &state.cmac);
    } else {
      expand_keys(state.kins[kEvaluation], &state.cmac.schedule);
    }
  }
}

/// Takes what lies in T(Evaluation) of a cut to where it is wanted, in one lane.
template <Variant V, std::size_t Index, std::size_t Evaluation, std::size_t CutIndex>
REKEY_HOST_DEVICE void take_part(const AmsColumns& columns, const Lanes& lanes, std::size_t lane,
                                 DeriveState& state) {
  constexpr Part kHere = kPart<V, Index, Evaluation, CutIndex>;
  if constexpr (kHere.octets > 0) {
    const Block& block = state.cmac.blocks.lanes[lane];
    constexpr std::size_t kWords = words_for(kHere.octets);
    constexpr std::size_t kFirst = kHere.first_octet / 4;
    constexpr int kShift = kHere.first_octet % 4 * 8;
    static_assert(kHere.octets % 4 == 0 || kHere.first_octet + kHere.octets == kBlockOctets,
                  "zero octets follow the part");
    alignas(16) std::uint32_t words[kWords];
    REKEY_UNROLL
    for (std::size_t i = 0; i < kWords; ++i) {
      words[i] = block.words[kFirst + i] >> kShift;
      if (kShift > 0 && kFirst + i + 1 < 4) {
        words[i] |= block.words[(kFirst + i + 1) % 4] << (32 - kShift) % 32;
      }
    }
    if constexpr (kReads<V, kHere.value>) {
      static_assert(kHere.octets == kHere.width);
      for (std::size_t i = 0; i < kWords; ++i) {
        state.values[lane].template of<kHere.value>()[i] = words[i];
      }
    }
    std::uint8_t* column = column_of<kHere.value>(columns);
    if (column != nullptr && lanes.has(lane)) {
      constexpr std::size_t kUnit = column_unit(kHere.width);
      static_assert(kHere.result_octet % kUnit == 0 && kHere.octets % kUnit == 0);
      store_octets<kHere.octets, kUnit>(
          words, column + std::size_t{lanes[lane]} * kHere.width + kHere.result_octet);
    }
  }
}

/// Whether anything lies in T(Evaluation) that is wanted as octets.
template <Variant V, std::size_t Index, std::size_t Evaluation, std::size_t CutIndex>
REKEY_HOST_DEVICE bool wants_part(const AmsColumns& columns) {
  constexpr Part kHere = kPart<V, Index, Evaluation, CutIndex>;
  if constexpr (kHere.octets == 0) return false;
  if constexpr (kReads<V, kHere.value>) return true;
  return column_of<kHere.value>(columns) != nullptr;
}

template <Variant V, std::size_t Index, std::size_t Evaluation, std::size_t... CutIndices>
REKEY_HOST_DEVICE void take_results(const AmsColumns& columns, const Lanes& lanes,
                                    DeriveState& state, std::index_sequence<CutIndices...>) {
  if constexpr (kYieldsKin<V, Index, Evaluation>) {
    store_bits(load_bits(state.cmac.chain), &state.kins[Evaluation]);
  }
  if (!(wants_part<V, Index, Evaluation, CutIndices>(columns) || ...)) return;
  unslice(state.cmac.chain, &state.cmac.blocks);
  REKEY_NO_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    (take_part<V, Index, Evaluation, CutIndices>(columns, lanes, lane, state), ...);
  }
}

template <Variant V, std::size_t Index, std::size_t... Evaluations>
REKEY_HOST_DEVICE void run_evaluations(const AmsColumns& columns, const Lanes& lanes,
                                       std::uint32_t slots, DeriveState& state,
                                       std::index_sequence<Evaluations...>) {
  using Step = AmsStep<V, Index>;
  const auto run = [&]<std::size_t Evaluation>() {
    if ((slots & kSlot<V, Index, Evaluation>) == 0) return;
    evaluate<Step>(state, Evaluation);
    take_results<V, Index, Evaluation>(columns, lanes, state,
                                       std::make_index_sequence<Step::kLayout.cut_count>());
  };
  (run.template operator()<Evaluations>(), ...);
}

/// Runs one step; steps that follow each other under one key share its schedule and subkey.
template <Variant V, std::size_t Index>
REKEY_HOST_DEVICE void run_step(const AmsColumns& columns, const Lanes& lanes, std::uint32_t slots,
                                DeriveState& state, Value& keyed_with) {
  using Step = AmsStep<V, Index>;
  if ((slots & kStepSlots<V, Index>) == 0) return;
  if (keyed_with != Step::kLayout.key) key_step<V, Step>(columns, lanes, state);
  keyed_with = Step::kLayout.key;
  run_evaluations<V, Index>(columns, lanes, slots, state,
                            std::make_index_sequence<Step::kLayout.evaluations>());
}

template <Variant V>
struct AnyTekStep {
  static constexpr profile::StepLayout kLayout = profile::kLayout<V>.tek_step;
};

/// Exports the key of the TEKs, or derives the TEKs of items with equally many SAs.
template <Variant V>
REKEY_HOST_DEVICE void run_tek_steps(const AmsColumns& columns, const Lanes& lanes,
                                     DeriveState& state, Value keyed_with) {
  using Step = AnyTekStep<V>;
  constexpr std::size_t kEvaluation = kKinEvaluation<V, Step::kLayout.key>;
  if (columns.tek_kin != nullptr) {
    unslice(state.kins[kEvaluation], &state.cmac.blocks);
    REKEY_NO_UNROLL
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      if (!lanes.has(lane)) continue;
      store_block(state.cmac.blocks.lanes[lane],
                  columns.tek_kin + std::size_t{lanes[lane]} * kBlockOctets);
    }
  }
  const EqualSas& sas = columns.sas;
  if (sas.sas_per_item == 0) return;
  if (keyed_with != Step::kLayout.key) key_step<V, Step>(columns, lanes, state);
  REKEY_NO_UNROLL
  for (std::uint32_t sa = 0; sa < sas.sas_per_item; ++sa) {
    const auto sa_of = [&](std::size_t lane) { return lanes[lane] * sas.sas_per_item + sa; };
    const auto said_of = [&](std::size_t lane) { return SaidPlace{sa_of(lane), lanes[lane], sa}; };
    if (sas.said_octets == 2) {
      load_saids<2>(sas.saids, said_of, state);
      derive_teks_of<2>(state, lanes, sas, sa_of);
    } else {
      load_saids<1>(sas.saids, said_of, state);
      derive_teks_of<1>(state, lanes, sas, sa_of);
    }
  }
}

template <Variant V, std::size_t... Indices>
REKEY_HOST_DEVICE void run_steps(const AmsColumns& columns, const Lanes& lanes, std::uint32_t slots,
                                 DeriveState& state, std::index_sequence<Indices...>) {
  Value keyed_with = Value::kNone;
  (run_step<V, Indices>(columns, lanes, slots, state, keyed_with), ...);
  if constexpr (profile::kLayout<V>.has_teks) {
    run_tek_steps<V>(columns, lanes, state, keyed_with);
  }
}

}  // namespace internal

/// derive_ams derives the keys of one thread's AMSs. `demand` is demand_of() the columns, as
/// simd::Demand::slots() has it.
template <Variant V>
REKEY_HOST_DEVICE void derive_ams(const AmsColumns& columns, std::uint32_t demand,
                                  const Lanes& lanes) {
  static_assert(internal::kOneSubkeyAKey<V>);
  DeriveState state;
  internal::load_values<V>(columns, lanes, state);
  internal::run_steps<V>(columns, lanes, demand, state,
                         std::make_index_sequence<profile::kLayout<V>.ams_step_count>());
}

}  // namespace rekey::cuda
