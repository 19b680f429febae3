// SPDX-License-Identifier: Apache-2.0
//
// The device memory that one chunk of a batch is derived in.
#pragma once

#include <array>
#include <cstddef>

#include "cuda/device.h"
#include "cuda/tuning.h"
#include "rekey/key_kind.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// Workspace is allocated once and serves one chunk after the other.
class Workspace {
 public:
  /// allocate gets all buffers, for chunks as large as `tuning` says. `stream` must outlive the
  /// workspace.
  Status allocate(const Tuning& tuning, const Stream& stream);
  /// wipe enqueues zeroing whatever the buffers hold.
  Status wipe();

  /// The result column of one kind.
  DeviceBuffer& keys(KeyKind kind) { return keys_[static_cast<std::size_t>(kind)]; }

  // Inputs.
  DeviceBuffer pmk, msid, bsid, nonce, cmac_key_count, ak_sn, sa_counts, saids;
  // In between.
  DeviceBuffer tek_kin, first_sas, scan_scratch;

 private:
  std::array<DeviceBuffer, kAllKeyKinds.size()> keys_;
};

}  // namespace rekey::cuda
