// SPDX-License-Identifier: Apache-2.0
//
// The AES-128 key schedule of a group, every lane with a key of its own. The words of four blocks
// are handled side by side, so that one AES instruction substitutes the words of four keys. GFNI
// would substitute them too, but where it was measured it shares the AES unit, and takes an
// instruction more. (key_schedule_avx3_dl-inl.h writes the same schedule with fewer shuffles.)
#if defined(REKEY_SIMD_KEY_SCHEDULE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_KEY_SCHEDULE_INL_H_
#undef REKEY_SIMD_KEY_SCHEDULE_INL_H_
#else
#define REKEY_SIMD_KEY_SCHEDULE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "simd/key_schedule_avx3_dl-inl.h"
#include "simd/round_keys-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

#if HWY_TARGET != HWY_AVX3_DL

/// Returns SubWord(RotWord(word)) ^ rcon for every word.
HWY_INLINE Vector schedule_core(Vector words, std::uint8_t rcon) {
  alignas(kBlockOctets) static constexpr std::uint8_t kRotateAndUnshift[kBlockOctets] = {
      1, 14, 11, 4, 5, 2, 15, 8, 9, 6, 3, 12, 13, 10, 7, 0};
  return substituted(words, kRotateAndUnshift, rcon);
}

/// KeySchedule writes the round keys of four vectors, a quarter of a round at a time: a caller may
/// do other work in between. What a quarter computes is used by a later one, so that nothing waits.
class KeySchedule {
 public:
  static constexpr std::size_t kQuarters = 4;

  /// Begins with vectors `first` to `first + 3` of the keys, which `load(v)` gives, and writes
  /// round key 0.
  template <typename Load>
  HWY_INLINE KeySchedule(Load load, std::size_t first, RoundKeys* out_round_keys)
      : to_(out_round_keys->keys[0].vectors + first),
        w0_(load(first)),
        w1_(load(first + 1)),
        w2_(load(first + 2)),
        w3_(load(first + 3)) {
    to_[0] = w0_;
    to_[1] = w1_;
    to_[2] = w2_;
    to_[3] = w3_;
    transpose(&w0_, &w1_, &w2_, &w3_);
    core_ = schedule_core(w3_, kRcon[0]);
    advance();
  }

  /// Does quarter `quarter` of the work for round key `round`, 1 to kRounds; after the last one it
  /// is written.
  HWY_INLINE void write(std::size_t round, std::size_t quarter) {
    Vector* const to = to_ + round * kVectors;
    const DoubleWordTag pairs;
    const OctetTag octets;
    if (quarter == 0) {
      if (round < kRounds) core_ = schedule_core(w3_, kRcon[round]);
      low01_ = interleave_lower_words(w0_, w1_);
      low23_ = interleave_lower_words(w2_, w3_);
    } else if (quarter == 1) {
      high01_ = interleave_upper_words(w0_, w1_);
      high23_ = interleave_upper_words(w2_, w3_);
      to[0] = hn::BitCast(octets, hn::InterleaveLower(pairs, low01_, low23_));
    } else if (quarter == 2) {
      to[1] = hn::BitCast(octets, hn::InterleaveUpper(pairs, low01_, low23_));
      to[2] = hn::BitCast(octets, hn::InterleaveLower(pairs, high01_, high23_));
    } else {
      to[3] = hn::BitCast(octets, hn::InterleaveUpper(pairs, high01_, high23_));
      if (round < kRounds) advance();
    }
  }

  HWY_INLINE void write(std::size_t round) {
    write(round, 0);
    write(round, 1);
    write(round, 2);
    write(round, 3);
  }

 private:
  /// Takes the words to those of the next round key.
  HWY_INLINE void advance() {
    w0_ = hn::Xor(w0_, core_);
    w1_ = hn::Xor(w1_, w0_);
    w2_ = hn::Xor(w2_, w1_);
    w3_ = hn::Xor(w3_, w2_);
  }

  Vector* to_;
  Vector w0_, w1_, w2_, w3_;  ///< word 0 to 3 of a round key of every lane
  Vector core_;               ///< what makes them the next one's
  Pairs low01_, low23_, high01_, high23_;
};

#endif  // HWY_TARGET != HWY_AVX3_DL

/// Writes the key schedule of every lane; `load(v)` gives the keys of vector v.
template <typename Load>
REKEY_SIMD_INLINE void expand_keys(Load load, RoundKeys* out_round_keys) {
  // Two schedules at a time hide each other's latency.
  constexpr std::size_t kTogether = kVectors == 4 ? 4 : 8;
  for (std::size_t first = 0; first < kVectors; first += kTogether) {
    KeySchedule one(load, first, out_round_keys);
    if constexpr (kTogether == 4) {
      REKEY_SIMD_UNROLL
      for (std::size_t round = 1; round <= kRounds; ++round) one.write(round);
    } else {
      KeySchedule other(load, first + 4, out_round_keys);
      REKEY_SIMD_UNROLL
      for (std::size_t round = 1; round <= kRounds; ++round) {
        one.write(round);
        other.write(round);
      }
    }
  }
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_KEY_SCHEDULE_INL_H_
