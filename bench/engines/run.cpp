// SPDX-License-Identifier: Apache-2.0
#include "engines/run.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engines/aes_instructions.h"
#include "engines/bound.h"
#include "engines/workload.h"

namespace rekey::bench {
namespace {

/// Instruments of one measurement. Tasks, and so their rates, are in the order of `measured`, then
/// of `instructions`.
struct Measurement {
  std::vector<std::function<Status()>> tasks;
  std::vector<const Contender*> contenders;
  std::vector<ContenderReport*> measured;
  std::vector<const AesInstruction*> instructions;
};

Measurement prepare(const CheckedBatch& batch, const ResultColumns& scratch,
                    std::span<const std::unique_ptr<Contender>> contenders, ProfileReport* report) {
  Measurement m;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    ContenderReport* line = &report->contenders[i];
    if (line->outcome != Outcome::kMeasured) continue;
    m.contenders.push_back(contenders[i].get());
    m.measured.push_back(line);
    m.tasks.emplace_back([&batch, &scratch, contender = contenders[i].get(), line] {
      return derive(*contender, batch, scratch, line);
    });
  }
  for (const AesInstruction& instruction : aes_instructions()) {
    const auto uses = [&](const Contender* c) { return c->aes_instruction() == instruction.name; };
    if (std::ranges::none_of(m.contenders, uses)) continue;
    m.instructions.push_back(&instruction);
    m.tasks.emplace_back([&instruction] {
      instruction.run();
      return Status();
    });
  }
  return m;
}

void scale(double factor, std::vector<double>* rates) {
  for (double& rate : *rates) rate *= factor;
}

void measure(const CheckedBatch& batch, const Plan& plan,
             std::span<const std::unique_ptr<Contender>> contenders, ProfileReport* report) {
  const ResultColumns scratch(batch);
  const Measurement m = prepare(batch, scratch, contenders, report);
  std::vector<std::vector<double>> rates;
  if (!measure_interleaved(m.tasks, plan, &rates).ok()) return;

  const std::size_t count = m.measured.size();
  for (std::size_t i = 0; i < count; ++i) scale(batch.count(), &rates[i]);
  for (std::size_t i = 0; i < count; ++i) {
    m.measured[i]->ams_per_second = summarize(rates[i]);
    for (std::size_t other = 0; other < count; ++other) {
      m.measured[i]->ratios.push_back(
          {m.measured[other]->name, summarize(ratios(rates[i], rates[other]))});
    }
  }
  for (std::size_t j = 0; j < m.instructions.size(); ++j) {
    std::vector<double>& rate = rates[count + j];
    scale(m.instructions[j]->block_rounds_per_run(), &rate);
    BoundReport bound{std::string(m.instructions[j]->name), summarize(rate), {}};
    scale(1 / block_rounds_of_ams(batch.profile()), &rate);
    bound.ams_per_second = summarize(rate);
    report->bounds.push_back(std::move(bound));
    for (std::size_t i = 0; i < count; ++i) {
      if (m.contenders[i]->aes_instruction() != m.instructions[j]->name) continue;
      m.measured[i]->bound_instruction = m.instructions[j]->name;
      m.measured[i]->share_of_bound = summarize(ratios(rates[i], rate));
    }
  }
}

}  // namespace

const Summary* ContenderReport::ratio_to(std::string_view other) const {
  const auto found = std::ranges::find(ratios, other, &Ratio::to);
  return found == ratios.end() ? nullptr : &found->summary;
}

bool ProfileReport::good() const {
  return contenders.front().outcome == Outcome::kMeasured &&
         std::ranges::all_of(contenders, &ContenderReport::good);
}

ProfileReport run_profile(Profile profile, std::uint32_t ams, const Plan& plan,
                          std::span<const std::unique_ptr<Contender>> contenders) {
  ProfileReport report{profile, std::vector<ContenderReport>(contenders.size()), {}};
  std::unique_ptr<Workload> workload;
  if (Status status = Workload::make(profile, ams, ams, &workload); !status.ok()) {
    report.contenders.front().fail(Outcome::kFailed, status);
    return report;
  }
  const CheckedBatch& batch = workload->batch();
  const ResultColumns expected(batch);
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    ContenderReport& line = report.contenders[i];
    if (i == 0) {
      if (!introduce(*contenders[i], &line)) return report;
      if (!derive(*contenders[i], batch, expected, &line).ok()) return report;
      continue;
    }
    const ResultColumns found(batch);
    if (introduce(*contenders[i], &line) && derive(*contenders[i], batch, found, &line).ok()) {
      compare(expected, found, &line);
    }
  }
  if (report.good()) measure(batch, plan, contenders, &report);
  return report;
}

}  // namespace rekey::bench
