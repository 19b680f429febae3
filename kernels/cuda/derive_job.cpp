// SPDX-License-Identifier: Apache-2.0
#include "cuda/derive_job.h"

#include <algorithm>
#include <cassert>

#include "cuda/device.h"

namespace rekey::cuda {
namespace {

constexpr std::size_t index(KeyKind kind) { return static_cast<std::size_t>(kind); }

Room copy_in(ConstOctets from, Workspace& workspace) {
  Room room = workspace.input(from.size());
  std::copy(from.begin(), from.end(), room.host.begin());
  return room;
}

/// Where a launch writes the keys of a kind.
std::uint8_t** place_of(KeyKind kind, AmsColumns* ams, TekColumns* teks) {
  return kind == KeyKind::kTek ? &teks->teks : &(ams->*result_column(kind));
}

}  // namespace

DeriveJob::DeriveJob(const CheckedBatch& batch, const BatchResult& result, const Tuning& tuning)
    : batch_(batch),
      result_(result),
      inputs_{input(batch.pmk(), &AmsColumns::pmk),
              input(batch.msid(), &AmsColumns::msid),
              input(batch.bsid(), &AmsColumns::bsid),
              input(batch.nonce(), &AmsColumns::nonce),
              input(batch.cmac_key_count(), &AmsColumns::cmac_key_count),
              input(batch.ak_sn(), &AmsColumns::ak_sn)},
      direct_octets_(tuning.direct_octets) {
  const std::uint32_t share =
      (batch.count() + tuning.workspaces_of_a_batch - 1) / tuning.workspaces_of_a_batch;
  chunk_items_ = std::min(tuning.chunk_items, std::max(share, kSmallestSpreadItems));
  if (wants(KeyKind::kTek)) chunk_sas_ = tuning.chunk_teks / tek_counters();
}

Status DeriveJob::find_pinned(ConstOctets column, bool* out_pinned) const {
  if (column.empty() || column.size() < direct_octets_) return {};
  return cuda::find_pinned(column, out_pinned);
}

Status DeriveJob::prepare() {
  Chunk whole;
  whole.items = batch_.count();
  for (Input& input : inputs_) {
    if (Status s = find_pinned(part(input, whole), &input.pinned); !s.ok()) return s;
  }
  if (Status s = find_pinned(batch_.saids(), &saids_pinned_); !s.ok()) return s;
  for (KeyKind kind : kAllKeyKinds) {
    bool pinned = false;
    if (Status s = find_pinned(result_.column(kind), &pinned); !s.ok()) return s;
    if (pinned) results_pinned_.insert(kind);
  }
  return {};
}

std::uint32_t DeriveJob::tek_counters() const {
  return static_cast<std::uint32_t>(batch_.tek_counters().size());
}

bool DeriveJob::next(Chunk* out_chunk) {
  if (next_item_ == batch_.count()) return false;
  Chunk chunk;
  chunk.first_item = next_item_;
  chunk.first_sa = next_sa_;
  const std::uint32_t most = std::min(chunk_items_, batch_.count() - next_item_);
  for (; chunk.items < most; ++chunk.items) {
    const std::uint32_t sas = batch_.sa_count(next_item_ + chunk.items);
    if (chunk.sas + sas > chunk_sas_) break;
    chunk.sas += sas;
    if (sas != batch_.sa_count(next_item_)) chunk.equal_sas = false;
  }
  assert(chunk.items > 0);
  next_item_ += chunk.items;
  next_sa_ += chunk.sas;
  *out_chunk = chunk;
  return true;
}

ConstOctets DeriveJob::part(const Input& input, const Chunk& chunk) const {
  if (input.data == nullptr) return {};
  if (input.shared) return {input.data, input.width};
  return {input.data + chunk.first_item * input.width, chunk.items * input.width};
}

ConstOctets DeriveJob::said_part(const Chunk& chunk) const {
  const std::size_t width = batch_.options().said_octets;
  return batch_.saids().subspan(chunk.first_sa * width, chunk.sas * width);
}

Octets DeriveJob::result_part(KeyKind kind, const Chunk& chunk) const {
  if (!wants(kind)) return {};
  const bool teks = kind == KeyKind::kTek;
  const std::size_t width = teks ? tek_counters() * kTekOctets : key_octets(kind);
  const std::size_t first = teks ? chunk.first_sa : chunk.first_item;
  const std::size_t count = teks ? chunk.sas : chunk.items;
  return result_.column(kind).subspan(first * width, count * width);
}

Status DeriveJob::start(Workspace& workspace, Chunk* chunk) {
  AmsColumns ams;
  TekColumns teks;
  ams.count = teks.items = chunk->items;
  teks.count = chunk->sas;
  const bool with_teks = wants(KeyKind::kTek) && chunk->sas > 0;
  const bool unequal_sas = with_teks && !chunk->equal_sas;
  const ConstOctets saids = with_teks ? said_part(*chunk) : ConstOctets();
  const bool saids_direct = is_direct(saids_pinned_, saids);

  // What is staged comes first.
  for (const Input& input : inputs_) {
    const ConstOctets from = part(input, *chunk);
    if (from.empty()) continue;
    InputColumn& column = ams.*input.place;
    column.stride_octets = input.shared ? 0 : static_cast<std::uint32_t>(input.width);
    if (!is_direct(input.pinned, from)) column.data = copy_in(from, workspace).device;
  }
  Room sa_counts;
  if (unequal_sas) {
    sa_counts = copy_in(batch_.sa_counts().subspan(chunk->first_item, chunk->items), workspace);
  }
  if (with_teks && !saids_direct) teks.saids = copy_in(saids, workspace).device;
  for (KeyKind kind : kAllKeyKinds) {
    const Octets to = result_part(kind, *chunk);
    if (to.empty() || is_direct(results_pinned_.contains(kind), to)) continue;
    const Room room = workspace.output(to.size());
    chunk->staged[index(kind)] = room.host;
    *place_of(kind, &ams, &teks) = room.device;
  }
  if (Status s = workspace.upload(); !s.ok()) return s;

  for (const Input& input : inputs_) {
    const ConstOctets from = part(input, *chunk);
    if (from.empty() || !is_direct(input.pinned, from)) continue;
    std::uint8_t* device = nullptr;
    if (Status s = workspace.direct_input(from, &device); !s.ok()) return s;
    (ams.*input.place).data = device;
  }
  if (saids_direct) {
    std::uint8_t* device = nullptr;
    if (Status s = workspace.direct_input(saids, &device); !s.ok()) return s;
    teks.saids = device;
  }
  for (KeyKind kind : kAllKeyKinds) {
    const Octets to = result_part(kind, *chunk);
    if (to.empty() || !is_direct(results_pinned_.contains(kind), to)) continue;
    *place_of(kind, &ams, &teks) = workspace.direct_output(to);
  }

  if (with_teks) teks.set_counters(batch_.tek_counters());
  if (unequal_sas) {
    ams.tek_kin = workspace.scratch(chunk->items * kBlockOctets);
  } else if (with_teks) {
    static_cast<TekRequest&>(ams.sas) = teks;
    ams.sas.sas_per_item = chunk->sas / chunk->items;
    ams.sas.said_octets = batch_.options().said_octets;
  }
  if (Status s = launch_ams(batch_.profile(), batch_.options(), ams, workspace.stream()); !s.ok()) {
    return s;
  }
  if (unequal_sas) {
    auto* first_sas =
        reinterpret_cast<std::uint32_t*>(workspace.scratch(chunk->items * sizeof(std::uint32_t)));
    if (Status s = scan_sa_counts(sa_counts.device, chunk->items, first_sas,
                                  workspace.scratch(kScanScratchOctets), kScanScratchOctets,
                                  workspace.stream());
        !s.ok()) {
      return s;
    }
    teks.tek_kin = ams.tek_kin;
    teks.first_sas = first_sas;
    if (Status s = launch_teks(batch_.options().said_octets, teks, workspace.stream()); !s.ok()) {
      return s;
    }
  }
  return workspace.download();
}

void DeriveJob::take(const Chunk& chunk) {
  for (KeyKind kind : kAllKeyKinds) {
    const Octets from = chunk.staged[index(kind)];
    if (!from.empty()) std::copy(from.begin(), from.end(), result_part(kind, chunk).begin());
  }
}

}  // namespace rekey::cuda
