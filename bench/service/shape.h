// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a server: how many AMSs a message, how they are sent, who copies octets beside
// rekeyd, and how near rekeyd is to come.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rekey::bench {

enum class Rpc : std::uint8_t {
  kRows,     ///< Derive
  kColumns,  ///< DeriveBatch
  kStream,   ///< DeriveStream
};

/// EchoWay is a way of the echo server to take and to give messages.
enum class EchoWay : std::uint8_t {
  kTyped,  ///< messages on the heap
  kArena,  ///< messages on an arena
  kRaw,    ///< slices, unread
};

/// to_string returns `typed`, `arena` or `raw`.
std::string_view to_string(EchoWay way);

enum class Measure : std::uint8_t { kRate, kP50, kP99 };

/// to_string returns `rate`, `p50` or `p99`.
std::string_view to_string(Measure measure);

/// Bar is what rekeyd's measure is to be, in times the echo's of one way: at least for a rate, at
/// most for a time.
struct Bar {
  Measure measure = Measure::kRate;
  EchoWay to = EchoWay::kTyped;
  double times = 1;

  /// Whether a ratio of that measure reaches the bar.
  [[nodiscard]] bool met_by(double ratio) const {
    return measure == Measure::kRate ? ratio >= times : ratio <= times;
  }
};

/// Shape is one kind of load. With `callers` every caller has a connection and asks once; what
/// counts is the time until the last has its answer. Without, one caller keeps `in_flight`
/// messages under way; what counts is how many are answered.
struct Shape {
  std::string name;
  Rpc rpc = Rpc::kColumns;
  std::uint32_t ams = 1;      ///< a message
  std::uint32_t callers = 0;  ///< 0: throughput
  std::uint32_t in_flight = 1;
  std::vector<EchoWay> ways;
  std::vector<Bar> bars;

  [[nodiscard]] bool times_answers() const { return callers > 0; }
};

/// all_shapes is every shape that there is a bar for.
std::span<const Shape> all_shapes();

}  // namespace rekey::bench
