// SPDX-License-Identifier: Apache-2.0
#include "cuda/device_contexts.h"

#include <utility>

#include "cuda/check.h"
#include "cuda/derive_job.h"
#include "cuda/row_job.h"

namespace rekey::cuda {

DeviceContexts::DeviceContexts(const ContextsShape& shape, Runner& runner, std::string device)
    : ResidentContexts(shape), runner_(runner), device_(std::move(device)) {
  rows_.octets = row_octets(shape.most_sas * shape.options.said_octets);
}

DeviceContexts::~DeviceContexts() {
  const CurrentDevice current(runner_.device());
  if (rows_.data != nullptr && !zero_all().ok()) static_cast<void>(zero_all());
  memory_.free();
}

std::size_t DeviceContexts::all_octets() const {
  return (std::size_t{shape().capacity} + 1) * rows_.octets;
}

Status DeviceContexts::open() {
  const CurrentDevice current(runner_.device());
  if (!current.status().ok()) return current.status();
  if (Status s = check_free_memory(all_octets()); !s.ok()) return s;
  if (Status s = stream_.create(); !s.ok()) return s;
  if (Status s = memory_.allocate(all_octets()); !s.ok()) return s;
  if (Status s = zero_all(); !s.ok()) return s;
  rows_.data = memory_.data();
  return {};
}

Status DeviceContexts::zero_all() {
  const Status zeroed =
      check("cudaMemsetAsync", cudaMemsetAsync(memory_.data(), 0, all_octets(), stream_.get()));
  const Status waited = stream_.synchronize();
  return zeroed.ok() ? waited : zeroed;
}

Status DeviceContexts::store(const CheckedContexts& contexts, std::span<const std::uint32_t> items,
                             std::span<const std::uint32_t> rows) {
  RowJob job(rows_, rows, contexts.batch(), items, runner_.tuning());
  return runner_.run(job);
}

Status DeviceContexts::wipe_rows(std::span<const std::uint32_t> rows) {
  RowJob job(rows_, rows, runner_.tuning());
  return runner_.run(job);
}

Status DeviceContexts::derive_rows(const CheckedHandover& handover,
                                   std::span<const std::uint32_t> rows, const BatchResult& result) {
  DeriveJob job(DeriveInputs(handover, rows_, rows), result, runner_.tuning());
  return runner_.run(job);
}

}  // namespace rekey::cuda
