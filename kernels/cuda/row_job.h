// SPDX-License-Identifier: Apache-2.0
//
// Writes rows of resident AMSs in chunks (see pipeline.h): what is added, and zeroes over what is
// removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "cuda/context_rows.h"
#include "cuda/row_packer.h"
#include "cuda/tuning.h"
#include "cuda/workspace.h"
#include "rekey/batch.h"
#include "rekey/status.h"

namespace rekey::cuda {

class RowJob {
 public:
  struct Chunk {
    std::size_t first = 0;
    std::size_t rows = 0;
  };

  /// Writes zeroes to the rows of these `numbers`. All it refers to must outlive the job.
  RowJob(const ContextRows& rows, std::span<const std::uint32_t> numbers, const Tuning& tuning);
  /// Writes items `added` of a batch, in ascending order, each to its row.
  RowJob(const ContextRows& rows, std::span<const std::uint32_t> numbers,
         const CheckedBatch& added_from, std::span<const std::uint32_t> added,
         const Tuning& tuning);

  [[nodiscard]] Status prepare() const { return {}; }
  bool next(Chunk* out_chunk);
  Status start(Workspace& workspace, Chunk* chunk);
  void take(const Chunk&) {}

 private:
  const ContextRows rows_;
  const std::span<const std::uint32_t> numbers_;
  std::span<const std::uint32_t> added_;
  std::optional<RowPacker> packer_;  ///< none: zeroes
  std::size_t chunk_rows_;
  std::size_t next_ = 0;
};

}  // namespace rekey::cuda
