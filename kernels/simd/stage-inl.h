// SPDX-License-Identifier: Apache-2.0
//
// Runs a stage of a group of which every key is asked for, and beside its AES the small tasks of
// another group.
#if defined(REKEY_SIMD_STAGE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_STAGE_INL_H_
#undef REKEY_SIMD_STAGE_INL_H_
#else
#define REKEY_SIMD_STAGE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "simd/aes-inl.h"
#include "simd/ams-inl.h"
#include "simd/key_schedule-inl.h"
#include "simd/stages.h"
#include "simd/teks-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

template <Variant V>
inline constexpr Stages kStages = stages_of(kLayout<V>, kPhases<V>, kFullDemand<V>);
/// The last stage where the TEKs are not derived in it; no stage if it has none or is TEKs alone.
template <Variant V>
inline constexpr std::size_t kLastWithoutTeks =
    kStages<V>.has_last_without_teks ? kStages<V>.count : Stages::kCapacity;
/// Stands for no stage.
inline constexpr std::size_t kNoStage = Stages::kCapacity;

/// What is to be done for a group between stage After, which it has been through, and stage Before.
template <Variant V, std::size_t After, std::size_t Before>
inline constexpr Tasks kTasks = [] {
  Tasks tasks;
  if (After != kNoStage) {
    add_tasks_after(kLayout<V>, kPhases<V>, kStages<V>, After, &tasks);
  }
  if (Before != kNoStage) {
    add_tasks_before(kLayout<V>, kPhases<V>, kStages<V>, Before, &tasks);
  }
  return tasks;
}();

template <Variant V, Variant Tek, Task T>
HWY_INLINE void run_task(const UsualTekBlocks& counters, AmsGroup* group, std::size_t v) {
  constexpr Stage kIn = kStages<V>.items[T.stage];
  if constexpr (T.kind == Task::Kind::kWriteSubkeys) {
    write_subkeys<V, kIn.phase>(group, v);
  } else if constexpr (T.kind == Task::Kind::kExportStep) {
    export_step<V, kIn.phase, T.step>(*group, v);
  } else if constexpr (T.kind == Task::Kind::kExportTeks) {
    export_usual_teks(*group, v);
  } else if constexpr (T.kind == Task::Kind::kPrepareStep) {
    prepare_step<V, kIn.phase, kIn.wave, T.step>(group, v);
  } else {
    prepare_usual_teks<Tek>(counters, group, v);
  }
}

/// Does all tasks between stages After and Before, for vectors `first` to `first + Vectors - 1`.
template <Variant V, Variant Tek, std::size_t After, std::size_t Before, std::size_t Vectors>
HWY_INLINE void run_tasks(const UsualTekBlocks& counters, AmsGroup* group, std::size_t first) {
  for_constants<kTasks<V, After, Before>.count>([&](auto t) REKEY_SIMD_LAMBDA {
    for_constants<Vectors>([&](auto v) REKEY_SIMD_LAMBDA {
      run_task<V, Tek, kTasks<V, After, Before>.items[t]>(counters, group, first + v);
    });
  });
}

/// Returns the Kin of phase P, for vector `v`.
template <Variant V, std::size_t P>
HWY_INLINE Vector kin_of(const AmsGroup& group, std::size_t v) {
  return assemble<kKinRecipe<V, P>>(group, v);
}
/// Returns the Kin of the first phase of the AMSs that come after the present ones.
template <Variant V>
HWY_INLINE Vector next_kin_of(const AmsGroup& group, std::size_t v) {
  static constexpr Recipe kRecipe = kKinRecipe<V, 0>;
  static_assert(kRecipe.shuffle_count == 1, "it is an input");
  constexpr std::size_t kSlot = kRecipe.shuffles[0].slot;
  const std::uint8_t* rows = group.inputs.next_rows(kSlot);
  if constexpr (kSlot == kPmkSlot) {
    return load_vector(rows + kPmkSlotSkips + v * kBlocksPerVector * kPmkOctets, kPmkOctets);
  } else {
    return place_rows<kRecipe, 0, kInputOctets[kSlot]>(rows, v);
  }
}

/// Which key schedule is written for a group between two stages.
enum class Scheduling : std::uint8_t { kNone, kNextPhase, kNextAms };

/// Beside is the work of a group between stages After and Before, cut into pieces to be done beside
/// the AES of another group: the tasks, and a key schedule if the phase that Before begins needs
/// one or, where `IsEarly`, that of the first phase of the AMSs that come after the present ones.
template <Variant V, Variant Tek, std::size_t After, std::size_t Before, bool IsEarly>
class Beside {
 public:
  static constexpr std::size_t kPhaseBefore = kStages<V>.items[Before % kNoStage].phase;
  static constexpr bool kBeginsPhase =
      Before < kStages<V>.count && kStages<V>.items[Before].begins_phase();
  static constexpr Scheduling kScheduling = IsEarly ? Scheduling::kNextAms
                                            : kBeginsPhase && kPhaseBefore > 0
                                                ? Scheduling::kNextPhase
                                                : Scheduling::kNone;
  static_assert(!(IsEarly && kBeginsPhase));

  HWY_INLINE Beside(const UsualTekBlocks& counters, AmsGroup* group)
      : counters_(counters), group_(group) {}

  /// Does all of it, beside nothing.
  HWY_INLINE void run() const {
    if constexpr (kScheduling != Scheduling::kNone) {
      expand_keys([&](std::size_t v) REKEY_SIMD_LAMBDA { return kin(v); }, round_keys());
    }
    run_tasks<V, Tek, After, Before, kVectors>(counters_, group_, 0);
  }

  /// Does the tasks that belong in slot Slot of kSlots.
  template <std::size_t Slot>
  HWY_INLINE void run_slot() const {
    for_constants<first_piece(Slot + 1) - first_piece(Slot)>([&](auto i) REKEY_SIMD_LAMBDA {
      constexpr std::size_t kPiece = first_piece(Slot) + i;
      constexpr Task kTask = kTasks<V, After, Before>.items[kPiece / kVectors];
      run_task<V, Tek, kTask>(counters_, group_, kPiece % kVectors);
    });
  }

  /// The key of the schedule to be written, for vector `v`.
  [[nodiscard]] HWY_INLINE Vector kin(std::size_t v) const {
    if constexpr (IsEarly) {
      return next_kin_of<V>(*group_, v);
    } else {
      return kin_of<V, kPhaseBefore>(*group_, v);
    }
  }
  [[nodiscard]] HWY_INLINE RoundKeys* round_keys() const {
    return group_->keys_of(IsEarly ? 0 : kPhaseBefore);
  }

  static constexpr std::size_t kSlots = kRounds * kVectors;

 private:
  // At first the AES unit is still busy with the stage whose blocks the tasks read; and what the
  // last tasks prepare is read soon after.
  static constexpr std::size_t kFirstSlot = 4;
  static constexpr std::size_t kEndSlot = kSlots - 4;

  static constexpr std::size_t first_piece(std::size_t slot) {
    constexpr std::size_t kPieces = kTasks<V, After, Before>.count * kVectors;
    if (slot < kFirstSlot) return 0;
    if (slot >= kEndSlot) return kPieces;
    return (slot - kFirstSlot) * kPieces / (kEndSlot - kFirstSlot);
  }

  const UsualTekBlocks& counters_;
  AmsGroup* group_;
};

/// The memory of block N of stage S.
template <Variant V, std::size_t S, std::size_t N>
HWY_INLINE Group& block_of(AmsGroup* group) {
  constexpr Stage kIn = kStages<V>.items[S];
  constexpr std::size_t kOfWave = kIn.has_wave ? kWave<V, kIn.phase, kIn.wave>.count : 0;
  if constexpr (N >= kOfWave) {
    return group->usual_teks.keys[N - kOfWave];
  } else {
    constexpr WaveBlock kBlock = kWave<V, kIn.phase, kIn.wave>.blocks[N];
    if constexpr (kBlock.is_zero) {
      return group->l;
    } else {
      return group->result(result_slot(kStep<V, kIn.phase, kBlock.step>, kBlock.evaluation));
    }
  }
}

/// Block N of stage S as it goes into AES, for vector `v`.
template <Variant V, std::size_t S, std::size_t N>
HWY_INLINE Vector input_of(AmsGroup* group, std::size_t v) {
  constexpr Stage kIn = kStages<V>.items[S];
  if constexpr (kIn.has_wave) {
    constexpr Wave kOf = kWave<V, kIn.phase, kIn.wave>;
    if constexpr (N < kOf.count) {
      constexpr WaveBlock kBlock = kOf.blocks[N];
      if constexpr (kBlock.is_zero) {
        return hn::Zero(OctetTag());
      } else if constexpr (is_constant(kLayout<V>, kStep<V, kIn.phase, kBlock.step>,
                                       kBlock.block)) {
        return of_evaluation<kBlock.evaluation>(
            common_block<V, kIn.phase, kBlock.step, kBlock.block>(*group, v));
      }
    }
  }
  return block_of<V, S, N>(group).vectors[v];
}

/// Encrypts in place blocks First and on, N of them, of stage S, for vectors `first` to
/// `first + Vectors - 1`. `between` is called as encrypt_vectors() says.
template <Variant V, std::size_t S, std::size_t First, std::size_t N, std::size_t Vectors,
          typename Between>
HWY_INLINE void encrypt_blocks(AmsGroup* group, std::size_t first, Between between) {
  encrypt_vectors<N, Vectors>(
      *group->keys_of(kStages<V>.items[S].phase), first,
      [&](std::size_t v, auto n) REKEY_SIMD_LAMBDA { return input_of<V, S, First + n>(group, v); },
      [&](std::size_t v, auto n, Vector block)
          REKEY_SIMD_LAMBDA { block_of<V, S, First + n>(group).vectors[v] = block; },
      between);
}

template <Variant V, std::size_t S>
inline constexpr std::size_t kBlocksOf = blocks_of(kLayout<V>, kPhases<V>, kFullDemand<V>,
                                                   kStages<V>.items[S]);
// A stage that has too many blocks for the registers goes through AES in two parts.
template <Variant V, std::size_t S>
inline constexpr std::size_t kFirstPart = kBlocksOf<V, S> <= kMostBlocks
                                              ? kBlocksOf<V, S>
                                              : (kBlocksOf<V, S> + 1) / 2;

/// Sends the blocks of stage S, which have been prepared, through AES, and does beside that what is
/// to be done for another group.
template <Variant V, std::size_t S, typename Other>
HWY_NOINLINE void run_stage(AmsGroup* group, Other other) {
  constexpr std::size_t kFirst = kFirstPart<V, S>;
  static_assert(vectors_together<kFirst>() == kVectors && kVectors == KeySchedule::kQuarters);
  if constexpr (Other::kScheduling != Scheduling::kNone) {
    KeySchedule schedule([&](std::size_t v) REKEY_SIMD_LAMBDA { return other.kin(v); }, 0,
                         other.round_keys());
    encrypt_blocks<V, S, 0, kFirst, kVectors>(group, 0, [&](auto slot) REKEY_SIMD_LAMBDA {
      schedule.write(slot / kVectors + 1, slot % kVectors);
      other.template run_slot<slot>();
    });
  } else {
    encrypt_blocks<V, S, 0, kFirst, kVectors>(
        group, 0, [&](auto slot) REKEY_SIMD_LAMBDA { other.template run_slot<slot>(); });
  }
  if constexpr (kFirst < kBlocksOf<V, S>) {
    encrypt_blocks<V, S, kFirst, kBlocksOf<V, S> - kFirst, kVectors>(group, 0,
                                                                     [](auto) REKEY_SIMD_LAMBDA {});
  }
}

/// Runs stage S of a group whose key schedule has been written, with all that is to be done before
/// and after it.
template <Variant V, Variant Tek, std::size_t S>
HWY_NOINLINE void run_stage_alone(const UsualTekBlocks& counters, AmsGroup* group) {
  constexpr std::size_t kFirst = kFirstPart<V, S>;
  constexpr std::size_t kTogether = vectors_together<kFirst>();
  constexpr auto kNothing = [](auto) REKEY_SIMD_LAMBDA {};
  for (std::size_t first = 0; first < kVectors; first += kTogether) {
    run_tasks<V, Tek, kNoStage, S, kTogether>(counters, group, first);
    encrypt_blocks<V, S, 0, kFirst, kTogether>(group, first, kNothing);
    if constexpr (kFirst < kBlocksOf<V, S>) {
      encrypt_blocks<V, S, kFirst, kBlocksOf<V, S> - kFirst, kTogether>(group, first, kNothing);
    }
    run_tasks<V, Tek, S, kNoStage, kTogether>(counters, group, first);
  }
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_STAGE_INL_H_
