// SPDX-License-Identifier: Apache-2.0
//
// Derives keys in chunks (see pipeline.h).
#pragma once

#include <array>
#include <cstdint>

#include "cuda/derive_inputs.h"
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

  /// What `inputs` and `result` refer to must outlive the job.
  DeriveJob(const DeriveInputs& inputs, const BatchResult& result, const Tuning& tuning);

  /// prepare finds out which columns lie in pinned memory; called first.
  Status prepare();

  bool next(Chunk* out_chunk);
  Status start(Workspace& workspace, Chunk* chunk);
  void take(const Chunk& chunk);

 private:
  /// Launch is what the kernels of one chunk are started with, as it comes together.
  struct Launch {
    AmsColumns ams;
    TekColumns teks;
    const std::uint8_t* sa_counts = nullptr;
    const std::uint8_t* row_numbers = nullptr;

    /// Where a launch writes the keys of a kind.
    std::uint8_t** place_of(KeyKind kind) {
      return kind == KeyKind::kTek ? &teks.teks : &(ams.*result_column(kind));
    }
  };

  /// Calls `visit(from, pinned, place)` for what a chunk needs of every input column, until one
  /// fails: `from` is to be on the device, and `*place` to say where.
  template <typename Visit>
  Status for_each_input(const Chunk& chunk, Launch& launch, Visit visit) const;
  /// Calls `visit(kind, to)` for the place in every result column that a chunk's keys go to.
  template <typename Visit>
  void for_each_result(const Chunk& chunk, Visit visit) const;

  /// Gives room to all columns, copies the staged inputs in and enqueues all copies to the device.
  Status bring_in(Workspace& workspace, Chunk* chunk, Launch& launch) const;
  Status launch_kernels(Workspace& workspace, const Chunk& chunk, Launch& launch) const;

  [[nodiscard]] Octets result_part(KeyKind kind, const Chunk& chunk) const;
  /// Whether the device copies a part of a column itself.
  [[nodiscard]] bool is_direct(bool pinned, ConstOctets part) const {
    return pinned && part.size() >= direct_octets_;
  }
  /// Finds out whether a column is pinned, unless it is too small to be worth it.
  Status find_pinned(ConstOctets column, bool* out_pinned) const;

  [[nodiscard]] bool wants(KeyKind kind) const { return inputs_.outputs.contains(kind); }
  [[nodiscard]] bool with_teks(const Chunk& chunk) const {
    return wants(KeyKind::kTek) && chunk.sas > 0;
  }
  [[nodiscard]] bool with_unequal_sas(const Chunk& chunk) const {
    return with_teks(chunk) && !chunk.equal_sas;
  }

  const DeriveInputs inputs_;
  const BatchResult& result_;
  std::array<bool, std::tuple_size_v<decltype(DeriveInputs::columns)>> columns_pinned_{};
  bool saids_pinned_ = false;
  KeySet results_pinned_;
  std::size_t direct_octets_;
  std::uint32_t chunk_items_;
  std::uint32_t chunk_sas_ = UINT32_MAX;
  std::uint32_t next_item_ = 0;
  std::uint32_t next_sa_ = 0;
};

}  // namespace rekey::cuda
