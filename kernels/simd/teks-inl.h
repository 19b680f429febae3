// SPDX-License-Identifier: Apache-2.0
//
// Derives TEKs. Where all AMSs of a group have equally many security associations, the group
// derives them under the key schedule it has at hand. Those of other groups are one flat list, so
// that every lane has work however unequal the AMSs are: each association brings the Kin and the
// subkey of its AMS along.
#if defined(REKEY_SIMD_TEKS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_TEKS_INL_H_
#undef REKEY_SIMD_TEKS_INL_H_
#else
#define REKEY_SIMD_TEKS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "profile/variants.h"
#include "rekey/batch.h"
#include "simd/aes-inl.h"
#include "simd/ams-inl.h"
#include "simd/recipes.h"
#include "simd/rows-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// TekMessages is the working memory of the TEKs of one security association in each lane.
struct TekMessages {
  static constexpr std::size_t kTogether = 4;  ///< COUNTER_TEKs

  Group saids;
  Group messages[kTogether];
};

template <Variant V>
inline constexpr Recipe kTekMessageRecipe = tek_message_recipe(kLayout<V>.tek_step, 0);

template <Variant V>
HWY_INLINE const Group& tek_subkey(const AmsGroup& group) {
  return kLayout<V>.tek_step.last_block_complete ? group.k1 : group.k2;
}

/// The part of a TEK's message that no SAID takes part in.
template <Variant V>
HWY_INLINE Vector counter_block(std::uint16_t counter) {
  static constexpr Shuffle kPlace = kTekMessageRecipe<V>.of_slot(kCounterSlot);
  const OctetTag octets;
  alignas(kBlockOctets) const std::uint8_t big_endian[kBlockOctets] = {
      static_cast<std::uint8_t>(counter >> 8), static_cast<std::uint8_t>(counter)};
  return hn::Or(hn::LoadDup128(octets, kTekMessageRecipe<V>.constant),
                hn::TableLookupBytesOr0(hn::LoadDup128(octets, big_endian),
                                        hn::LoadDup128(octets, kPlace.indices)));
}

/// Derives the TEKs of one security association in each lane, whose SAIDs are in `teks->saids`.
/// Calls `store(teks, c)` with the TEKs of COUNTER_TEK `c`.
template <Variant V, typename Store>
REKEY_SIMD_INLINE void derive_teks(std::span<const std::uint16_t> counters,
                                   const RoundKeys& round_keys, const Group& subkey,
                                   TekMessages* teks, Store store) {
  static_assert(kLayout<V>.tek_step.function == Function::kDot16Kdf);
  static_assert(kLayout<V>.tek_step.evaluations == 1 && kLayout<V>.tek_step.block_count == 1);
  static constexpr Shuffle kPlace = kTekMessageRecipe<V>.of_slot(kSaidSlot);
  const Vector place = hn::LoadDup128(OctetTag(), kPlace.indices);
  for (std::size_t done = 0; done < counters.size(); done += TekMessages::kTogether) {
    const std::size_t together = std::min(TekMessages::kTogether, counters.size() - done);
    BlockList blocks;
    for (std::size_t c = 0; c < together; ++c) {
      const Vector counter = counter_block<V>(counters[done + c]);
      REKEY_SIMD_UNROLL
      for (std::size_t i = 0; i < kVectors; ++i) {
        const Vector said = hn::TableLookupBytesOr0(teks->saids.vectors[i], place);
        teks->messages[c].vectors[i] = hn::Xor(hn::Or(said, counter), subkey.vectors[i]);
      }
      blocks.add(&teks->messages[c]);
    }
    encrypt(round_keys, blocks);
    for (std::size_t c = 0; c < together; ++c) store(teks->messages[c], done + c);
  }
}

/// Number of security associations of each of `kAbreast` AMSs from `first` on, or -1 if unequal.
HWY_INLINE std::ptrdiff_t equal_sa_count(const CheckedBatch& batch, std::size_t first) {
  const std::uint32_t count = batch.sa_count(first);
  if (batch.sa_counts().empty()) return static_cast<std::ptrdiff_t>(count);
  // In general registers: these are no secrets, and code that takes vectors apart would look as if
  // they were.
  std::uint64_t counts[kAbreast / sizeof(std::uint64_t)];
  std::memcpy(counts, batch.sa_counts().data() + first, sizeof(counts));
  const std::uint64_t all = count * 0x0101010101010101U;
  return ((counts[0] ^ all) | (counts[1] ^ all)) == 0 ? static_cast<std::ptrdiff_t>(count) : -1;
}

/// Copies the SAIDs of one security association of each AMS of a group, `stride` octets apart.
template <Variant V>
HWY_INLINE void gather_saids(const std::uint8_t* rows, std::size_t stride, Group* out_saids) {
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    std::memcpy(out_saids->lane(lane), rows + lane * stride, V.said_octets);
  }
}

/// UsualTekBlocks is the part of the messages of the usual TEKs that no SAID takes part in.
struct UsualTekBlocks {
  Vector blocks[kUsualTeks];
};

/// Puts together the blocks of the usual TEKs of a group, for vector `v`.
template <Variant V>
HWY_INLINE void prepare_usual_teks(const UsualTekBlocks& counters, AmsGroup* group, std::size_t v) {
  static constexpr Recipe kRecipe = kTekMessageRecipe<V>;
  constexpr std::size_t kSaidShuffle = kRecipe.shuffles[0].slot == kSaidSlot ? 0 : 1;
  const Vector said =
      hn::Xor(place_rows<kRecipe, kSaidShuffle, V.said_octets>(group->usual_teks.said_rows, v),
              tek_subkey<V>(*group).vectors[v]);
  for_constants<kUsualTeks>([&](auto c) REKEY_SIMD_LAMBDA {
    group->usual_teks.keys[c].vectors[v] = hn::Xor(said, counters.blocks[c]);
  });
}

HWY_INLINE void export_usual_teks(const AmsGroup& group, std::size_t v) {
  const UsualTeks& teks = group.usual_teks;
  store_pairs(teks.keys[0].vectors[v], teks.keys[1].vectors[v], teks.rows, v, teks.streams);
}

/// Derives the TEKs of a full group of AMSs with `sa_count` security associations each, `first_sa`
/// and on, under the group's own key schedule.
template <Variant V>
HWY_NOINLINE void derive_group_teks(const CheckedBatch& batch, const AmsGroup& group,
                                    const RoundKeys& round_keys, std::size_t first_sa,
                                    std::size_t sa_count, TekMessages* teks, Octets out_teks) {
  const auto counters = batch.tek_counters();
  const std::size_t stride = sa_count * counters.size() * kTekOctets;
  for (std::size_t sa = first_sa; sa < first_sa + sa_count; ++sa) {
    gather_saids<V>(batch.saids().data() + sa * V.said_octets, sa_count * V.said_octets,
                    &teks->saids);
    derive_teks<V>(counters, round_keys, tek_subkey<V>(group), teks,
                   [&](const Group& keys, std::size_t c) HWY_ATTR {
                     std::uint8_t* rows = out_teks.data() + (sa * counters.size() + c) * kTekOctets;
                     for (std::size_t v = 0; v < kVectors; ++v) {
                       store_vector(keys.vectors[v], rows + v * kBlocksPerVector * stride, stride);
                     }
                   });
  }
}

/// TekQueue is the flat list of security associations, derived whenever it fills a group.
class TekQueue {
 public:
  /// Appends the `count` associations of an AMS from `first_sa` on. Their key and subkey are those
  /// in a lane of `kin` and `subkey`.
  template <Variant V>
  void append(const CheckedBatch& batch, const Group& kin, const Group& subkey, std::size_t lane,
              std::size_t first_sa, std::size_t count, Octets out_teks) {
    for (std::size_t sa = first_sa; sa < first_sa + count; ++sa) {
      std::memcpy(kin_.lane(size_), kin.lane(lane), kBlockOctets);
      std::memcpy(subkey_.lane(size_), subkey.lane(lane), kBlockOctets);
      std::memcpy(messages_.saids.lane(size_), batch.saids().data() + sa * V.said_octets,
                  V.said_octets);
      sas_[size_] = sa;
      if (++size_ == kAbreast) flush<V>(batch, out_teks);
    }
  }

  /// Derives what is in the list.
  template <Variant V>
  HWY_NOINLINE void flush(const CheckedBatch& batch, Octets out_teks) {
    if (size_ == 0) return;
    const std::size_t counters = batch.tek_counters().size();
    expand_keys([&](std::size_t v) HWY_ATTR { return kin_.vectors[v]; }, &round_keys_);
    derive_teks<V>(batch.tek_counters(), round_keys_, subkey_, &messages_,
                   [&](const Group& keys, std::size_t c) HWY_ATTR {
                     for (std::size_t lane = 0; lane < size_; ++lane) {
                       std::memcpy(out_teks.data() + (sas_[lane] * counters + c) * kTekOctets,
                                   keys.lane(lane), kTekOctets);
                     }
                   });
    size_ = 0;
  }

 private:
  Group kin_;
  Group subkey_;
  TekMessages messages_;
  RoundKeys round_keys_;
  std::size_t size_ = 0;
  std::size_t sas_[kAbreast];
};

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_TEKS_INL_H_
