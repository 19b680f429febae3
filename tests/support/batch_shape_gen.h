// SPDX-License-Identifier: Apache-2.0
//
// RapidCheck's way to batches of any shape. Failing shapes shrink towards one plain item.
#pragma once

#include <rapidcheck.h>

#include <vector>

#include "support/batch_builder.h"

namespace rekey::test {

/// gen_batch_size favours what engines stumble over: nothing, one, the lane and warp counts that
/// vectors and devices have, whole chunks, and one more or less of each.
inline rc::Gen<std::uint32_t> gen_batch_size() {
  return rc::gen::weightedOneOf<std::uint32_t>({
      {1, rc::gen::just<std::uint32_t>(0)},
      {10, rc::gen::inRange<std::uint32_t>(1, 71)},
      {2, rc::gen::inRange<std::uint32_t>(255, 258)},
      {2, rc::gen::inRange<std::uint32_t>(1023, 1026)},
  });
}

inline rc::Gen<Variant> gen_variant() { return rc::gen::elementOf(all_variants()); }

/// gen_outputs gives subsets of the variant's keys; empty (all of them) in one of four.
inline rc::Gen<KeySet> gen_outputs(Profile profile) {
  return rc::gen::weightedOneOf<KeySet>(
      {{1, rc::gen::just(KeySet())}, {3, rc::gen::elementOf(output_subsets(profile))}});
}

/// simpler_shapes returns shapes that are each plainer than `shape` in one way.
inline std::vector<BatchShape> simpler_shapes(const BatchShape& shape) {
  std::vector<BatchShape> simpler;
  const auto with = [&](auto BatchShape::*field, auto value) {
    if (shape.*field == value) return;
    simpler.push_back(shape);
    simpler.back().*field = value;
  };
  if (shape.count > 1) {
    with(&BatchShape::count, shape.count / 2);
    with(&BatchShape::count, shape.count - 1);
  }
  with(&BatchShape::outputs, KeySet());
  with(&BatchShape::tek_counters, 0U);
  with(&BatchShape::sas, SaShape::kOneByDefault);
  with(&BatchShape::max_sas, (shape.max_sas + 1) / 2);
  with(&BatchShape::bad_percent, 0U);
  with(&BatchShape::shared_pmk, false);
  with(&BatchShape::shared_msid, false);
  with(&BatchShape::shared_bsid, false);
  with(&BatchShape::shared_nonce, false);
  with(&BatchShape::shared_cmac_key_count, false);
  with(&BatchShape::shared_ak_sn, false);
  with(&BatchShape::variant, Variant{shape.variant.profile, {}});
  return simpler;
}

/// gen_batch_shape gives shapes that check_batch() accepts.
inline rc::Gen<BatchShape> gen_batch_shape() {
  const auto any_shape = rc::gen::noShrink(rc::gen::exec([] {
    const auto one_in_four = rc::gen::weightedElement<bool>({{3, false}, {1, true}});
    BatchShape shape;
    shape.variant = *gen_variant();
    shape.count = *gen_batch_size();
    shape.shared_pmk = *one_in_four;
    shape.shared_msid = *one_in_four;
    shape.shared_bsid = *one_in_four;
    shape.shared_nonce = *one_in_four;
    shape.shared_cmac_key_count = *one_in_four;
    shape.shared_ak_sn = *one_in_four;
    shape.sas = *rc::gen::weightedElement<SaShape>({{2, SaShape::kOneByDefault},
                                                    {1, SaShape::kNone},
                                                    {5, SaShape::kUnequal},
                                                    {2, SaShape::kEqual}});
    // Many SAs only where they stay few in all.
    shape.max_sas = *rc::gen::inRange<std::uint32_t>(1, shape.count <= 8 ? 256 : 6);
    shape.tek_counters = *rc::gen::weightedOneOf<std::uint32_t>(
        {{3, rc::gen::just<std::uint32_t>(0)},
         {2, rc::gen::inRange<std::uint32_t>(1, kMaxTekCounters + 1)}});
    shape.outputs = *gen_outputs(shape.variant.profile);
    shape.bad_percent = *rc::gen::element<unsigned>(0, 0, 20, 100);
    return shape;
  }));
  return rc::gen::shrink(any_shape, [](const BatchShape& shape) {
    return rc::seq::fromContainer(simpler_shapes(shape));
  });
}

}  // namespace rekey::test

namespace rc {

template <>
struct Arbitrary<rekey::test::BatchShape> {
  static Gen<rekey::test::BatchShape> arbitrary() { return rekey::test::gen_batch_shape(); }
};

}  // namespace rc
