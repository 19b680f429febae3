// SPDX-License-Identifier: Apache-2.0
#include "service/shape.h"

namespace rekey::bench {
namespace {

constexpr double kShareOfCeiling = 0.85;

Shape throughput(std::string name, Rpc rpc, std::uint32_t ams, std::uint32_t in_flight,
                 std::vector<EchoWay> ways) {
  // The last way is the fastest: it is the ceiling.
  const Bar bar{Measure::kRate, ways.back(), kShareOfCeiling};
  return {std::move(name), rpc, ams, 0, in_flight, std::move(ways), {bar}};
}

std::vector<Shape> make_shapes() {
  using enum EchoWay;
  return {
      {"lone",
       Rpc::kRows,
       1,
       1,
       1,
       {kTyped},
       {{Measure::kP50, kTyped, 1.15}, {Measure::kP99, kTyped, 1.3}}},
      {"wave-4096", Rpc::kColumns, 4'096, 1, 1, {kTyped, kRaw}, {{Measure::kP50, kRaw, 1.5}}},
      {"wave-64x64", Rpc::kColumns, 64, 64, 1, {kTyped, kRaw}, {{Measure::kP50, kRaw, 2}}},
      throughput("unary-1", Rpc::kRows, 1, 64, {kTyped}),
      throughput("stream-1", Rpc::kStream, 1, 64, {kTyped}),
      throughput("unary-256", Rpc::kColumns, 256, 16, {kTyped, kRaw}),
      throughput("unary-4096", Rpc::kColumns, 4'096, 4, {kTyped, kRaw}),
      throughput("unary-65536", Rpc::kColumns, 65'536, 2, {kTyped, kRaw}),
      throughput("stream-256", Rpc::kStream, 256, 16, {kTyped, kRaw}),
      throughput("stream-4096", Rpc::kStream, 4'096, 4, {kTyped, kRaw}),
      throughput("stream-65536", Rpc::kStream, 65'536, 2, {kTyped, kRaw}),
      throughput("rows-4096", Rpc::kRows, 4'096, 2, {kTyped, kArena}),
  };
}

}  // namespace

std::string_view to_string(EchoWay way) {
  switch (way) {
    case EchoWay::kTyped:
      return "typed";
    case EchoWay::kArena:
      return "arena";
    case EchoWay::kRaw:
      return "raw";
  }
  return "unknown";
}

std::string_view to_string(Measure measure) {
  switch (measure) {
    case Measure::kRate:
      return "rate";
    case Measure::kP50:
      return "p50";
    case Measure::kP99:
      return "p99";
  }
  return "unknown";
}

std::span<const Shape> all_shapes() {
  static const std::vector<Shape> shapes = make_shapes();
  return shapes;
}

}  // namespace rekey::bench
