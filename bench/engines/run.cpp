// SPDX-License-Identifier: Apache-2.0
#include "engines/run.h"

#include <algorithm>
#include <functional>

#include "engines/workload.h"

namespace rekey::bench {
namespace {

void fail(Outcome outcome, const Status& status, ContenderReport* report) {
  report->outcome = outcome;
  report->reason = status.message();
}

/// Admits a contender and lets it derive once. Returns whether it may be measured.
bool try_out(Contender& contender, const CheckedBatch& batch, const ResultColumns& found,
             ContenderReport* report) {
  report->name = contender.name();
  report->description = contender.description();
  if (Status status = contender.admit(); !status.ok()) {
    fail(status.code() == Code::kUnavailable ? Outcome::kUnavailable : Outcome::kRefused, status,
         report);
    return false;
  }
  if (Status status = contender.derive(batch, found.result()); !status.ok()) {
    fail(Outcome::kFailed, status, report);
    return false;
  }
  return true;
}

void measure(const CheckedBatch& batch, const ResultColumns& found, const Plan& plan,
             std::span<const std::unique_ptr<Contender>> contenders, ProfileReport* report) {
  std::vector<std::function<Status()>> tasks;
  std::vector<ContenderReport*> measured;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    if (report->contenders[i].outcome != Outcome::kMeasured) continue;
    measured.push_back(&report->contenders[i]);
    tasks.emplace_back(
        [&batch, &found, contender = contenders[i].get(), line = &report->contenders[i]] {
          Status status = contender->derive(batch, found.result());
          if (!status.ok()) fail(Outcome::kFailed, status, line);
          return status;
        });
  }
  std::vector<std::vector<double>> rates;
  if (!measure_interleaved(tasks, plan, &rates).ok()) return;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    for (double& rate : rates[i]) rate *= batch.count();
    measured[i]->ams_per_second = summarize(rates[i]);
    measured[i]->ratio_to_baseline = summarize(ratios(rates[i], rates.front()));
  }
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kMeasured:
      return "measured";
    case Outcome::kUnavailable:
      return "unavailable";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kMismatch:
      return "mismatch";
    case Outcome::kFailed:
      return "failed";
  }
  return "unknown";
}

bool ProfileReport::good() const {
  return contenders.front().outcome == Outcome::kMeasured &&
         std::ranges::all_of(contenders, [](const ContenderReport& contender) {
           return contender.outcome == Outcome::kMeasured ||
                  contender.outcome == Outcome::kUnavailable;
         });
}

ProfileReport run_profile(Profile profile, std::uint32_t ams, const Plan& plan,
                          std::span<const std::unique_ptr<Contender>> contenders) {
  ProfileReport report{profile, std::vector<ContenderReport>(contenders.size())};
  std::unique_ptr<Workload> workload;
  if (Status status = Workload::make(profile, ams, &workload); !status.ok()) {
    fail(Outcome::kFailed, status, &report.contenders.front());
    return report;
  }
  const CheckedBatch& batch = workload->batch();
  const ResultColumns expected(batch);
  if (!try_out(*contenders.front(), batch, expected, &report.contenders.front())) return report;
  for (std::size_t i = 1; i < contenders.size(); ++i) {
    const ResultColumns found(batch);
    ContenderReport& line = report.contenders[i];
    if (!try_out(*contenders[i], batch, found, &line)) continue;
    const std::string difference = expected.first_difference(found);
    if (!difference.empty()) {
      fail(Outcome::kMismatch, {Code::kInternal, difference + " differs from the baseline's"},
           &line);
    }
  }
  if (!report.good()) return report;
  const ResultColumns scratch(batch);
  measure(batch, scratch, plan, contenders, &report);
  return report;
}

}  // namespace rekey::bench
