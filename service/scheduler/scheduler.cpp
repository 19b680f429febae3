// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include <cassert>

namespace rekey::scheduler {

Admission Scheduler::submit(const Work& work, std::uint64_t now_us) {
  assert(work.items > 0 && "an empty request is answered without an engine");
  assert(!queued_.contains(work.id));
  if (draining_) return Admission::kDraining;
  if (work.items > limits_.batch_items || work.octets > limits_.batch_octets) {
    return Admission::kTooLarge;
  }
  if (queued_.size() >= limits_.queue_requests ||
      queued_items_ + work.items > limits_.queue_items ||
      queued_octets_ + work.octets > limits_.queue_octets) {
    return Admission::kQueueFull;
  }
  const Arrival arrival = next_arrival_++;
  queued_.emplace(work.id, Queued{work, arrival, now_us});
  lane(work.priority).all.emplace(arrival, work.id);
  lane(work.priority).groups[work.group].emplace(arrival, work.id);
  queued_items_ += work.items;
  queued_octets_ += work.octets;
  return Admission::kAccepted;
}

Priority Scheduler::next_priority() {
  const bool handover_waits = !lane(Priority::kHandover).all.empty();
  const bool background_waits = !lane(Priority::kBackground).all.empty();
  if (!background_waits) {
    handover_batches_in_a_row_ = 0;
    return Priority::kHandover;
  }
  if (!handover_waits || handover_batches_in_a_row_ + 1 >= limits_.background_period) {
    handover_batches_in_a_row_ = 0;
    return Priority::kBackground;
  }
  ++handover_batches_in_a_row_;
  return Priority::kHandover;
}

std::optional<Batch> Scheduler::take_batch(std::uint64_t now_us) {
  if (queued_.empty()) return std::nullopt;
  Batch batch;
  batch.priority = next_priority();
  const WorkId oldest = lane(batch.priority).all.begin()->second;
  batch.group = queued_.at(oldest).work.group;
  std::uint64_t octets = 0;

  // remove() forgets the group with its last member, so it is looked up anew for each.
  const auto& groups = lane(batch.priority).groups;
  for (auto group = groups.find(batch.group); group != groups.end();
       group = groups.find(batch.group)) {
    const Queued next = queued_.at(group->second.begin()->second);
    if (batch.items + next.work.items > limits_.batch_items ||
        octets + next.work.octets > limits_.batch_octets) {
      break;
    }
    batch.items += next.work.items;
    octets += next.work.octets;
    batch.members.push_back({next.work.id, now_us - next.submitted_us});
    remove(next);
  }
  ++batches_out_;
  return batch;
}

void Scheduler::complete(const Batch& batch) {
  assert(!batch.members.empty());
  assert(batches_out_ > 0);
  --batches_out_;
}

bool Scheduler::cancel(WorkId id) {
  const auto found = queued_.find(id);
  if (found == queued_.end()) return false;
  remove(Queued(found->second));
  return true;
}

void Scheduler::remove(const Queued& queued) {
  Lane& from = lane(queued.work.priority);
  from.all.erase(queued.arrival);
  const auto group = from.groups.find(queued.work.group);
  group->second.erase(queued.arrival);
  if (group->second.empty()) from.groups.erase(group);
  queued_items_ -= queued.work.items;
  queued_octets_ -= queued.work.octets;
  queued_.erase(queued.work.id);
}

}  // namespace rekey::scheduler
