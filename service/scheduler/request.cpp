// SPDX-License-Identifier: Apache-2.0
#include "scheduler/request.h"

#include <algorithm>

namespace rekey::scheduler {

Request::Request(const Work& work, std::uint64_t arrival, std::uint64_t now_us, Caller* caller,
                 Group* group)
    : work_(work),
      arrival_(arrival),
      submitted_us_(now_us),
      caller_(caller),
      group_(group),
      waiting_(work.items) {
  work_.caller = {};
  if (work_.effort == 0) work_.effort = work_.items;
}

std::uint64_t Request::widest_octets() const {
  const std::uint64_t even = (work_.octets + work_.items - 1) / work_.items;
  return std::max({even, work_.widest_octets, std::uint64_t{1}});
}

std::uint64_t Request::octets_of(std::uint32_t items) const {
  return std::min(work_.octets, widest_octets() * items);
}

std::uint32_t Request::items_within(std::uint64_t effort, std::uint64_t octets) const {
  const std::uint64_t most = std::min<std::uint64_t>(effort * work_.items / work_.effort, waiting_);
  if (octets_of(static_cast<std::uint32_t>(most)) <= octets)
    return static_cast<std::uint32_t>(most);
  return static_cast<std::uint32_t>(std::min(most, octets / widest_octets()));
}

Piece Request::hand_out(std::uint32_t items, std::uint64_t now_us) {
  Piece piece{.id = work_.id, .first_item = next_item_, .items = items};
  if (again_.empty()) {
    next_item_ += items;
  } else {
    Piece& from = again_.back();
    piece.first_item = from.first_item;
    from.first_item += items;
    from.items -= items;
    if (from.items == 0) again_.pop_back();
  }
  waiting_ -= items;
  out_ += items;
  if (first_out_us_ == kNever) first_out_us_ = now_us;
  return piece;
}

void Request::derived(const Piece& piece, EngineId engine) {
  out_ -= piece.items;
  // What is all done is done for good.
  if (!done()) done_.push_back({piece, engine});
}

void Request::came_back(const Piece& piece) {
  out_ -= piece.items;
  wait_again(piece);
}

bool Request::distrust(EngineId engine) {
  const auto first = std::partition(done_.begin(), done_.end(),
                                    [engine](const Done& done) { return done.engine != engine; });
  const bool any = first != done_.end();
  for (auto done = first; done != done_.end(); ++done) wait_again(done->piece);
  done_.erase(first, done_.end());
  return any;
}

void Request::wait_again(const Piece& piece) {
  waiting_ += piece.items;
  const auto later = [](const Piece& left, const Piece& right) {
    return left.first_item > right.first_item;
  };
  again_.insert(std::ranges::lower_bound(again_, piece, later), piece);
}

void Request::give_up() {
  waiting_ = 0;
  next_item_ = work_.items;
  again_.clear();
}

std::uint32_t Request::failed_in(BatchId batch) {
  if (last_failure_ != batch) ++failures_;
  last_failure_ = batch;
  return failures_;
}

}  // namespace rekey::scheduler
