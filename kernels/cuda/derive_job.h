// SPDX-License-Identifier: Apache-2.0
//
// Derives a batch in chunks (see pipeline.h).
#pragma once

#include <array>
#include <cstdint>

#include "cuda/launch.h"
#include "cuda/tuning.h"
#include "cuda/workspace.h"
#include "rekey/batch.h"
#include "rekey/key_kind.h"
#include "rekey/status.h"

namespace rekey::cuda {

class DeriveJob {
 public:
  /// Chunk is some AMSs in a row with all their security associations.
  struct Chunk {
    std::uint32_t first_item = 0;
    std::uint32_t items = 0;
    std::uint32_t first_sa = 0;
    std::uint32_t sas = 0;
    bool equal_sas = true;                            ///< every AMS has as many as the next
    std::array<Octets, kAllKeyKinds.size()> results;  ///< in pinned memory, by kind
  };

  /// `batch` and what `result` refers to must outlive the job.
  DeriveJob(const CheckedBatch& batch, const BatchResult& result, const Tuning& tuning);

  bool next(Chunk* out_chunk);
  Status start(Workspace& workspace, Chunk* chunk);
  void take(const Chunk& chunk);

 private:
  [[nodiscard]] bool wants(KeyKind kind) const { return batch_.outputs().contains(kind); }
  [[nodiscard]] std::uint32_t tek_counters() const;
  std::uint8_t* result_room(Workspace& workspace, KeyKind kind, Chunk* chunk) const;

  const CheckedBatch& batch_;
  const BatchResult& result_;
  std::uint32_t chunk_items_;
  std::uint32_t chunk_sas_ = UINT32_MAX;
  std::uint32_t next_item_ = 0;
  std::uint32_t next_sa_ = 0;
};

}  // namespace rekey::cuda
