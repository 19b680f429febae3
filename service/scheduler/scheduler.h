// SPDX-License-Identifier: Apache-2.0
//
// Decides which requests are derived together, when, and on which engine. A pure state machine: it
// has no threads, no clock and no I/O. Time and events are handed to it, so that a test can drive
// any history (docs/scheduling.md).
//
// Not thread-safe: its owner serialises the calls. Times never go back. After any call the owner
// asks for take_finished(), take_probe() and take_batch() until they have nothing, and calls
// advance() at wake_us().
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scheduler/backlog.h"
#include "scheduler/callers.h"
#include "scheduler/limits.h"
#include "scheduler/machine.h"
#include "scheduler/request.h"
#include "scheduler/router.h"
#include "scheduler/work.h"

namespace rekey::scheduler {

/// Scheduler is the queue between the callers and the engines. Every accepted request comes back
/// exactly once: through take_finished(), or by a cancel() that returns true.
class Scheduler {
 public:
  Scheduler(const Limits& limits, const Machine& machine, Shares shares = {});

  /// preview says what submit() would, for a request of which only the number of AMSs is known: a
  /// refusal is cheapest before anything else is done for it.
  [[nodiscard]] Answer preview(std::string_view caller, std::uint32_t items,
                               std::uint64_t now_us) const;
  /// submit queues work. Work that is not accepted leaves no trace. With `out_batch`, work that
  /// nothing waits beside is not queued where take_batch() would hand out all of it at once, but
  /// handed out in `*out_batch`: the same, for less. So is work that takes an engine kBesideUs at
  /// most and whose turn it is although others wait, beside what the engines have in hand
  /// (Batch::beside). Between two other batches at most kMostBeside are: who derives them is who
  /// reads what others ask for.
  Answer submit(const Work& work, std::uint64_t now_us, std::optional<Batch>* out_batch = nullptr);
  /// submit_together queues the works of one caller that are of no use without each other: all are
  /// accepted, by one decision about their sum, or none leaves a trace. So they may overdraw the
  /// caller's rate together.
  Answer submit_together(std::span<const Work> works, std::uint64_t now_us);
  /// cancel ends a request that is not wanted any more. True when it is gone: nothing of it is in
  /// an engine. False when a part of it is, and take_finished() will name it; or when `id` is
  /// unknown.
  bool cancel(WorkId id, std::uint64_t now_us);

  /// take_batch hands out the next batch. Nothing when no work waits, no engine is free, or it is
  /// better to wait for a busy one.
  std::optional<Batch> take_batch(std::uint64_t now_us);
  /// detach says that a batch has all it needs and leaves its requests' memory alone, so that it
  /// may be lost: from now on it counts as such after EngineSpec::batch_us_max. attach() says that
  /// it has come back and is about to be completed. False when it was lost before: its requests may
  /// be gone.
  void detach(BatchId id, std::uint64_t now_us);
  bool attach(BatchId id);
  [[nodiscard]] bool may_be_lost(EngineId engine) const {
    return router_.spec(engine).batch_us_max > 0;
  }
  /// complete takes a batch back, and returns whether its keys count. `engine_us` is how long the
  /// engine had it, verification included, when it is kDone. What was done by an engine that is in
  /// quarantine, or was since, is done again. A batch that was lost may be completed late, which
  /// only frees its slot.
  bool complete(BatchId id, BatchOutcome outcome, std::uint64_t engine_us, std::uint64_t now_us);

  /// quarantine takes an engine out of service until it has passed a probe. Whatever it did of
  /// requests that have not ended yet is done again.
  void quarantine(EngineId engine, std::uint64_t now_us);
  /// take_probe names an engine in quarantine whose known answers are to be run now; probed() tells
  /// how that went.
  std::optional<EngineId> take_probe(std::uint64_t now_us) { return router_.take_probe(now_us); }
  void probed(EngineId engine, bool passed, std::uint64_t now_us) {
    router_.probed(engine, passed, now_us);
  }
  /// pin has only `engine` used while it serves; nothing lets all be used again.
  void pin(std::optional<EngineId> engine) { router_.pin(engine); }

  /// set_limits takes over what bounds the queue and each caller, and the shares; batches and
  /// engines keep the limits they have. What was accepted stays, beyond the new bounds too.
  void set_limits(const Limits& limits, Shares shares, std::uint64_t now_us);

  /// begin_drain refuses new work from now on. What was accepted is answered.
  void begin_drain() { draining_ = true; }

  /// advance drops what cannot be handed out in time and takes lost batches for failed.
  void advance(std::uint64_t now_us);
  /// When advance() has something to do next, unless something else happens before; kNever when
  /// nothing.
  [[nodiscard]] std::uint64_t wake_us() const;
  /// take_finished returns the requests that have ended since it was last called.
  std::vector<Finished> take_finished();
  [[nodiscard]] bool has_finished() const { return !finished_.empty(); }
  /// take_lost_engines returns the engines that were quarantined for losing a batch.
  std::vector<EngineId> take_lost_engines();

  /// could_take says whether take_batch() is worth a call: something waits, and an engine that
  /// serves has a free slot.
  [[nodiscard]] bool could_take() const;
  /// idle says whether every accepted request has come back.
  [[nodiscard]] bool idle() const { return requests_.empty(); }

  /// counts is what has happened since the start. What was refused after preview() counts as
  /// well, when its owner says so with count_refusal().
  [[nodiscard]] const Counts& counts() const { return counts_; }
  void count_refusal(Admission admission) {
    ++counts_.admissions[static_cast<std::size_t>(admission)];
  }

  /// held is what was accepted and has not come back.
  [[nodiscard]] const Holding& held() const { return callers_.held(); }
  /// How many requests have AMSs that wait for an engine.
  [[nodiscard]] std::size_t waiting_requests() const { return backlog_.requests(); }
  [[nodiscard]] std::size_t remembered_callers() const { return callers_.remembered(); }
  [[nodiscard]] const Router& router() const { return router_; }

 private:
  struct Out {
    BatchId id = 0;
    EngineId engine = 0;
    std::uint32_t quarantines = 0;  ///< of the engine, when it began
    bool beside = false;
    Profile profile = Profile::k16mDraft;
    std::uint64_t effort = 0;
    std::uint64_t lost_us = kNever;
    std::vector<Piece> pieces{};
  };

  void count(Outcome outcome) { ++counts_.outcomes[static_cast<std::size_t>(outcome)]; }
  [[nodiscard]] Answer admit(const Caller* caller, const Holding& more, Profile profile,
                             std::uint64_t now_us) const;
  /// Answers for all works; what is in the way of one is in the way of all.
  Answer let_in(std::span<const Work> works, std::uint64_t now_us);
  /// Takes what was let in.
  Request& accept(const Work& work, std::uint64_t now_us);
  [[nodiscard]] Answer refuse(Admission admission, Profile profile, std::uint64_t effort) const;
  /// Whether the next batch is background work, if any waits.
  [[nodiscard]] bool background_is_due() const {
    return handover_batches_in_a_row_ + 1 >= limits_.background_period;
  }
  Priority next_priority();
  /// Whether a batch may be that large, whatever engine it is for.
  [[nodiscard]] bool fits_batch(const Work& work) const {
    return work.items <= limits_.batch_items && work.octets <= limits_.batch_octets;
  }
  std::optional<Batch> take_whole(Request& request, std::uint64_t now_us);
  std::optional<Batch> take_beside(Request& request, std::uint64_t now_us);
  Batch launch_whole(Request& request, EngineId engine, bool beside, std::uint64_t now_us);
  void launch(const Batch& batch, std::uint64_t now_us);
  void fill(Batch* batch, std::uint64_t room, std::uint64_t now_us);
  [[nodiscard]] std::uint32_t piece_items(const Request& request, const Batch& batch,
                                          std::uint64_t room, std::uint64_t octets) const;
  void enqueue(Request& request, std::uint64_t now_us);
  void set_launch_by(Request& request, std::uint64_t now_us);
  void dequeue(Request& request);
  void requeue(Request& request, std::uint64_t now_us);
  /// Null when there is no such batch, or it is lost.
  [[nodiscard]] Out* find_out(BatchId id);
  /// take_out returns a batch that is out, which it is not any more.
  Out take_out(BatchId id);
  void give_back(const Out& out, bool derived, bool failed, std::uint64_t now_us);
  void refuse_waiting_without_engine(std::uint64_t now_us);
  void end(Request& request, Outcome outcome, std::uint64_t now_us);
  void finish(Request& request, Outcome outcome, std::uint64_t now_us);
  void forget(Request& request);

  Limits limits_;
  Router router_;
  Callers callers_;
  Backlog backlog_;
  std::unordered_map<WorkId, Request> requests_;
  std::set<std::pair<std::uint64_t, WorkId>> launch_by_;  ///< of requests of which AMSs wait
  std::vector<Out> out_;                                  ///< few: as many as engines have in hand
  std::set<std::pair<std::uint64_t, BatchId>> lost_by_;
  std::map<BatchId, EngineId> lost_;  ///< given up, and still in a slot
  std::vector<Finished> finished_;
  std::vector<EngineId> lost_engines_;
  std::uint64_t next_arrival_ = 0;
  BatchId next_batch_ = 1;
  std::uint64_t look_again_us_ = kNever;
  std::uint32_t handover_batches_in_a_row_ = 0;
  std::uint32_t beside_in_a_row_ = 0;
  Counts counts_;
  bool draining_ = false;
};

/// How many small batches go beside the engines' slots between two that take one.
inline constexpr std::uint32_t kMostBeside = 4;

}  // namespace rekey::scheduler
