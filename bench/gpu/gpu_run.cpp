// SPDX-License-Identifier: Apache-2.0
#include "gpu/gpu_run.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "engines/workload.h"
#include "rekey/engines.h"

namespace rekey::bench {
namespace {

/// Notes the first failure of a way, and returns whether there was none.
bool note(const Status& status, GpuLine* line) {
  if (!status.ok()) line->fail(Outcome::kFailed, status);
  return status.ok();
}

bool same_keys(const CheckedBatch& batch, const BatchResult& expected, const BatchResult& found,
               GpuLine* line) {
  for (KeyKind kind : kAllKeyKinds) {
    if (std::ranges::equal(expected.column(kind), found.column(kind))) continue;
    line->fail(Outcome::kMismatch,
               {Code::kInternal, std::string(to_string(kind)) + " of a batch of " +
                                     std::to_string(batch.count()) + " differ from OpenSSL's"});
    return false;
  }
  return true;
}

/// Makes every way for a batch and has it derive once.
bool prepare(const CheckedBatch& batch, std::span<const WayKind> kinds,
             std::vector<std::unique_ptr<Way>>* out_ways, GpuProfileReport* report) {
  const ResultColumns expected(batch);
  if (!note(make_openssl_ecb_engine()->derive(batch, expected.result()), &report->lines.front())) {
    return false;
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    GpuLine* line = &report->lines[i];
    std::unique_ptr<Way> way;
    if (!note(kinds[i].make(batch, &way), line) || !note(way->run(), line)) return false;
    const BatchResult* keys = way->keys();
    if (keys != nullptr && !same_keys(batch, expected.result(), *keys, line)) return false;
    out_ways->push_back(std::move(way));
  }
  return true;
}

bool run_size(const CheckedBatch& batch, const Plan& plan, std::span<const WayKind> kinds,
              GpuProfileReport* report) {
  std::vector<std::unique_ptr<Way>> ways;
  if (!prepare(batch, kinds, &ways, report)) return false;
  std::vector<std::function<Status()>> tasks;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    tasks.emplace_back([way = ways[i].get(), line = &report->lines[i]] {
      Status status = way->run();
      note(status, line);
      return status;
    });
  }
  std::vector<std::vector<double>> rates;
  if (!measure_interleaved(tasks, plan, &rates).ok()) return false;
  for (std::vector<double>& rate : rates) {
    for (double& r : rate) r *= batch.count();
  }
  for (std::size_t i = 0; i < ways.size(); ++i) {
    report->lines[i].points.push_back(
        {batch.count(), summarize(rates[i]), summarize(ratios(rates[i], rates.front()))});
  }
  return true;
}

}  // namespace

bool GpuProfileReport::good() const {
  return std::ranges::all_of(
      lines, [](const GpuLine& line) { return line.outcome == Outcome::kMeasured; });
}

const GpuLine* GpuProfileReport::line(std::string_view name) const {
  const auto found = std::ranges::find(lines, name, &GpuLine::name);
  return found == lines.end() ? nullptr : &*found;
}

GpuProfileReport run_gpu(Profile profile, std::span<const std::uint32_t> sizes, const Plan& plan,
                         std::span<const WayKind> ways) {
  GpuProfileReport report{profile, {}, std::vector<GpuLine>(ways.size())};
  for (std::size_t i = 0; i < ways.size(); ++i) {
    report.lines[i].name = ways[i].name;
    report.lines[i].description = ways[i].description;
  }
  for (std::uint32_t ams : sizes) {
    std::unique_ptr<Workload> workload;
    if (!note(Workload::make(profile, ams, ams, &workload), &report.lines.front())) break;
    const LinkOctets octets = link_octets(workload->batch());
    report.ams_octets = {octets.in / ams, octets.resident_in / ams, octets.out / ams};
    if (!run_size(workload->batch(), plan, ways, &report)) break;
  }
  return report;
}

std::optional<std::uint32_t> crossover(const GpuLine& line) {
  std::optional<std::uint32_t> from;
  for (auto point = line.points.rbegin(); point != line.points.rend(); ++point) {
    if (point->ratio.median <= 1) break;
    from = point->ams;
  }
  return from;
}

}  // namespace rekey::bench
