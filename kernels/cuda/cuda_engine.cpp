// SPDX-License-Identifier: Apache-2.0
#include "cuda/cuda_engine.h"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cuda/device.h"
#include "cuda/launch.h"
#include "cuda/workspace.h"
#include "rekey/engines.h"

namespace rekey::cuda {
namespace {

/// Chunk is the part of a batch that is on the device at a time.
struct Chunk {
  std::uint32_t first_item = 0;
  std::uint32_t items = 0;
  std::uint32_t first_sa = 0;
  std::uint32_t sas = 0;
};

class CudaEngine final : public Engine {
 public:
  explicit CudaEngine(const Tuning& tuning);
  ~CudaEngine() override;

  [[nodiscard]] std::string_view name() const override { return "cuda"; }
  [[nodiscard]] std::string description() const override { return report_.description; }
  [[nodiscard]] std::string unavailable_reason() const override {
    return report_.unavailable_reason;
  }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override;
  Status cmac_all(const CmacBatch& batch, Octets macs) override;

 private:
  /// Runs `work` on the device, then in any case wipes what it left and waits for all of it: when
  /// this returns, nothing on the device refers to the caller's memory.
  template <typename Work>
  Status on_device(Work&& work);

  Status allocate_workspace();
  Status derive_chunks(const CheckedBatch& batch, const BatchResult& result);
  Status derive_ams_keys(const CheckedBatch& batch, const Chunk& chunk, const BatchResult& result);
  Status derive_teks(const CheckedBatch& batch, const Chunk& chunk, Octets teks);
  Status scan_sas(const Chunk& chunk, const std::uint32_t** out_first_sas);
  Status cmac_chunks(const CmacBatch& batch, Octets macs);

  const Tuning tuning_;
  DeviceReport report_;
  std::mutex mutex_;  ///< over everything below
  std::optional<Stream> stream_;
  std::optional<Workspace> workspace_;
  std::vector<std::uint8_t> sa_counts_;  ///< of the batch at hand
};

CudaEngine::CudaEngine(const Tuning& tuning) : tuning_(tuning), report_(find_device()) {
  assert(tuning.chunk_items > 0 && tuning.chunk_teks >= kMaxTekCounters);
  if (!report_.unavailable_reason.empty()) return;
  const CurrentDevice current;
  Status status = current.status();
  if (status.ok()) status = stream_.emplace().create();
  if (status.ok()) status = probe_kernels();
  if (!status.ok()) report_.unavailable_reason = report_.description + ": " + status.message();
}

CudaEngine::~CudaEngine() {
  const CurrentDevice current;
  workspace_.reset();
  stream_.reset();
}

template <typename Work>
Status CudaEngine::on_device(Work&& work) {
  const std::lock_guard lock(mutex_);
  const CurrentDevice current;
  if (!current.status().ok()) return current.status();
  const Status worked = work();
  const Status wiped = workspace_ ? workspace_->wipe() : Status();
  const Status finished = stream_->synchronize();
  if (!worked.ok()) return worked;
  return wiped.ok() ? finished : wiped;
}

Status CudaEngine::derive_all(const CheckedBatch& batch, const BatchResult& result) {
  return on_device([&]() -> Status {
    if (Status s = allocate_workspace(); !s.ok()) return s;
    return derive_chunks(batch, result);
  });
}

Status CudaEngine::cmac_all(const CmacBatch& batch, Octets macs) {
  return on_device([&] { return cmac_chunks(batch, macs); });
}

Status CudaEngine::allocate_workspace() {
  if (workspace_) return {};
  Status status = workspace_.emplace().allocate(tuning_, *stream_);
  // What could be had is given back: a later batch tries again.
  if (!status.ok()) workspace_.reset();
  return status;
}

Status CudaEngine::derive_chunks(const CheckedBatch& batch, const BatchResult& result) {
  sa_counts_.resize(batch.count());
  for (std::uint32_t item = 0; item < batch.count(); ++item) {
    sa_counts_[item] = static_cast<std::uint8_t>(batch.sa_count(item));
  }
  Chunk chunk;
  while (chunk.first_item < batch.count()) {
    chunk.items = std::min(tuning_.chunk_items, batch.count() - chunk.first_item);
    const auto counts = sa_counts_.begin() + chunk.first_item;
    chunk.sas = std::accumulate(counts, counts + chunk.items, std::uint32_t{0});
    if (Status s = derive_ams_keys(batch, chunk, result); !s.ok()) return s;
    if (batch.outputs().contains(KeyKind::kTek) && chunk.sas > 0) {
      if (Status s = derive_teks(batch, chunk, result.teks); !s.ok()) return s;
    }
    chunk.first_item += chunk.items;
    chunk.first_sa += chunk.sas;
  }
  return {};
}

/// Uploads a chunk of an input column.
template <std::size_t Width>
Status upload(const Column<Width>& column, const Chunk& chunk, DeviceBuffer& buffer,
              InputColumn* out_column) {
  if (column.data == nullptr) return {};
  const std::size_t values = column.shared ? 1 : chunk.items;
  Status status = buffer.upload({column.at(chunk.first_item), values * Width});
  *out_column = {buffer.use(values * Width), column.shared ? 0 : static_cast<std::uint32_t>(Width)};
  return status;
}

Status CudaEngine::derive_ams_keys(const CheckedBatch& batch, const Chunk& chunk,
                                   const BatchResult& result) {
  Workspace& w = *workspace_;
  AmsColumns columns;
  columns.count = chunk.items;
  if (Status s = upload(batch.pmk(), chunk, w.pmk, &columns.pmk); !s.ok()) return s;
  if (Status s = upload(batch.msid(), chunk, w.msid, &columns.msid); !s.ok()) return s;
  if (Status s = upload(batch.bsid(), chunk, w.bsid, &columns.bsid); !s.ok()) return s;
  if (Status s = upload(batch.nonce(), chunk, w.nonce, &columns.nonce); !s.ok()) return s;
  if (Status s = upload(batch.cmac_key_count(), chunk, w.cmac_key_count, &columns.cmac_key_count);
      !s.ok()) {
    return s;
  }
  if (Status s = upload(batch.ak_sn(), chunk, w.ak_sn, &columns.ak_sn); !s.ok()) return s;

  const auto key_column = [&](KeyKind kind) -> std::uint8_t* {
    if (!batch.outputs().contains(kind)) return nullptr;
    return w.keys(kind).use(chunk.items * key_octets(kind));
  };
  columns.msid_star = key_column(KeyKind::kMsidStar);
  columns.ak = key_column(KeyKind::kAk);
  columns.akid = key_column(KeyKind::kAkid);
  columns.cmac_key_u = key_column(KeyKind::kCmacKeyU);
  columns.cmac_key_d = key_column(KeyKind::kCmacKeyD);
  columns.kek = key_column(KeyKind::kKek);
  if (batch.outputs().contains(KeyKind::kTek)) {
    columns.tek_kin = w.tek_kin.use(chunk.items * kBlockOctets);
  }
  if (Status s = launch_ams(batch.profile(), batch.options(), columns, stream_->get()); !s.ok()) {
    return s;
  }

  for (KeyKind kind : kAllKeyKinds) {
    if (kind == KeyKind::kTek || !batch.outputs().contains(kind)) continue;
    const std::size_t width = key_octets(kind);
    const Octets part = result.column(kind).subspan(chunk.first_item * width, chunk.items * width);
    if (Status s = w.keys(kind).download(part); !s.ok()) return s;
  }
  return {};
}

/// Counts on the device how many SAs come before each AMS of the chunk.
Status CudaEngine::scan_sas(const Chunk& chunk, const std::uint32_t** out_first_sas) {
  Workspace& w = *workspace_;
  const ConstOctets counts = ConstOctets(sa_counts_).subspan(chunk.first_item, chunk.items);
  if (Status s = w.sa_counts.upload(counts); !s.ok()) return s;
  auto* first_sas =
      reinterpret_cast<std::uint32_t*>(w.first_sas.use(chunk.items * sizeof(std::uint32_t)));
  *out_first_sas = first_sas;
  return scan_sa_counts(w.sa_counts.use(chunk.items), chunk.items, first_sas,
                        w.scan_scratch.use(kScanScratchOctets), kScanScratchOctets, stream_->get());
}

Status CudaEngine::derive_teks(const CheckedBatch& batch, const Chunk& chunk, Octets teks) {
  Workspace& w = *workspace_;
  const std::span<const std::uint16_t> counters = batch.tek_counters();
  const std::size_t said_octets = batch.options().said_octets;
  const std::size_t sa_tek_octets = counters.size() * kTekOctets;

  TekColumns columns;
  if (Status s = scan_sas(chunk, &columns.first_sas); !s.ok()) return s;
  columns.tek_kin = w.tek_kin.use(chunk.items * kBlockOctets);
  columns.items = chunk.items;
  std::copy(counters.begin(), counters.end(), columns.counters);
  columns.counter_count = static_cast<std::uint32_t>(counters.size());

  const std::uint32_t sas_at_a_time = tuning_.chunk_teks / columns.counter_count;
  for (columns.first = 0; columns.first < chunk.sas; columns.first += columns.count) {
    columns.count = std::min(sas_at_a_time, chunk.sas - columns.first);
    const std::size_t sa = std::size_t{chunk.first_sa} + columns.first;
    const ConstOctets saids = batch.saids().subspan(sa * said_octets, columns.count * said_octets);
    if (Status s = w.saids.upload(saids); !s.ok()) return s;
    columns.saids = w.saids.use(saids.size());
    const Octets part = teks.subspan(sa * sa_tek_octets, columns.count * sa_tek_octets);
    columns.teks = w.keys(KeyKind::kTek).use(part.size());
    if (Status s = launch_teks(batch.options().said_octets, columns, stream_->get()); !s.ok()) {
      return s;
    }
    if (Status s = w.keys(KeyKind::kTek).download(part); !s.ok()) return s;
  }
  return {};
}

Status CudaEngine::cmac_chunks(const CmacBatch& batch, Octets macs) {
  // Messages may be of any length, so their memory is got for the call.
  const std::size_t length = batch.message_octets;
  const std::size_t fitting = kCmacChunkOctets / std::max<std::size_t>(length, 1);
  const std::uint32_t at_a_time = static_cast<std::uint32_t>(
      std::min<std::size_t>({std::max<std::size_t>(fitting, 1), tuning_.chunk_items, batch.count}));
  DeviceBuffer keys, messages, results;
  if (Status s = keys.allocate(at_a_time * kBlockOctets, *stream_); !s.ok()) return s;
  if (Status s = messages.allocate(std::max<std::size_t>(at_a_time * length, 1), *stream_);
      !s.ok()) {
    return s;
  }
  if (Status s = results.allocate(at_a_time * kBlockOctets, *stream_); !s.ok()) return s;

  CmacColumns columns;
  columns.message_octets = length;
  for (std::size_t first = 0; first < batch.count; first += columns.count) {
    columns.count =
        static_cast<std::uint32_t>(std::min<std::size_t>(at_a_time, batch.count - first));
    const std::size_t block_octets = columns.count * kBlockOctets;
    const ConstOctets part = batch.messages.subspan(first * length, columns.count * length);
    if (Status s = keys.upload(batch.keys.subspan(first * kBlockOctets, block_octets)); !s.ok()) {
      return s;
    }
    if (Status s = messages.upload(part); !s.ok()) return s;
    columns.keys = keys.use(block_octets);
    columns.messages = messages.use(part.size());
    columns.macs = results.use(block_octets);
    if (Status s = launch_cmac(columns, stream_->get()); !s.ok()) return s;
    if (Status s = results.download(macs.subspan(first * kBlockOctets, block_octets)); !s.ok()) {
      return s;
    }
  }
  return {};
}

}  // namespace

std::unique_ptr<Engine> make_engine(const Tuning& tuning) {
  return std::make_unique<CudaEngine>(tuning);
}

}  // namespace rekey::cuda

namespace rekey {

std::unique_ptr<Engine> make_cuda_engine() { return cuda::make_engine(cuda::Tuning{}); }

}  // namespace rekey
