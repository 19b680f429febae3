// SPDX-License-Identifier: Apache-2.0
#include "cuda/derive_job.h"

#include <algorithm>
#include <cassert>

namespace rekey::cuda {
namespace {

constexpr std::size_t index(KeyKind kind) { return static_cast<std::size_t>(kind); }

std::size_t keys_of(const DeriveJob::Chunk& chunk, KeyKind kind, std::uint32_t tek_counters) {
  return kind == KeyKind::kTek ? std::size_t{chunk.sas} * tek_counters : chunk.items;
}

Room copy_in(ConstOctets from, Workspace& workspace) {
  Room room = workspace.input(from.size());
  std::copy(from.begin(), from.end(), room.host.begin());
  return room;
}

/// Copies a chunk of an input column to where it is uploaded from.
template <std::size_t Width>
InputColumn copy_in(const Column<Width>& column, const DeriveJob::Chunk& chunk,
                    Workspace& workspace) {
  if (column.data == nullptr) return {};
  const std::size_t values = column.shared ? 1 : chunk.items;
  const Room room = copy_in({column.at(chunk.first_item), values * Width}, workspace);
  return {room.device, column.shared ? 0 : static_cast<std::uint32_t>(Width)};
}

}  // namespace

DeriveJob::DeriveJob(const CheckedBatch& batch, const BatchResult& result, const Tuning& tuning)
    : batch_(batch), result_(result) {
  const std::uint32_t share =
      (batch.count() + tuning.workspaces_of_a_batch - 1) / tuning.workspaces_of_a_batch;
  chunk_items_ = std::min(tuning.chunk_items, std::max(share, kSmallestSpreadItems));
  if (wants(KeyKind::kTek)) chunk_sas_ = tuning.chunk_teks / tek_counters();
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

std::uint8_t* DeriveJob::result_room(Workspace& workspace, KeyKind kind, Chunk* chunk) const {
  if (!wants(kind)) return nullptr;
  const Room room = workspace.output(keys_of(*chunk, kind, tek_counters()) * key_octets(kind));
  chunk->results[index(kind)] = room.host;
  return room.device;
}

Status DeriveJob::start(Workspace& workspace, Chunk* chunk) {
  AmsColumns ams;
  ams.count = chunk->items;
  ams.pmk = copy_in(batch_.pmk(), *chunk, workspace);
  ams.msid = copy_in(batch_.msid(), *chunk, workspace);
  ams.bsid = copy_in(batch_.bsid(), *chunk, workspace);
  ams.nonce = copy_in(batch_.nonce(), *chunk, workspace);
  ams.cmac_key_count = copy_in(batch_.cmac_key_count(), *chunk, workspace);
  ams.ak_sn = copy_in(batch_.ak_sn(), *chunk, workspace);

  const bool with_teks = wants(KeyKind::kTek) && chunk->sas > 0;
  const std::size_t said_octets = batch_.options().said_octets;
  TekColumns teks;
  Room sa_counts;
  if (with_teks) {
    if (!chunk->equal_sas) {
      sa_counts = copy_in(batch_.sa_counts().subspan(chunk->first_item, chunk->items), workspace);
    }
    const ConstOctets saids =
        batch_.saids().subspan(chunk->first_sa * said_octets, chunk->sas * said_octets);
    teks.saids = copy_in(saids, workspace).device;
  }

  ams.msid_star = result_room(workspace, KeyKind::kMsidStar, chunk);
  ams.ak = result_room(workspace, KeyKind::kAk, chunk);
  ams.akid = result_room(workspace, KeyKind::kAkid, chunk);
  ams.cmac_key_u = result_room(workspace, KeyKind::kCmacKeyU, chunk);
  ams.cmac_key_d = result_room(workspace, KeyKind::kCmacKeyD, chunk);
  ams.kek = result_room(workspace, KeyKind::kKek, chunk);
  if (with_teks) {
    teks.teks = result_room(workspace, KeyKind::kTek, chunk);
    std::ranges::copy(batch_.tek_counters(), teks.counters);
    teks.counter_count = tek_counters();
    if (chunk->equal_sas) {
      ams.sas.saids = teks.saids;
      ams.sas.teks = teks.teks;
      ams.sas.sas_per_item = chunk->sas / chunk->items;
      ams.sas.said_octets = batch_.options().said_octets;
      std::ranges::copy(teks.counters, ams.sas.counters);
      ams.sas.counter_count = teks.counter_count;
    } else {
      ams.tek_kin = workspace.scratch(chunk->items * kBlockOctets);
    }
  }

  if (Status s = workspace.upload(); !s.ok()) return s;
  if (Status s = launch_ams(batch_.profile(), batch_.options(), ams, workspace.stream()); !s.ok()) {
    return s;
  }
  if (with_teks && !chunk->equal_sas) {
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
    teks.items = chunk->items;
    teks.count = chunk->sas;
    if (Status s = launch_teks(batch_.options().said_octets, teks, workspace.stream()); !s.ok()) {
      return s;
    }
  }
  return workspace.download();
}

void DeriveJob::take(const Chunk& chunk) {
  for (KeyKind kind : kAllKeyKinds) {
    const Octets from = chunk.results[index(kind)];
    if (from.empty()) continue;
    const std::size_t first =
        kind == KeyKind::kTek ? std::size_t{chunk.first_sa} * tek_counters() : chunk.first_item;
    const Octets to = result_.column(kind).subspan(first * key_octets(kind), from.size());
    std::copy(from.begin(), from.end(), to.begin());
  }
}

}  // namespace rekey::cuda
