// SPDX-License-Identifier: Apache-2.0
//
// What goes into the scheduler and what comes out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "scheduler/group_key.h"
#include "scheduler/priority.h"

namespace rekey::scheduler {

/// Names one piece of work. The owner chooses it, unique among the work it has not yet got back.
using WorkId = std::uint64_t;
/// Names one batch; never used again.
using BatchId = std::uint64_t;
/// An engine's place in Machine::engines.
using EngineId = std::uint32_t;

inline constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

/// Work is one request, as far as scheduling is concerned.
struct Work {
  WorkId id = 0;
  std::string_view caller{};  ///< whose it is; looked at during submit() alone
  GroupKey group{};
  std::uint32_t items = 0;   ///< AMSs, at least 1
  std::uint64_t octets = 0;  ///< memory its columns take, input and result together
  /// Memory of the AMS that takes most; 0 when all take the same.
  std::uint64_t widest_octets = 0;
  /// What deriving it costs, in AMSs of the usual kind (two TEKs each); 0 means `items`.
  std::uint64_t effort = 0;
  Priority priority = Priority::kHandover;
  std::uint64_t deadline_us = kNever;  ///< nothing of it is handed out later than this
};

/// Admission is the answer to submit().
enum class Admission : std::uint8_t {
  kAccepted,
  kQueueFull,    ///< a limit of the queue would be passed
  kCallerFull,   ///< a limit of this caller would be passed
  kRateLimited,  ///< this caller asks for more AMSs a second than it may
  kTooLarge,     ///< larger than an empty queue takes
  kTooLate,      ///< its deadline has passed
  kDraining,     ///< begin_drain() was called
  kNoEngine,     ///< no engine serves
};

inline constexpr std::size_t kAdmissions = 8;

/// Answer is an admission with advice.
struct Answer {
  Admission admission = Admission::kAccepted;
  /// When it makes sense to try again, from now; 0: not here, or not ever.
  std::uint64_t retry_us = 0;

  [[nodiscard]] bool accepted() const { return admission == Admission::kAccepted; }
};

/// Piece is a run of AMSs of one request.
struct Piece {
  WorkId id = 0;
  std::uint32_t first_item = 0;
  std::uint32_t items = 0;

  bool operator==(const Piece&) const = default;
};

/// Batch is work to derive together on one engine. Its owner gives it back through complete().
struct Batch {
  BatchId id = 0;
  EngineId engine = 0;
  GroupKey group{};
  Priority priority = Priority::kHandover;
  /// Never empty. Pieces of one request follow its order and never overlap.
  std::vector<Piece> pieces{};
  std::uint64_t items = 0;
  std::uint64_t effort = 0;  ///< as Work::effort
  bool beside = false;       ///< see Scheduler::submit()
};

/// BatchOutcome says how a batch came back.
enum class BatchOutcome : std::uint8_t {
  kDone,
  kFailed,      ///< no keys
  kUnverified,  ///< keys that could not be verified, which is not the engine's fault
  kWrong,       ///< a key was found wrong
};

/// Outcome says how a request ended.
enum class Outcome : std::uint8_t {
  kDone,       ///< all its AMSs were derived
  kCancelled,  ///< cancel() was called while a part of it was being derived
  kExpired,    ///< it could not be handed out in time
  kFailed,     ///< too many batches it was part of failed
  kNoEngine,   ///< no engine serves any more
};

inline constexpr std::size_t kOutcomes = 5;

/// Counts is what has happened since the start.
struct Counts {
  std::array<std::uint64_t, kAdmissions> admissions{};  ///< answers of submit(), by Admission
  std::array<std::uint64_t, kOutcomes> outcomes{};      ///< accepted requests that ended
  std::uint64_t batches = 0;
  std::uint64_t lost_batches = 0;

  [[nodiscard]] std::uint64_t of(Admission admission) const {
    return admissions[static_cast<std::size_t>(admission)];
  }
  [[nodiscard]] std::uint64_t of(Outcome outcome) const {
    return outcomes[static_cast<std::size_t>(outcome)];
  }
};

/// Finished is a request that has ended; nothing of it is in an engine.
struct Finished {
  WorkId id = 0;
  Outcome outcome = Outcome::kDone;
  std::uint64_t queue_us = 0;  ///< from submit() to its first batch, or to its end without one

  bool operator==(const Finished&) const = default;
};

}  // namespace rekey::scheduler
