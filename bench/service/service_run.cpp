// SPDX-License-Identifier: Apache-2.0
#include "service/service_run.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "service/exchange.h"
#include "service/load.h"

namespace rekey::bench {
namespace {

double value_of(Measure measure, const Slice& slice) {
  switch (measure) {
    case Measure::kRate:
      return static_cast<double>(slice.answers) / slice.seconds;
    case Measure::kP50:
      return percentile(slice.burst_seconds, 0.5);
    case Measure::kP99:
      return percentile(slice.burst_seconds, 0.99);
  }
  return 0;
}

std::vector<double> values_of(Measure measure, const std::vector<Slice>& rounds) {
  std::vector<double> values(rounds.size());
  std::ranges::transform(rounds, values.begin(),
                         [&](const Slice& slice) { return value_of(measure, slice); });
  return values;
}

Summary ratio_of(Measure measure, const std::vector<Slice>& rounds,
                 const std::vector<Slice>& others) {
  return summarize(ratios(values_of(measure, rounds), values_of(measure, others)));
}

ServerFigures figures_of(std::string name, bool timed, const std::vector<Slice>& rounds,
                         const std::vector<Slice>& rekeyd) {
  ServerFigures figures;
  figures.name = std::move(name);
  figures.messages_per_second = summarize(values_of(Measure::kRate, rounds));
  std::vector<double> cpu_seconds(rounds.size());
  std::ranges::transform(rounds, cpu_seconds.begin(), [](const Slice& slice) {
    return slice.server_cpu_seconds / static_cast<double>(slice.answers);
  });
  figures.cpu_seconds_per_message = summarize(std::move(cpu_seconds));
  if (timed) {
    figures.p50 = summarize(values_of(Measure::kP50, rounds));
    figures.p99 = summarize(values_of(Measure::kP99, rounds));
  }
  figures.rekeyd_ratio = ratio_of(timed ? Measure::kP50 : Measure::kRate, rekeyd, rounds);
  return figures;
}

struct Entrant {
  Contestant contestant;
  std::unique_ptr<Load> load;
};

Status run_slice(const Entrant& entrant, std::chrono::nanoseconds length,
                 const Load::OnAnswer& on_answer, Slice* out_slice) {
  const double cpu_before = entrant.contestant.process->cpu_seconds();
  const Status status = entrant.load->run(length, on_answer, out_slice);
  out_slice->server_cpu_seconds = entrant.contestant.process->cpu_seconds() - cpu_before;
  if (status.ok()) return {};
  return entrant.contestant.process->explain(
      {status.code(), entrant.contestant.name + ": " + status.message()});
}

}  // namespace

double percentile(std::vector<double> values, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::ranges::nth_element(values, place);
  return *place;
}

ShapeReport summarize_shape(const Shape& shape, const std::vector<std::vector<Slice>>& slices) {
  ShapeReport report{shape, {}, {}};
  const bool timed = shape.times_answers();
  report.servers.push_back(figures_of("rekeyd", timed, slices[0], slices[0]));
  for (std::size_t i = 0; i < shape.ways.size(); ++i) {
    report.servers.push_back(
        figures_of(std::string(to_string(shape.ways[i])), timed, slices[i + 1], slices[0]));
  }
  for (const Bar& bar : shape.bars) {
    const auto way = std::ranges::find(shape.ways, bar.to) - shape.ways.begin();
    const auto& echo = slices[static_cast<std::size_t>(way) + 1];
    report.bars.push_back({bar, ratio_of(bar.measure, slices[0], echo)});
  }
  return report;
}

Status run_shape(const Shape& shape, const Servers& servers, Engine& referee, const Plan& plan,
                 ShapeReport* out_report) {
  std::unique_ptr<Exchange> exchange;
  if (Status s = Exchange::make(shape.rpc, shape.ams, referee, &exchange); !s.ok()) return s;
  std::vector<Entrant> entrants;
  entrants.push_back({servers.rekeyd(shape.rpc), nullptr});
  for (const EchoWay way : shape.ways) entrants.push_back({servers.echo(shape.rpc, way), nullptr});
  for (Entrant& entrant : entrants) {
    if (Status s = Load::open(shape, entrant.contestant.target, exchange->request(), &entrant.load);
        !s.ok()) {
      return s;
    }
  }
  const auto check = [&](const grpc::ByteBuffer& answer) { return exchange->check(answer); };
  for (std::size_t i = 0; i < entrants.size(); ++i) {
    Slice unmeasured;
    if (Status s =
            run_slice(entrants[i], plan.slice, i == 0 ? check : Load::OnAnswer(), &unmeasured);
        !s.ok()) {
      return s;
    }
  }
  std::vector<std::vector<Slice>> slices(entrants.size(), std::vector<Slice>(plan.rounds));
  for (unsigned round = 0; round < plan.rounds; ++round) {
    for (std::size_t turn = 0; turn < entrants.size(); ++turn) {
      // Nobody always follows the same neighbour.
      const std::size_t i = (turn + round) % entrants.size();
      if (Status s = run_slice(entrants[i], plan.slice, {}, &slices[i][round]); !s.ok()) return s;
    }
  }
  *out_report = summarize_shape(shape, slices);
  return {};
}

}  // namespace rekey::bench
