// SPDX-License-Identifier: Apache-2.0
//
// The key schedule of key_schedule-inl.h for the target whose AES unit and shuffles, which share
// what executes them, are what everything waits for: a third fewer shuffles, for one AES
// instruction more a round. Tested against the other by every test that compares targets.
#if defined(REKEY_SIMD_KEY_SCHEDULE_AVX3_DL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_KEY_SCHEDULE_AVX3_DL_INL_H_
#undef REKEY_SIMD_KEY_SCHEDULE_AVX3_DL_INL_H_
#else
#define REKEY_SIMD_KEY_SCHEDULE_AVX3_DL_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "simd/round_keys-inl.h"
#include "simd/vector-inl.h"

#if HWY_TARGET == HWY_AVX3_DL

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// Returns c = SubWord(RotWord(w3)) ^ rcon, twice, in the place of each pair of words w2, w3.
HWY_INLINE Vector schedule_core(Vector upper_words, std::uint8_t rcon) {
  alignas(kBlockOctets) static constexpr auto kRotateAndUnshift = [] {
    std::array<std::uint8_t, kBlockOctets> indices{};
    for (std::size_t column = 0; column < 4; ++column) {
      for (std::size_t row = 0; row < 4; ++row) {
        const std::size_t block = (column + 4 - row) % 4 / 2;
        indices[4 * column + row] = static_cast<std::uint8_t>(8 * block + 4 + (row + 1) % 4);
      }
    }
    return indices;
  }();
  return substituted(upper_words, kRotateAndUnshift.data(), rcon);
}

/// KeySchedule writes the round keys of four vectors, a quarter of a round at a time: a caller may
/// do other work in between. What a quarter computes is used by a later one, so that nothing waits.
///
/// The words w0, w1 of two blocks are one vector, their w2, w3 another. With c(r) as above, two
/// rounds of the schedule together are
///   w0(r), w1(r) = w0(r - 1), w1(r - 2) ^ c(r), c(r)
///   w2(r), w3(r) = w2(r - 2), w3(r - 2) ^ w0(r), w1(r)
/// so that no word has to move to the place of its neighbour.
class KeySchedule {
 public:
  static constexpr std::size_t kQuarters = 4;

  /// Begins with vectors `first` to `first + 3` of the keys, which `load(v)` gives, and writes
  /// round key 0.
  template <typename Load>
  HWY_INLINE KeySchedule(Load load, std::size_t first, RoundKeys* out_round_keys)
      : to_(out_round_keys->keys[0].vectors + first) {
    for_constants<2>([&](auto i) REKEY_SIMD_LAMBDA { pairs_[i].begin(load, first, i, to_); });
    for_constants<2>([&](auto i) REKEY_SIMD_LAMBDA {
      pairs_[i].begin_round(kRcon[0]);
      pairs_[i].end_round();
    });
  }

  /// Does quarter `quarter` of the work for round key `round`, 1 to kRounds; after the last one it
  /// is written.
  HWY_INLINE void write(std::size_t round, std::size_t quarter) {
    Vector* const to = to_ + round * kVectors;
    BlockPairs& of_quarter = pairs_[quarter / 2];
    if (quarter % 2 == 0) {
      to[quarter] = of_quarter.first_blocks();
    } else {
      to[quarter] = of_quarter.second_blocks();
    }
    if (round == kRounds) return;
    if (quarter < 2) {
      pairs_[quarter].begin_round(kRcon[round]);
    } else {
      pairs_[quarter - 2].end_round();
    }
  }

  HWY_INLINE void write(std::size_t round) {
    write(round, 0);
    write(round, 1);
    write(round, 2);
    write(round, 3);
  }

 private:
  /// Two vectors of blocks.
  struct BlockPairs {
    Vector lower, upper;                ///< words 0 and 1, words 2 and 3, of the present round key
    Vector lower_before, upper_before;  ///< of the one before
    Vector core;

    template <typename Load>
    HWY_INLINE void begin(Load load, std::size_t first, std::size_t i, Vector* out_round_key) {
      const DoubleWordTag pairs;
      const OctetTag octets;
      const Vector first_blocks = load(first + 2 * i);
      const Vector second_blocks = load(first + 2 * i + 1);
      out_round_key[2 * i] = first_blocks;
      out_round_key[2 * i + 1] = second_blocks;
      const Pairs first_pairs = hn::BitCast(pairs, first_blocks);
      const Pairs second_pairs = hn::BitCast(pairs, second_blocks);
      const Pairs w01 = hn::InterleaveLower(pairs, first_pairs, second_pairs);
      const Pairs w23 = hn::InterleaveUpper(pairs, first_pairs, second_pairs);
      lower = hn::BitCast(octets, w01);
      upper = hn::BitCast(octets, w23);
      // Of the one before there are but the words that are needed.
      lower_before = hn::BitCast(octets, hn::Xor(w01, hn::ShiftLeft<32>(w01)));
      upper_before = hn::BitCast(
          octets, hn::Xor(hn::Xor(w23, hn::ShiftLeft<32>(w23)), hn::ShiftRight<32>(w01)));
    }
    HWY_INLINE void begin_round(std::uint8_t rcon) { core = schedule_core(upper, rcon); }
    HWY_INLINE void end_round() {
      const WordTag words;
      const auto present = hn::BitCast(words, lower);
      const auto before = hn::BitCast(words, lower_before);
      const Vector next_lower =
          hn::Xor(hn::BitCast(OctetTag(), hn::OddEven(before, present)), core);
      const Vector next_upper = hn::Xor(upper_before, next_lower);
      lower_before = lower;
      upper_before = upper;
      lower = next_lower;
      upper = next_upper;
    }
    [[nodiscard]] HWY_INLINE Vector first_blocks() const {
      const DoubleWordTag pairs;
      return hn::BitCast(OctetTag(), hn::InterleaveLower(pairs, hn::BitCast(pairs, lower),
                                                         hn::BitCast(pairs, upper)));
    }
    [[nodiscard]] HWY_INLINE Vector second_blocks() const {
      const DoubleWordTag pairs;
      return hn::BitCast(OctetTag(), hn::InterleaveUpper(pairs, hn::BitCast(pairs, lower),
                                                         hn::BitCast(pairs, upper)));
    }
  };

  Vector* to_;
  BlockPairs pairs_[2];
};

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET == HWY_AVX3_DL

#endif  // REKEY_SIMD_KEY_SCHEDULE_AVX3_DL_INL_H_
