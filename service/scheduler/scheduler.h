// SPDX-License-Identifier: Apache-2.0
//
// Decides which requests are derived together, and when. A pure state machine: it has no threads,
// no clock and no I/O. Time and events are handed to it, so that a test can drive any history.
//
// A batch forms while the engines are busy: take_batch() hands out whatever waits, so a lone
// request never waits for company. Not thread-safe: its owner serialises the calls.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "scheduler/group_key.h"
#include "scheduler/priority.h"

namespace rekey::scheduler {

/// Names one piece of work. The owner chooses it, unique among the work it has not yet got back.
using WorkId = std::uint64_t;

/// Limits bounds everything the scheduler holds or hands out.
struct Limits {
  std::uint32_t batch_items = 65'536;
  std::uint64_t batch_octets = 256ULL << 20;
  std::uint32_t queue_requests = 16'384;
  std::uint64_t queue_items = 4ULL << 20;
  std::uint64_t queue_octets = 2ULL << 30;
  /// While background work waits, at least one of this many batches is background work.
  std::uint32_t background_period = 8;
};

/// Work is one request, as far as scheduling is concerned.
struct Work {
  WorkId id = 0;
  GroupKey group{};
  std::uint32_t items = 0;   ///< AMSs
  std::uint64_t octets = 0;  ///< memory its columns take, input and result together
  Priority priority = Priority::kHandover;
};

/// Admission is the answer to submit().
enum class Admission : std::uint8_t {
  kAccepted,
  kQueueFull,  ///< a queue limit would be passed
  kTooLarge,   ///< larger than any batch may be
  kDraining,   ///< begin_drain() was called
};

/// Member is one request in a batch.
struct Member {
  WorkId id = 0;
  std::uint64_t queue_us = 0;  ///< from submit() to take_batch()
};

/// Batch is work to derive together, oldest first. Its owner gives it back through complete().
struct Batch {
  GroupKey group{};
  Priority priority = Priority::kHandover;
  std::vector<Member> members{};  ///< never empty
  std::uint64_t items = 0;
};

/// Scheduler is the queue between the callers and the engines.
class Scheduler {
 public:
  explicit Scheduler(const Limits& limits) : limits_(limits) {}

  /// submit queues work at time `now_us`. Work that is not accepted leaves no trace.
  Admission submit(const Work& work, std::uint64_t now_us);

  /// take_batch hands out the next batch: from the oldest request of the priority whose turn it
  /// is, and as many of the same group behind it as the limits allow, first come first. Nothing
  /// when no work waits.
  std::optional<Batch> take_batch(std::uint64_t now_us);

  /// complete takes note that a batch was answered.
  void complete(const Batch& batch);

  /// cancel forgets queued work. False when `id` is not queued: it was handed out, or is unknown.
  bool cancel(WorkId id);

  /// begin_drain refuses new work from now on. What is queued is still handed out.
  void begin_drain() { draining_ = true; }

  /// has_work says whether take_batch() would hand out a batch.
  [[nodiscard]] bool has_work() const { return !queued_.empty(); }
  /// idle says whether no work is queued or handed out.
  [[nodiscard]] bool idle() const { return queued_.empty() && batches_out_ == 0; }

  [[nodiscard]] std::size_t queued_requests() const { return queued_.size(); }
  [[nodiscard]] std::uint64_t queued_items() const { return queued_items_; }
  [[nodiscard]] std::uint64_t queued_octets() const { return queued_octets_; }

 private:
  /// Arrival numbers order all work; they are never reused.
  using Arrival = std::uint64_t;
  using Fifo = std::map<Arrival, WorkId>;

  struct Queued {
    Work work;
    Arrival arrival = 0;
    std::uint64_t submitted_us = 0;
  };

  /// Lane is the work of one priority, once in order of arrival and once by group.
  struct Lane {
    Fifo all;
    std::map<GroupKey, Fifo> groups;
  };

  Lane& lane(Priority priority) { return lanes_[static_cast<std::size_t>(priority)]; }
  Priority next_priority();
  void remove(const Queued& queued);

  Limits limits_;
  std::unordered_map<WorkId, Queued> queued_;
  std::array<Lane, kAllPriorities.size()> lanes_;
  Arrival next_arrival_ = 0;
  std::uint64_t queued_items_ = 0;
  std::uint64_t queued_octets_ = 0;
  std::uint64_t batches_out_ = 0;
  std::uint32_t handover_batches_in_a_row_ = 0;
  bool draining_ = false;
};

}  // namespace rekey::scheduler
