// SPDX-License-Identifier: Apache-2.0
//
// Writes rows of resident AMSs in chunks (see pipeline.h): what is added, and zeroes over what is
// removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cuda/context_rows.h"
#include "cuda/tuning.h"
#include "cuda/workspace.h"
#include "rekey/octets.h"
#include "rekey/resident.h"
#include "rekey/status.h"

namespace rekey::cuda {

/// AddedItems are items of `contexts` in ascending order, each for a row.
struct AddedItems {
  const CheckedContexts& contexts;
  std::span<const std::uint32_t> items;
};

class RowJob {
 public:
  struct Chunk {
    std::size_t first = 0;
    std::size_t rows = 0;
  };

  /// Writes `added` to the rows of these `numbers`, or zeroes without. All it refers to must
  /// outlive the job.
  RowJob(const ContextRows& rows, std::span<const std::uint32_t> numbers, const AddedItems* added,
         const Tuning& tuning);

  [[nodiscard]] Status prepare() const { return {}; }
  bool next(Chunk* out_chunk);
  Status start(Workspace& workspace, Chunk* chunk);
  void take(const Chunk&) {}

 private:
  /// Writes the rows of a chunk one after the other. Chunks come in order.
  void fill(const Chunk& chunk, Octets rows);

  const ContextRows rows_;
  const std::span<const std::uint32_t> numbers_;
  const AddedItems* const added_;
  std::size_t chunk_rows_;
  std::size_t next_ = 0;
  // Where the SAIDs of an item are found: those of all items before it come first.
  std::uint32_t next_item_ = 0;
  std::size_t next_said_ = 0;
};

}  // namespace rekey::cuda
