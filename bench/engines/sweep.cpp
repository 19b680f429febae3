// SPDX-License-Identifier: Apache-2.0
#include "engines/sweep.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engines/formulas.h"
#include "engines/openssl_ways.h"
#include "engines/workload.h"

namespace rekey::bench {
namespace {

/// Size is the batch of one size and the memory for its result, which all contenders share.
struct Size {
  std::unique_ptr<Workload> workload;
  std::unique_ptr<ResultColumns> found;
};

Status make_size(Profile profile, std::uint32_t ams, Size* out_size) {
  if (Status s = Workload::make(profile, ams, ams, &out_size->workload); !s.ok()) return s;
  out_size->found = std::make_unique<ResultColumns>(out_size->workload->batch());
  return {};
}

void check_keys(const Size& size, std::span<const std::unique_ptr<Contender>> contenders,
                ProfileSweep* sweep) {
  const CheckedBatch& batch = size.workload->batch();
  const auto judge = make_formulas(make_openssl_ecb());
  const ResultColumns expected(batch);
  Status status = judge->admit();
  if (status.ok()) status = judge->derive(batch, expected.result());
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    SweepReport& line = sweep->contenders[i];
    if (line.outcome != Outcome::kMeasured) continue;
    if (!status.ok()) {
      line.fail(Outcome::kFailed, status);
    } else if (derive(*contenders[i], batch, *size.found, &line).ok()) {
      compare(expected, *size.found, &line);
    }
  }
}

void measure(std::span<const std::uint32_t> ams, std::span<const Size> sizes, const Plan& plan,
             std::span<const std::unique_ptr<Contender>> contenders, ProfileSweep* sweep) {
  std::vector<std::function<Status()>> tasks;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    SweepReport* line = &sweep->contenders[i];
    if (line->outcome != Outcome::kMeasured) continue;
    for (const Size& size : sizes) {
      tasks.emplace_back([&size, contender = contenders[i].get(), line] {
        return derive(*contender, size.workload->batch(), *size.found, line);
      });
    }
  }
  std::vector<std::vector<double>> rates;
  if (!measure_interleaved(tasks, plan, &rates).ok()) return;

  const auto reference =
      static_cast<std::size_t>(std::ranges::find(ams, sweep_reference(ams)) - ams.begin());
  auto first = rates.begin();
  for (SweepReport& line : sweep->contenders) {
    if (line.outcome != Outcome::kMeasured) continue;
    const std::span<std::vector<double>> own(&*first, ams.size());
    first += static_cast<std::ptrdiff_t>(ams.size());
    for (std::size_t s = 0; s < ams.size(); ++s) {
      for (double& rate : own[s]) rate *= ams[s];
    }
    for (std::size_t s = 0; s < ams.size(); ++s) {
      line.points.push_back({ams[s], summarize(own[s]), summarize(ratios(own[reference], own[s]))});
    }
  }
}

}  // namespace

bool ProfileSweep::good() const { return std::ranges::all_of(contenders, &SweepReport::good); }

std::span<const std::uint32_t> default_sweep_sizes() {
  static constexpr std::uint32_t kSizes[] = {1,     16,     64,     256,     1'024,
                                             4'096, 16'384, 65'536, 262'144, 1'000'000};
  return kSizes;
}

std::uint32_t sweep_reference(std::span<const std::uint32_t> sizes) {
  constexpr std::uint32_t kReference = 1'024;
  return std::ranges::find(sizes, kReference) == sizes.end() ? sizes.back() : kReference;
}

ProfileSweep run_sweep(Profile profile, std::span<const std::uint32_t> sizes, const Plan& plan,
                       std::span<const std::unique_ptr<Contender>> contenders) {
  ProfileSweep sweep{profile, std::vector<SweepReport>(contenders.size())};
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    introduce(*contenders[i], &sweep.contenders[i]);
  }
  std::vector<Size> batches(sizes.size());
  for (std::size_t s = 0; s < sizes.size(); ++s) {
    if (Status status = make_size(profile, sizes[s], &batches[s]); !status.ok()) {
      sweep.contenders.front().fail(Outcome::kFailed, status);
      return sweep;
    }
    check_keys(batches[s], contenders, &sweep);
  }
  if (sweep.good()) measure(sizes, batches, plan, contenders, &sweep);
  return sweep;
}

}  // namespace rekey::bench
