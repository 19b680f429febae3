// SPDX-License-Identifier: Apache-2.0
//
// AES-128 over groups: several blocks for each lane at a time, all under the lane's own key.
#if defined(REKEY_SIMD_AES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_AES_INL_H_
#undef REKEY_SIMD_AES_INL_H_
#else
#define REKEY_SIMD_AES_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "simd/key_schedule-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

// Stages have code of their own for every list of blocks. Not where that would be too much code.
#if HWY_TARGET == HWY_SSSE3 || REKEY_SIMD_IS_SANITIZED
inline constexpr bool kHasCodePerStage = false;
#else
inline constexpr bool kHasCodePerStage = true;
#endif

// With 32 vector registers AES states of a whole group stay in registers, and other work beside
// them: it fills the cycles that the AES unit leaves to others. With 16 registers half as many
// states keep the AES unit busy, and other work is better left to itself.
#if HWY_TARGET == HWY_AVX3_DL
inline constexpr std::size_t kMaxStates = 16;
inline constexpr bool kInterleaves = kHasCodePerStage;
#else
inline constexpr std::size_t kMaxStates = 8;
inline constexpr bool kInterleaves = false;
#endif

/// Makes the compiler load `*v` once, where it would load it anew for each use: loads are as scarce
/// as AES instructions.
HWY_INLINE void keep_in_register(Vector* v) {
#if HWY_ARCH_X86
  asm("" : "+v"(v->raw));
#else
  static_cast<void>(v);
#endif
}

/// How many vectors of N blocks each go through AES together.
template <std::size_t N>
constexpr std::size_t vectors_together() {
  constexpr std::size_t kFit = kMaxStates / N;
  return kFit >= kVectors ? kVectors : kFit >= 8 ? 8 : kFit >= 4 ? 4 : 2;
}

/// Encrypts N blocks for each lane of vectors `first` to `first + V - 1`: `load(v, n)` gives block
/// n of vector v, `store(v, n, block)` takes it, n being a constant. `between` is called with the
/// constants 0 to `kRounds * V - 1`, one after the other, between AES instructions.
template <std::size_t N, std::size_t V, typename Load, typename Store, typename Between>
HWY_INLINE void encrypt_vectors(const RoundKeys& round_keys, std::size_t first, Load load,
                                Store store, Between between) {
  Vector state[V][N];
  for_constants<V>([&](auto v) REKEY_SIMD_LAMBDA {
    const Vector key = round_keys.keys[0].vectors[first + v];
    for_constants<N>([&](auto n)
                         REKEY_SIMD_LAMBDA { state[v][n] = hn::Xor(load(first + v, n), key); });
  });
  for_constants<kRounds>([&](auto r) REKEY_SIMD_LAMBDA {
    for_constants<V>([&](auto v) REKEY_SIMD_LAMBDA {
      Vector key = round_keys.keys[r + 1].vectors[first + v];
      if (N > 1) keep_in_register(&key);
      for_constants<N>([&](auto n) REKEY_SIMD_LAMBDA {
        if constexpr (r + 1 < kRounds) {
          state[v][n] = hn::AESRound(state[v][n], key);
        } else {
          store(first + v, n, hn::AESLastRound(state[v][n], key));
        }
      });
      between(std::integral_constant<std::size_t, r * V + v>());
    });
  });
}

/// BlockList is a list of groups that go through AES together: one block for each lane in each. It
/// is for lists that are not known at build time.
class BlockList {
 public:
  static constexpr std::size_t kCapacity = 6;

  HWY_INLINE void add(Group* group) { groups_[size_++] = group; }
  [[nodiscard]] HWY_INLINE std::size_t size() const { return size_; }
  [[nodiscard]] HWY_INLINE Group* const* groups() const { return groups_; }

 private:
  Group* groups_[kCapacity];
  std::size_t size_ = 0;
};

/// Encrypts N groups in place.
template <std::size_t N>
REKEY_SIMD_AES_INLINE void encrypt_groups(const RoundKeys& round_keys, Group* const* groups) {
  constexpr std::size_t kTogether = vectors_together<N>();
  for (std::size_t first = 0; first < kVectors; first += kTogether) {
    encrypt_vectors<N, kTogether>(
        round_keys, first,
        [&](std::size_t v, auto n) REKEY_SIMD_LAMBDA { return groups[n]->vectors[v]; },
        [&](std::size_t v, auto n, Vector block)
            REKEY_SIMD_LAMBDA { groups[n]->vectors[v] = block; },
        [](auto) REKEY_SIMD_LAMBDA {});
  }
}

/// Encrypts every block in place.
inline HWY_NOINLINE void encrypt(const RoundKeys& round_keys, const BlockList& blocks) {
  std::size_t done = 0;
  for (; done + 2 <= blocks.size(); done += 2) {
    encrypt_groups<2>(round_keys, blocks.groups() + done);
  }
  if (done < blocks.size()) encrypt_groups<1>(round_keys, blocks.groups() + done);
}

/// Encrypts the block of every lane in place.
HWY_INLINE void encrypt(const RoundKeys& round_keys, Group* group) {
  BlockList one;
  one.add(group);
  encrypt(round_keys, one);
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_AES_INL_H_
