// SPDX-License-Identifier: Apache-2.0
//
// The batch that is derived again and again, and result columns to compare.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>

#include "rekey/batch.h"
#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey::bench {

/// Workload is a batch of random AMSs, each at a base station of its own with one security
/// association where the profile derives TEKs, and two TEKs for it. All keys are asked for.
class Workload {
 public:
  /// Makes the batch of `ams` AMSs of a profile under default options; the same for the same seed.
  static Status make(Profile profile, std::uint32_t ams, std::uint64_t seed,
                     std::unique_ptr<Workload>* out_workload);

  [[nodiscard]] const CheckedBatch& batch() const { return batch_; }

 private:
  Workload() = default;

  SecretBuffer pmk_, msid_, bsid_, nonce_, cmac_key_count_, ak_sn_, saids_;
  CheckedBatch batch_;
};

/// ResultColumns owns memory for the result of one batch.
class ResultColumns {
 public:
  /// Takes the memory from `memory`, which must outlive it.
  explicit ResultColumns(const CheckedBatch& batch,
                         std::pmr::memory_resource* memory = large_page_memory());
  ResultColumns(const ResultColumns&) = delete;
  ResultColumns& operator=(const ResultColumns&) = delete;

  [[nodiscard]] const BatchResult& result() const { return result_; }

  /// The first kind of key in which the columns of the same batch differ, and in which place of the
  /// column; empty when they are equal.
  [[nodiscard]] std::string first_difference(const ResultColumns& other) const;

 private:
  std::array<SecretBuffer, kAllKeyKinds.size()> columns_;
  BatchResult result_;
};

}  // namespace rekey::bench
