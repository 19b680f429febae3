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

// With 32 vector registers AES states of a whole group stay in registers, and a key schedule beside
// them: its work fills the cycles that the AES unit leaves to others. With 16 registers half as
// many states keep the AES unit busy, and a schedule is better left to itself.
#if HWY_TARGET == HWY_AVX3_DL
inline constexpr std::size_t kMaxStates = 16;
inline constexpr bool kSchedulesBesideAes = true;
#else
inline constexpr std::size_t kMaxStates = 8;
inline constexpr bool kSchedulesBesideAes = false;
#endif

/// PendingSchedule is a key schedule of another group that is still to be written: `load(v)` gives
/// the keys of vector v.
template <typename Load>
struct PendingSchedule {
  bool pending = false;
  Load load;
  RoundKeys* round_keys = nullptr;

  HWY_NOINLINE void write() const {
    if (pending) expand_keys(load, round_keys);
  }
};

/// Stands for a schedule where there never is one.
struct NoSchedule {
  static constexpr bool pending = false;

  HWY_INLINE void write() const {}
};

// A list of blocks that is known at build time has code of its own, in which they never leave the
// registers between being put together and being encrypted. Not where that would be too much code.
#if HWY_TARGET == HWY_SSSE3 || REKEY_SIMD_IS_SANITIZED
inline constexpr bool kHasCodePerWave = false;
#else
inline constexpr bool kHasCodePerWave = true;
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
/// n of vector v, `store(v, n, block)` takes it, n being a constant. `between(round)` is called
/// once for each round, 1 to kRounds.
template <std::size_t V, typename Load, typename Store, typename Between, std::size_t... N>
HWY_INLINE void encrypt_vectors(const RoundKeys& round_keys, std::size_t first, Load load,
                                Store store, Between between, std::index_sequence<N...>) {
  Vector state[V][sizeof...(N)];
  REKEY_SIMD_UNROLL
  for (std::size_t v = 0; v < V; ++v) {
    const Vector key = round_keys.keys[0].vectors[first + v];
    ((state[v][N] = hn::Xor(load(first + v, std::integral_constant<std::size_t, N>()), key)), ...);
  }
  REKEY_SIMD_UNROLL
  for (std::size_t round = 1; round < kRounds; ++round) {
    REKEY_SIMD_UNROLL
    for (std::size_t v = 0; v < V; ++v) {
      between(round, v);
      Vector key = round_keys.keys[round].vectors[first + v];
      if (sizeof...(N) > 1) keep_in_register(&key);
      ((state[v][N] = hn::AESRound(state[v][N], key)), ...);
    }
  }
  REKEY_SIMD_UNROLL
  for (std::size_t v = 0; v < V; ++v) {
    between(kRounds, v);
    Vector key = round_keys.keys[kRounds].vectors[first + v];
    if (sizeof...(N) > 1) keep_in_register(&key);
    (store(first + v, std::integral_constant<std::size_t, N>(), hn::AESLastRound(state[v][N], key)),
     ...);
  }
}

/// Encrypts N blocks for each lane, as encrypt_vectors() does, and writes a schedule that is
/// pending.
template <std::size_t N, typename Schedule, typename Load, typename Store>
REKEY_SIMD_INLINE void encrypt(const RoundKeys& round_keys, const Schedule& schedule, Load load,
                               Store store) {
  constexpr std::size_t kTogether = vectors_together<N>();
  static_assert(kVectors % kTogether == 0);
  constexpr std::make_index_sequence<N> kBlocks;
  if constexpr (kSchedulesBesideAes && !std::is_same_v<Schedule, NoSchedule>) {
    static_assert(kTogether == kVectors && kVectors == KeySchedule::kQuarters);
    if (schedule.pending) {
      KeySchedule beside(schedule.load, 0, schedule.round_keys);
      encrypt_vectors<kTogether>(
          round_keys, 0, load, store,
          [&](std::size_t round, std::size_t v) HWY_ATTR { beside.write(round, v); }, kBlocks);
      return;
    }
  } else {
    schedule.write();
  }
  for (std::size_t first = 0; first < kVectors; first += kTogether) {
    encrypt_vectors<kTogether>(
        round_keys, first, load, store, [](std::size_t, std::size_t) {}, kBlocks);
  }
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
  encrypt<N>(
      round_keys, NoSchedule(),
      [&](std::size_t v, auto n) HWY_ATTR { return groups[n]->vectors[v]; },
      [&](std::size_t v, auto n, Vector block) HWY_ATTR { groups[n]->vectors[v] = block; });
}

/// Encrypts every block in place.
HWY_NOINLINE void encrypt(const RoundKeys& round_keys, const BlockList& blocks) {
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
