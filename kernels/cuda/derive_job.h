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
    bool equal_sas = true;                           ///< every AMS has as many as the next
    std::array<Octets, kAllKeyKinds.size()> staged;  ///< results in the workspace, by kind
  };

  /// `batch` and what `result` refers to must outlive the job.
  DeriveJob(const CheckedBatch& batch, const BatchResult& result, const Tuning& tuning);

  /// prepare finds out which columns lie in pinned memory; called first.
  Status prepare();

  bool next(Chunk* out_chunk);
  Status start(Workspace& workspace, Chunk* chunk);
  void take(const Chunk& chunk);

 private:
  /// Input is a column of the batch and its place in a launch.
  struct Input {
    InputColumn AmsColumns::*place;
    const std::uint8_t* data;
    std::size_t width;
    bool shared;
    bool pinned = false;
  };

  template <std::size_t Width>
  static Input input(const Column<Width>& column, InputColumn AmsColumns::*place) {
    return {place, column.data, Width, column.shared};
  }
  [[nodiscard]] ConstOctets part(const Input& input, const Chunk& chunk) const;
  [[nodiscard]] ConstOctets said_part(const Chunk& chunk) const;
  [[nodiscard]] Octets result_part(KeyKind kind, const Chunk& chunk) const;
  /// Whether the device copies a part of a column itself.
  [[nodiscard]] bool is_direct(bool pinned, ConstOctets part) const {
    return pinned && part.size() >= direct_octets_;
  }
  /// Finds out whether a column is pinned, unless it is too small to be worth it.
  Status find_pinned(ConstOctets column, bool* out_pinned) const;

  [[nodiscard]] bool wants(KeyKind kind) const { return batch_.outputs().contains(kind); }
  [[nodiscard]] std::uint32_t tek_counters() const;

  const CheckedBatch& batch_;
  const BatchResult& result_;
  std::array<Input, 6> inputs_;
  bool saids_pinned_ = false;
  KeySet results_pinned_;
  std::size_t direct_octets_;
  std::uint32_t chunk_items_;
  std::uint32_t chunk_sas_ = UINT32_MAX;
  std::uint32_t next_item_ = 0;
  std::uint32_t next_sa_ = 0;
};

}  // namespace rekey::cuda
