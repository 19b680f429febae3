// SPDX-License-Identifier: Apache-2.0
//
// Computes the MACs of a CmacBatch in chunks (see pipeline.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/launch.h"
#include "cuda/tuning.h"
#include "cuda/workspace.h"
#include "rekey/engine.h"
#include "rekey/status.h"

namespace rekey::cuda {

class CmacJob {
 public:
  struct Chunk {
    std::size_t first = 0;
    std::uint32_t messages = 0;
    Octets macs;  ///< in pinned memory
  };

  /// What `batch` and `macs` refer to must outlive the job.
  CmacJob(const CmacBatch& batch, Octets macs, const Tuning& tuning);

  /// prepare fails with kInvalidArgument when one message is more than a workspace holds; called
  /// first.
  [[nodiscard]] Status prepare() const;

  bool next(Chunk* out_chunk);
  Status start(Workspace& workspace, Chunk* chunk);
  void take(const Chunk& chunk);

 private:
  const CmacBatch& batch_;
  Octets macs_;
  std::size_t most_octets_;  ///< of one message
  std::size_t chunk_messages_;
  std::size_t next_ = 0;
};

}  // namespace rekey::cuda
