// SPDX-License-Identifier: Apache-2.0
#include "load/arrivals.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "load/distribution.h"
#include "wire/wrong.h"

namespace rekey::bench::load {
namespace {

constexpr double kSecondsPerMs = 1e-3;
constexpr double kMaxReplaySeconds = 1e6;

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::chrono::nanoseconds from_seconds(double seconds) {
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

}  // namespace

std::string name_of(const Arrivals& arrivals) {
  return std::visit(
      Overloaded{[](const Even&) { return "even"; }, [](const Poisson&) { return "poisson"; },
                 [](const Bursts&) { return "bursts"; }, [](const Waves&) { return "waves"; },
                 [](const Replay&) { return "replay"; }, [](const Closed&) { return "closed"; }},
      arrivals);
}

double mean_per_second(const Arrivals& arrivals) {
  const auto repeated = [](const auto& kind) {
    return kind.requests / (kind.every_ms * kSecondsPerMs);
  };
  return std::visit(
      Overloaded{[](const Even& even) { return even.per_second; },
                 [](const Poisson& poisson) { return poisson.per_second; },
                 [&](const Bursts& bursts) { return repeated(bursts); },
                 [&](const Waves& waves) { return repeated(waves); },
                 [](const Replay& replay) {
                   const double seconds =
                       replay.due.empty()
                           ? 0
                           : std::chrono::duration<double>(replay.due.back()).count();
                   return seconds > 0 ? static_cast<double>(replay.due.size()) / seconds : 0;
                 },
                 [](const Closed&) { return 0.0; }},
      arrivals);
}

Status read_replay(const std::string& path, Replay* out_replay) {
  std::ifstream file(path);
  if (!file) {
    return Status::invalid_argument(path + ": expected a file of arrivals, found none to read");
  }
  Replay replay;
  std::uint64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::string where = path + ":" + std::to_string(number);
    char* end = nullptr;
    const double seconds = std::strtod(line.c_str(), &end);
    if (end == line.c_str() || *end != '\0' || !(seconds >= 0 && seconds <= kMaxReplaySeconds)) {
      return wire::wrong(where, "seconds from the start, 0 to 1000000", "'" + line + "'");
    }
    const auto due = from_seconds(seconds);
    if (!replay.due.empty() && due < replay.due.back()) {
      return wire::wrong(where, "no time before that of the line above", "'" + line + "'");
    }
    replay.due.push_back(due);
  }
  if (replay.due.empty()) {
    return Status::invalid_argument(path + ": expected one arrival a line, found none");
  }
  *out_replay = std::move(replay);
  return {};
}

Schedule::Schedule(Arrivals arrivals, double speed, std::uint64_t seed)
    : arrivals_(std::move(arrivals)), speed_(speed), random_(seed) {}

std::optional<std::chrono::nanoseconds> Schedule::next() {
  const std::optional<double> seconds = next_seconds();
  if (!seconds) return std::nullopt;
  return from_seconds(*seconds / speed_);
}

std::optional<double> Schedule::next_seconds() {
  if (const Even* even = std::get_if<Even>(&arrivals_)) {
    return static_cast<double>(made_++) / even->per_second;
  }
  if (const Poisson* poisson = std::get_if<Poisson>(&arrivals_)) {
    return now_ += draw_exponential(1 / poisson->per_second, &random_);
  }
  if (const Replay* replay = std::get_if<Replay>(&arrivals_)) {
    if (made_ == replay->due.size()) return std::nullopt;
    return std::chrono::duration<double>(replay->due[made_++]).count();
  }
  if (planned_.empty()) {
    if (const Bursts* bursts = std::get_if<Bursts>(&arrivals_)) {
      planned_.assign(bursts->requests,
                      static_cast<double>(made_) * bursts->every_ms * kSecondsPerMs);
    } else if (const Waves* waves = std::get_if<Waves>(&arrivals_)) {
      const double begin = static_cast<double>(made_) * waves->every_ms * kSecondsPerMs;
      for (std::uint32_t i = 0; i < waves->requests; ++i) {
        planned_.push_back(begin + draw_unit(&random_) * waves->window_ms * kSecondsPerMs);
      }
      std::ranges::sort(planned_);
    }
    ++made_;
  }
  if (planned_.empty()) return std::nullopt;  // closed loop has no schedule
  const double first = planned_.front();
  planned_.pop_front();
  return first;
}

}  // namespace rekey::bench::load
