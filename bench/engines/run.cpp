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

/// What bounds contenders: an instruction, on the threads that they spread batches over.
struct Bound {
  const AesInstruction* instruction;
  WorkerPool* pool;  ///< null: the calling thread alone

  [[nodiscard]] unsigned threads() const { return pool == nullptr ? 1 : pool->threads(); }
  [[nodiscard]] bool of(const Contender* contender) const {
    return contender->aes_instruction() == instruction->name && contender->pool() == pool;
  }
  /// Runs of the instruction's loop in a task: on several threads enough for each that handing them
  /// out takes no time to speak of.
  [[nodiscard]] unsigned runs() const {
    return pool == nullptr ? 1 : threads() * kPartsPerThread * kRunsPerPart;
  }
  void run() const {
    if (pool == nullptr) return instruction->run();
    pool->run(std::size_t{threads()} * kPartsPerThread, [&](WorkerPool::Parts& parts) {
      for (std::size_t part; parts.next(&part);) {
        for (unsigned i = 0; i < kRunsPerPart; ++i) instruction->run();
      }
    });
  }

  static constexpr unsigned kPartsPerThread = 8;
  static constexpr unsigned kRunsPerPart = 32;
};

/// Instruments of one measurement. Tasks, and so their rates, are in the order of `measured`, then
/// of `bounds`.
struct Measurement {
  std::vector<std::function<Status()>> tasks;
  std::vector<const Contender*> contenders;
  std::vector<ContenderReport*> measured;
  std::vector<Bound> bounds;  ///< of each instruction that on one thread first
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
  std::vector<WorkerPool*> pools = {nullptr};
  for (const Contender* contender : m.contenders) {
    if (std::ranges::find(pools, contender->pool()) == pools.end()) {
      pools.push_back(contender->pool());
    }
  }
  for (const AesInstruction& instruction : aes_instructions()) {
    for (WorkerPool* pool : pools) {
      const Bound bound{&instruction, pool};
      const auto bounds = [&](const Contender* contender) { return bound.of(contender); };
      if (std::ranges::none_of(m.contenders, bounds)) continue;
      m.bounds.push_back(bound);
      m.tasks.emplace_back([bound] {
        bound.run();
        return Status();
      });
    }
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
  for (std::size_t j = 0; j < m.bounds.size(); ++j) {
    const Bound& bound = m.bounds[j];
    std::vector<double>& rate = rates[count + j];
    scale(bound.instruction->block_rounds_per_run() * bound.runs(), &rate);
    BoundReport line{
        std::string(bound.instruction->name), bound.threads(), summarize(rate), {}, {}};
    scale(1 / block_rounds_of_ams(batch.profile()), &rate);
    line.ams_per_second = summarize(rate);
    if (bound.threads() > 1)
      line.ratio_to_one_thread = summarize(ratios(rate, rates[count + j - 1]));
    report->bounds.push_back(std::move(line));
    for (std::size_t i = 0; i < count; ++i) {
      if (!bound.of(m.contenders[i])) continue;
      m.measured[i]->bound_instruction = bound.instruction->name;
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
