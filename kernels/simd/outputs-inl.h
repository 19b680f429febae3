// SPDX-License-Identifier: Apache-2.0
//
// Where the keys of a group of AMSs go: straight to the result columns or, for a group that is not
// full, to a place of its own first.
#if defined(REKEY_SIMD_OUTPUTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_OUTPUTS_INL_H_
#undef REKEY_SIMD_OUTPUTS_INL_H_
#else
#define REKEY_SIMD_OUTPUTS_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "rekey/batch.h"
#include "simd/rows-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// The kinds of key that an AMS has once; TEKs it may have many of.
inline constexpr std::array kAmsKeyKinds = {KeyKind::kMsidStar, KeyKind::kAk,       KeyKind::kAkid,
                                            KeyKind::kCmacKeyU, KeyKind::kCmacKeyD, KeyKind::kKek};

/// The keys of fewer AMSs fit in a cache, from where they are soon fetched. Those of more are
/// stored past it: a line that nobody needs is not fetched from memory first.
inline constexpr std::size_t kMinStreamAms = 32'768;

HWY_INLINE bool is_line_aligned(const std::uint8_t* octets) {
  return reinterpret_cast<std::uintptr_t>(octets) % kCacheLine == 0;
}

constexpr bool is_whole_block(KeyKind kind) { return key_octets(kind) == kBlockOctets; }
/// Whether the rows of a group are whole cache lines, although a vector of them is not.
constexpr bool is_lines_of_group(KeyKind kind) {
  return !is_whole_block(kind) && kAbreast * key_octets(kind) % kCacheLine == 0;
}

/// OutputStage takes the keys of a group, by kind, that cannot go to their columns at once.
struct alignas(kCacheLine) OutputStage {
  std::uint8_t rows[kAmsKeyKinds.size()][kAbreast * kAkOctets];
};
static_assert(sizeof(OutputStage{}.rows[0]) % kCacheLine == 0);

/// GroupOutputs points to kAbreast adjacent rows for each kind of key that is asked for.
class GroupOutputs {
 public:
  /// `stage` must outlive it.
  GroupOutputs(const CheckedBatch& batch, const BatchResult& result, OutputStage* stage)
      : stage_(stage) {
    may_stream_ = kCanStream && batch.count() >= kMinStreamAms;
    for (KeyKind kind : kAmsKeyKinds) {
      std::uint8_t*& column = columns_[index(kind)];
      column = batch.outputs().contains(kind) ? result.column(kind).data() : nullptr;
      may_stream_ &= !is_whole_block(kind) || is_line_aligned(column);
    }
    may_stream_lines_ = may_stream_;
    for (KeyKind kind : kAmsKeyKinds) {
      may_stream_lines_ &= !is_lines_of_group(kind) || is_line_aligned(columns_[index(kind)]);
    }
  }

  /// Points to AMSs `first` and on, `live` of them. The keys of those before are finished.
  HWY_INLINE void point_to(std::size_t first, std::size_t live) {
    first_ = first;
    live_ = live;
    const bool is_full = live == kAbreast;
    streams_ = may_stream_ && is_full && first % kAbreast == 0;
    streams_lines_ = streams_ && may_stream_lines_;
    if (!is_full || streams_lines_) return point_to_stage(first);
    for_constants<kAmsKeyKinds.size()>([&](auto i) REKEY_SIMD_LAMBDA {
      constexpr std::size_t kColumn = index(kAmsKeyKinds[i]);
      rows_[kColumn] = columns_[kColumn] + first * key_octets(kAmsKeyKinds[i]);
    });
  }

  /// Asks for the memory of two groups of AMSs, `first` and on, which are to follow soon.
  HWY_INLINE void prefetch(std::size_t first) const {
    prefetch_keys<KeyKind::kMsidStar>(first);
    prefetch_keys<KeyKind::kAk>(first);
    prefetch_keys<KeyKind::kAkid>(first);
    prefetch_keys<KeyKind::kCmacKeyU>(first);
    prefetch_keys<KeyKind::kCmacKeyD>(first);
    prefetch_keys<KeyKind::kKek>(first);
  }

  [[nodiscard]] HWY_INLINE bool wants(KeyKind kind) const {
    return columns_[index(kind)] != nullptr;
  }
  [[nodiscard]] HWY_INLINE std::uint8_t* rows(KeyKind kind) const { return rows_[index(kind)]; }
  /// Whether keys of whole blocks are to be stored past the caches.
  [[nodiscard]] HWY_INLINE bool streams() const { return streams_; }
  /// Whether keys are in the stage until finish().
  [[nodiscard]] HWY_INLINE bool uses_stage() const { return live_ < kAbreast || streams_lines_; }

  /// Brings the keys that are in the stage to where they belong. To be called when a group is done.
  HWY_INLINE void finish() const {
    if (streams_lines_) {
      for_constants<kAmsKeyKinds.size()>([&](auto i) REKEY_SIMD_LAMBDA {
        if constexpr (is_lines_of_group(kAmsKeyKinds[i])) stream_lines<kAmsKeyKinds[i]>();
      });
    } else if (live_ < kAbreast) {
      copy_live();
    }
  }

 private:
  template <KeyKind Kind>
  HWY_INLINE void prefetch_keys(std::size_t first) const {
    if (!wants(Kind) || (may_stream_ && is_whole_block(Kind))) return;
    if (may_stream_lines_ && is_lines_of_group(Kind)) return;
    prefetch_octets<PrefetchFor::kWriting, 2 * kAbreast * key_octets(Kind)>(
        columns_[index(Kind)] + first * key_octets(Kind));
  }

  /// Points to AMSs `first` and on, some or all of whose keys go to the stage first.
  HWY_NOINLINE void point_to_stage(std::size_t first) {
    for_constants<kAmsKeyKinds.size()>([&](auto i) REKEY_SIMD_LAMBDA {
      constexpr KeyKind kKind = kAmsKeyKinds[i];
      constexpr std::size_t kColumn = index(kKind);
      const bool stages = live_ < kAbreast || is_lines_of_group(kKind);
      rows_[kColumn] =
          stages ? stage_->rows[kColumn] : columns_[kColumn] + first * key_octets(kKind);
    });
  }

  template <KeyKind Kind>
  HWY_INLINE void stream_lines() const {
    if (!wants(Kind)) return;
    const OctetTag octets;
    std::uint8_t* const to = columns_[index(Kind)] + first_ * key_octets(Kind);
    for_constants<kAbreast * key_octets(Kind) / sizeof(Vector)>([&](auto v) REKEY_SIMD_LAMBDA {
      constexpr std::size_t kOffset = v * sizeof(Vector);
      hn::Stream(hn::Load(octets, stage_->rows[index(Kind)] + kOffset), octets, to + kOffset);
    });
  }

  HWY_NOINLINE void copy_live() const {
    for (KeyKind kind : kAmsKeyKinds) {
      if (!wants(kind)) continue;
      std::memcpy(columns_[index(kind)] + first_ * key_octets(kind), stage_->rows[index(kind)],
                  live_ * key_octets(kind));
    }
  }

  static constexpr std::size_t index(KeyKind kind) { return static_cast<std::size_t>(kind); }

  bool may_stream_;        ///< keys of whole blocks
  bool may_stream_lines_;  ///< others too, by way of the stage
  bool streams_ = false;
  bool streams_lines_ = false;
  std::size_t first_ = 0;
  std::size_t live_ = kAbreast;
  std::uint8_t* columns_[kAmsKeyKinds.size()];
  std::uint8_t* rows_[kAmsKeyKinds.size()];
  OutputStage* stage_;
};

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_OUTPUTS_INL_H_
