// SPDX-License-Identifier: Apache-2.0
#include "scheduler/backlog.h"

#include <algorithm>
#include <cassert>

namespace rekey::scheduler {

Group& Backlog::group(const GroupKey& key) {
  if (latest_ == nullptr || latest_->key != key) {
    latest_ = &groups_[key];
    latest_->key = key;
  }
  ++latest_->requests;
  return *latest_;
}

void Backlog::give_back(Group& group) {
  assert(group.requests > 0);
  if (--group.requests > 0 || groups_.size() <= kIdleGroups) return;
  if (latest_ == &group) latest_ = nullptr;
  groups_.erase(GroupKey(group.key));
}

void Backlog::add(Request& request) {
  assert(request.waiting() > 0 && request.line == nullptr);
  const Priority priority = request.work().priority;
  Flow& flow = request.flow();
  if (flow.lines.empty()) {
    flow.vtime = std::max(flow.vtime, at(vtimes_, priority));
    flow.order = next_order_++;
    at(flows_, priority).insert(rank(flow));
  }
  const auto [found, is_new] = flow.lines.try_emplace(&request.group());
  Line& line = found->second;
  if (is_new) {
    line.vtime = flow.vtime;
    at(request.group().waiting, priority).flows.insert(rank(flow, line));
  }
  auto place = line.requests.end();
  while (place != line.requests.begin() && (*std::prev(place))->arrival() > request.arrival()) {
    --place;
  }
  if (place == line.requests.begin()) {
    if (!is_new) flow.lines_by_first.erase((*place)->arrival());
    flow.lines_by_first.emplace(request.arrival(), &line);
  }
  request.line = &line;
  request.place = line.requests.insert(place, &request);
  ++requests_;
  count_effort(request, request.effort_of(request.waiting()));
}

void Backlog::remove(Request& request) {
  const Priority priority = request.work().priority;
  Flow& flow = request.flow();
  Line& line = *request.line;
  const bool was_first = request.place == line.requests.begin();
  line.requests.erase(request.place);
  --requests_;
  request.line = nullptr;
  count_effort(request, 0);
  if (was_first) flow.lines_by_first.erase(request.arrival());
  if (!line.requests.empty()) {
    if (was_first) flow.lines_by_first.emplace(line.requests.front()->arrival(), &line);
    return;
  }
  at(request.group().waiting, priority).flows.erase(rank(flow, line));
  flow.lines.erase(&request.group());
  if (flow.lines.empty()) at(flows_, priority).erase(rank(flow));
}

bool Backlog::is_next(const Request& request) const {
  const Priority priority = request.work().priority;
  const Flow& flow = request.flow();
  if (!flow.lines.empty()) return false;
  if (empty(priority)) return true;
  const std::uint64_t vtime = std::max(flow.vtime, at(vtimes_, priority));
  return vtime <= at(flows_, priority).begin()->vtime;
}

void Backlog::passed_by(Request& request, std::uint64_t effort) {
  assert(request.flow().lines.empty());
  Flow& flow = request.flow();
  flow.vtime = std::max(flow.vtime, at(vtimes_, request.work().priority));
  charge(request, effort);
}

void Backlog::charge(Request& request, std::uint64_t effort) {
  Flow& flow = request.flow();
  std::uint64_t& vtime = at(vtimes_, request.work().priority);
  vtime = std::max(vtime, flow.vtime);
  const std::uint64_t weighed = effort * kVtimePerEffort + flow.vtime_rest;
  flow.vtime += weighed / flow.weight;
  flow.vtime_rest = weighed % flow.weight;
}

void Backlog::served(Request& request, std::uint64_t effort, bool charged) {
  const Priority priority = request.work().priority;
  Flow& flow = request.flow();
  if (request.waiting() == 0) {
    remove(request);
  } else {
    count_effort(request, request.effort_of(request.waiting()));
  }
  if (!charged) return;
  const Rank before = rank(flow);
  charge(request, effort);
  if (flow.lines.empty()) return;
  at(flows_, priority).erase(before);
  at(flows_, priority).insert(rank(flow));
}

Request& Backlog::first(Priority priority) const {
  const Flow& flow = *at(flows_, priority).begin()->flow;
  return *flow.lines_by_first.begin()->second->requests.front();
}

Request* Backlog::next_of(Group& group, Priority priority) {
  std::set<Rank>& flows = at(group.waiting, priority).flows;
  if (flows.empty()) return nullptr;
  Line* line = nullptr;
  while (true) {
    Flow& flow = *flows.begin()->flow;
    line = &flow.lines.at(&group);
    if (line->vtime == flow.vtime) break;
    flows.erase(flows.begin());
    line->vtime = flow.vtime;
    flows.insert(rank(flow, *line));
  }
  if (line->vtime > at(flows_, priority).begin()->vtime + lead_) return nullptr;
  return line->requests.front();
}

void Backlog::count_effort(Request& request, std::uint64_t effort) {
  std::uint64_t& waiting = at(request.group().waiting, request.work().priority).effort;
  waiting = waiting - request.counted_effort + effort;
  waiting_effort_ = waiting_effort_ - request.counted_effort + effort;
  request.counted_effort = effort;
}

}  // namespace rekey::scheduler
