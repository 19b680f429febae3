// SPDX-License-Identifier: Apache-2.0
//
// AMSs that stay in the memory of a device. Copying a PMK over the link for every handover is what
// they save; the derive kernels read an AMS's values straight from its row.
#pragma once

#include <memory>
#include <string>

#include "cuda/context_rows.h"
#include "cuda/device.h"
#include "cuda/runner.h"
#include "rekey/resident.h"

namespace rekey::cuda {

/// DeviceContexts shares the workspaces of an engine, whose runner must outlive it.
class DeviceContexts final : public ResidentContexts {
 public:
  DeviceContexts(const ContextsShape& shape, Runner& runner, std::string device);
  /// Zeroes all rows, and tries once more where that fails: there is nobody to tell.
  ~DeviceContexts() override;

  /// open gets the memory of all rows, zeroed; called once. kUnavailable when the device lacks it.
  Status open();

  [[nodiscard]] std::string description() const override { return device_; }

 private:
  Status store(const CheckedContexts& contexts, std::span<const std::uint32_t> items,
               std::span<const std::uint32_t> rows) override;
  Status wipe_rows(std::span<const std::uint32_t> rows) override;
  Status derive_rows(const CheckedHandover& handover, std::span<const std::uint32_t> rows,
                     const BatchResult& result) override;

  [[nodiscard]] std::size_t all_octets() const;
  Status zero_all();

  Runner& runner_;
  const std::string device_;
  Stream stream_;
  DeviceMemory memory_;
  ContextRows rows_;
};

}  // namespace rekey::cuda
