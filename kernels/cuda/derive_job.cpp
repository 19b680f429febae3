// SPDX-License-Identifier: Apache-2.0
#include "cuda/derive_job.h"

#include <algorithm>
#include <cassert>

#include "cuda/context_columns.h"
#include "cuda/device.h"

namespace rekey::cuda {
namespace {

constexpr std::size_t index(KeyKind kind) { return static_cast<std::size_t>(kind); }

ConstOctets part(const DeriveInputs::HostColumn& column, std::size_t first, std::size_t items) {
  if (column.data == nullptr) return {};
  if (column.shared) return {column.data, column.width};
  return {column.data + first * column.width, items * column.width};
}

}  // namespace

DeriveJob::DeriveJob(const DeriveInputs& inputs, const BatchResult& result, const Tuning& tuning)
    : inputs_(inputs), result_(result), direct_octets_(tuning.direct_octets) {
  const std::uint32_t share =
      (inputs_.count + tuning.workspaces_of_a_batch - 1) / tuning.workspaces_of_a_batch;
  chunk_items_ = std::min(tuning.chunk_items, std::max(share, kSmallestSpreadItems));
  if (wants(KeyKind::kTek)) {
    chunk_sas_ = tuning.chunk_teks / static_cast<std::uint32_t>(inputs_.tek_counters.size());
  }
}

Status DeriveJob::find_pinned(ConstOctets column, bool* out_pinned) const {
  if (column.empty() || column.size() < direct_octets_) return {};
  return cuda::find_pinned(column, out_pinned);
}

Status DeriveJob::prepare() {
  for (std::size_t i = 0; i < columns_pinned_.size(); ++i) {
    const ConstOctets whole = part(inputs_.columns[i], 0, inputs_.count);
    if (Status s = find_pinned(whole, &columns_pinned_[i]); !s.ok()) return s;
  }
  if (Status s = find_pinned(inputs_.saids, &saids_pinned_); !s.ok()) return s;
  for (KeyKind kind : kAllKeyKinds) {
    bool pinned = false;
    if (Status s = find_pinned(result_.column(kind), &pinned); !s.ok()) return s;
    if (pinned) results_pinned_.insert(kind);
  }
  return {};
}

bool DeriveJob::next(Chunk* out_chunk) {
  if (next_item_ == inputs_.count) return false;
  Chunk chunk;
  chunk.first_item = next_item_;
  chunk.first_sa = next_sa_;
  const std::uint32_t most = std::min(chunk_items_, inputs_.count - next_item_);
  for (; chunk.items < most; ++chunk.items) {
    const std::uint32_t sas = inputs_.sa_count(next_item_ + chunk.items);
    if (chunk.sas + sas > chunk_sas_) break;
    chunk.sas += sas;
    if (sas != inputs_.sa_count(next_item_)) chunk.equal_sas = false;
  }
  assert(chunk.items > 0);
  next_item_ += chunk.items;
  next_sa_ += chunk.sas;
  *out_chunk = chunk;
  return true;
}

Octets DeriveJob::result_part(KeyKind kind, const Chunk& chunk) const {
  if (!wants(kind)) return {};
  const bool teks = kind == KeyKind::kTek;
  const std::size_t width = teks ? inputs_.tek_counters.size() * kTekOctets : key_octets(kind);
  const std::size_t first = teks ? chunk.first_sa : chunk.first_item;
  const std::size_t count = teks ? chunk.sas : chunk.items;
  return result_.column(kind).subspan(first * width, count * width);
}

template <typename Visit>
Status DeriveJob::for_each_input(const Chunk& chunk, Launch& launch, Visit visit) const {
  for (std::size_t i = 0; i < columns_pinned_.size(); ++i) {
    const DeriveInputs::HostColumn& from = inputs_.columns[i];
    if (from.data == nullptr) continue;
    InputColumn& column = launch.ams.*from.place;
    column.stride_octets = from.shared ? 0 : static_cast<std::uint32_t>(from.width);
    if (Status s =
            visit(part(from, chunk.first_item, chunk.items), columns_pinned_[i], &column.data);
        !s.ok()) {
      return s;
    }
  }
  if (inputs_.resident()) {
    constexpr std::size_t kWidth = sizeof(std::uint32_t);
    const ConstOctets numbers =
        inputs_.row_numbers.subspan(chunk.first_item * kWidth, chunk.items * kWidth);
    if (Status s = visit(numbers, false, &launch.row_numbers); !s.ok()) return s;
  }
  if (with_unequal_sas(chunk)) {
    const ConstOctets counts = inputs_.sa_counts.subspan(chunk.first_item, chunk.items);
    if (Status s = visit(counts, false, &launch.sa_counts); !s.ok()) return s;
  }
  if (!with_teks(chunk) || inputs_.resident()) return {};
  const std::size_t width = inputs_.options.said_octets;
  return visit(inputs_.saids.subspan(chunk.first_sa * width, chunk.sas * width), saids_pinned_,
               &launch.teks.saids.data);
}

template <typename Visit>
void DeriveJob::for_each_result(const Chunk& chunk, Visit visit) const {
  for (KeyKind kind : kAllKeyKinds) {
    const Octets to = result_part(kind, chunk);
    if (!to.empty()) visit(kind, to);
  }
}

Status DeriveJob::bring_in(Workspace& workspace, Chunk* chunk, Launch& launch) const {
  // What is staged comes first, and goes in one copy.
  const auto stage = [&](ConstOctets from, bool pinned, const std::uint8_t** place) -> Status {
    if (is_direct(pinned, from)) return {};
    const Room room = workspace.input(from.size());
    std::ranges::copy(from, room.host.begin());
    *place = room.device;
    return {};
  };
  if (Status s = for_each_input(*chunk, launch, stage); !s.ok()) return s;
  for_each_result(*chunk, [&](KeyKind kind, Octets to) {
    if (is_direct(results_pinned_.contains(kind), to)) return;
    const Room room = workspace.output(to.size());
    chunk->staged[index(kind)] = room.host;
    *launch.place_of(kind) = room.device;
  });
  if (Status s = workspace.upload(); !s.ok()) return s;

  const auto copy_directly = [&](ConstOctets from, bool pinned, const std::uint8_t** place) {
    if (!is_direct(pinned, from)) return Status();
    std::uint8_t* device = nullptr;
    Status status = workspace.direct_input(from, &device);
    *place = device;
    return status;
  };
  if (Status s = for_each_input(*chunk, launch, copy_directly); !s.ok()) return s;
  for_each_result(*chunk, [&](KeyKind kind, Octets to) {
    if (!is_direct(results_pinned_.contains(kind), to)) return;
    *launch.place_of(kind) = workspace.direct_output(to);
  });
  return {};
}

Status DeriveJob::launch_kernels(Workspace& workspace, const Chunk& chunk, Launch& launch) const {
  AmsColumns& ams = launch.ams;
  TekColumns& teks = launch.teks;
  const std::uint8_t said_octets = inputs_.options.said_octets;
  ams.count = teks.items = chunk.items;
  teks.count = chunk.sas;
  if (with_teks(chunk)) teks.set_counters(inputs_.tek_counters);
  const bool unequal_sas = with_unequal_sas(chunk);
  if (unequal_sas) {
    ams.tek_kin = workspace.scratch(chunk.items * kBlockOctets);
  } else if (with_teks(chunk)) {
    static_cast<TekRequest&>(ams.sas) = teks;
    ams.sas.sas_per_item = chunk.sas / chunk.items;
    ams.sas.said_octets = said_octets;
  }
  if (Status s = launch_ams(inputs_.profile, inputs_.options, ams, workspace.stream()); !s.ok()) {
    return s;
  }
  if (!unequal_sas) return {};

  auto* first_sas =
      reinterpret_cast<std::uint32_t*>(workspace.scratch(chunk.items * sizeof(std::uint32_t)));
  if (Status s = scan_sa_counts(launch.sa_counts, chunk.items, first_sas,
                                workspace.scratch(kScanScratchOctets), kScanScratchOctets,
                                workspace.stream());
      !s.ok()) {
    return s;
  }
  teks.tek_kin = ams.tek_kin;
  teks.first_sas = first_sas;
  return launch_teks(said_octets, teks, workspace.stream());
}

Status DeriveJob::start(Workspace& workspace, Chunk* chunk) {
  Launch launch;
  if (Status s = bring_in(workspace, chunk, launch); !s.ok()) return s;
  if (inputs_.resident()) {
    point_at_rows(inputs_.rows, reinterpret_cast<const std::uint32_t*>(launch.row_numbers),
                  &launch.ams, &launch.teks.saids);
  }
  if (Status s = launch_kernels(workspace, *chunk, launch); !s.ok()) return s;
  return workspace.download();
}

void DeriveJob::take(const Chunk& chunk) {
  for (KeyKind kind : kAllKeyKinds) {
    const ConstOctets from = chunk.staged[index(kind)];
    if (!from.empty()) std::ranges::copy(from, result_part(kind, chunk).begin());
  }
}

}  // namespace rekey::cuda
