// SPDX-License-Identifier: Apache-2.0
#include "support/cuda_host_engine.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "cuda/ams.h"
#include "cuda/cmac.h"
#include "cuda/context_columns.h"
#include "cuda/context_rows.h"
#include "cuda/lanes.h"
#include "cuda/row_packer.h"
#include "cuda/tek.h"
#include "profile/variants.h"
#include "rekey/resident.h"

namespace rekey::test {
namespace {

/// A column as it lies on a device: in an allocation of its own, aligned for every unit.
class DeviceColumn {
 public:
  explicit DeviceColumn(std::size_t octets) : blocks_((octets + 15) / 16) {}
  explicit DeviceColumn(ConstOctets octets) : DeviceColumn(octets.size()) {
    std::copy(octets.begin(), octets.end(), data());
  }

  [[nodiscard]] std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(blocks_.data()); }

 private:
  std::vector<cuda::Block> blocks_;
};

template <std::size_t Width>
DeviceColumn copy_of(Column<Width> column, std::uint32_t count) {
  if (column.data == nullptr) return DeviceColumn(std::size_t{0});
  return DeviceColumn(ConstOctets(column.data, Width * (column.shared ? 1 : count)));
}

template <std::size_t Width>
cuda::InputColumn view(DeviceColumn& copy, Column<Width> column) {
  return {copy.data(), column.shared ? 0 : static_cast<std::uint32_t>(Width)};
}

/// Calls `work` for every thread of a launch over `count` entries, in blocks of two threads.
template <typename Work>
void for_each_thread(std::uint32_t count, Work&& work) {
  constexpr std::uint32_t kThreads = 2;
  for (std::uint32_t block = 0; block * kThreads * cuda::kAbreast < count; ++block) {
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      const cuda::Lanes lanes = cuda::lanes_of(block, thread, kThreads, count);
      if (lanes.has(0)) work(lanes);
    }
  }
}

struct DeriveAllAms {
  const cuda::AmsColumns& columns;

  template <profile::Variant V>
  void operator()() const {
    // As the kernels are: the width of a SAID does not matter to the steps of an AMS.
    constexpr profile::Variant kAms = {V.profile, V.nonce_first, 1, V.msid_privacy_off};
    const std::uint32_t demand = cuda::demand_of<kAms>(columns).slots();
    for_each_thread(columns.count, [&](const cuda::Lanes& lanes) {
      cuda::derive_ams<kAms>(columns, demand, lanes);
    });
  }
};

/// HostLaunch is what the kernels derive a batch from: inputs are in place, results have none yet.
struct HostLaunch {
  Profile profile = Profile::k16mDraft;
  ProfileOptions options;
  KeySet outputs;
  std::span<const std::uint16_t> tek_counters;
  std::vector<std::uint32_t> sa_counts;  ///< one an item
  cuda::AmsColumns columns;
  cuda::SaidColumn saids;
};

/// Derives the TEKs of items with unequal security associations, from what derive_ams() left.
void derive_all_teks(const HostLaunch& launch, const std::uint8_t* tek_kin, std::uint8_t* teks) {
  std::vector<std::uint32_t> first_sas(launch.sa_counts.size());
  std::exclusive_scan(launch.sa_counts.begin(), launch.sa_counts.end(), first_sas.begin(),
                      std::uint32_t{0});
  cuda::TekColumns columns;
  columns.tek_kin = tek_kin;
  columns.first_sas = first_sas.data();
  columns.items = launch.columns.count;
  columns.saids = launch.saids;
  columns.teks = teks;
  columns.count = std::accumulate(launch.sa_counts.begin(), launch.sa_counts.end(), 0U);
  columns.set_counters(launch.tek_counters);
  for_each_thread(columns.count, [&](const cuda::Lanes& lanes) {
    if (launch.options.said_octets == 2) {
      cuda::derive_teks<2>(columns, lanes);
    } else {
      cuda::derive_teks<1>(columns, lanes);
    }
  });
}

void launch_on_host(const HostLaunch& launch, const BatchResult& result) {
  cuda::AmsColumns columns = launch.columns;
  std::vector<DeviceColumn> keys;
  for (KeyKind kind : kAllKeyKinds) keys.emplace_back(result.column(kind).size());
  const auto key_column = [&](KeyKind kind) -> std::uint8_t* {
    return launch.outputs.contains(kind) ? keys[static_cast<std::size_t>(kind)].data() : nullptr;
  };
  for (KeyKind kind : kAllKeyKinds) {
    if (kind != KeyKind::kTek) columns.*cuda::result_column(kind) = key_column(kind);
  }
  const bool teks_wanted = launch.outputs.contains(KeyKind::kTek);
  const std::uint32_t first_count = launch.sa_counts.front();
  const bool equal_sas = teks_wanted && std::ranges::count(launch.sa_counts, first_count) ==
                                            static_cast<std::ptrdiff_t>(columns.count);
  DeviceColumn tek_kin(columns.count * kBlockOctets);
  if (equal_sas) {
    columns.sas.saids = launch.saids;
    columns.sas.teks = key_column(KeyKind::kTek);
    columns.sas.sas_per_item = first_count;
    columns.sas.said_octets = launch.options.said_octets;
    columns.sas.set_counters(launch.tek_counters);
  } else if (teks_wanted) {
    columns.tek_kin = tek_kin.data();
  }

  profile::with_variant(launch.profile, launch.options, DeriveAllAms{columns});
  if (teks_wanted && !equal_sas) {
    derive_all_teks(launch, tek_kin.data(), key_column(KeyKind::kTek));
  }
  for (KeyKind kind : kAllKeyKinds) {
    const Octets out = result.column(kind);
    if (!out.empty()) std::copy_n(key_column(kind), out.size(), out.begin());
  }
}

/// HostRows has the rows of resident AMSs, as a device does.
class HostRows final : public ResidentContexts {
 public:
  explicit HostRows(const ContextsShape& shape)
      : ResidentContexts(shape),
        row_octets_(cuda::row_octets(shape.most_sas * shape.options.said_octets)),
        memory_((std::size_t{shape.capacity} + 1) * row_octets_) {}

  [[nodiscard]] std::string description() const override { return "device code on the host"; }

 private:
  Status store(const CheckedContexts& contexts, std::span<const std::uint32_t> items,
               std::span<const std::uint32_t> rows) override {
    DeviceColumn staged(items.size() * row_octets_);
    cuda::RowPacker packer(contexts.batch(), row_octets_);
    packer.pack(items, {staged.data(), items.size() * row_octets_});
    write(rows, staged.data());
    return {};
  }

  Status wipe_rows(std::span<const std::uint32_t> rows) override {
    write(rows, nullptr);
    return {};
  }

  Status derive_rows(const CheckedHandover& handover, std::span<const std::uint32_t> rows,
                     const BatchResult& result) override {
    DeviceColumn bsid = copy_of(handover.bsid(), handover.count());
    DeviceColumn cmac_key_count = copy_of(handover.cmac_key_count(), handover.count());
    HostLaunch launch;
    launch.profile = shape().profile;
    launch.options = shape().options;
    launch.outputs = handover.outputs();
    launch.tek_counters = handover.tek_counters();
    launch.sa_counts.assign(handover.sa_counts().begin(), handover.sa_counts().end());
    launch.columns.count = handover.count();
    launch.columns.bsid = view(bsid, handover.bsid());
    launch.columns.cmac_key_count = view(cmac_key_count, handover.cmac_key_count());
    cuda::point_at_rows({memory_.data(), row_octets_}, rows.data(), &launch.columns, &launch.saids);
    launch_on_host(launch, result);
    return {};
  }

  void write(std::span<const std::uint32_t> rows, const std::uint8_t* from) {
    const cuda::RowWrite write = {
        {memory_.data(), row_octets_}, rows.data(), from, static_cast<std::uint32_t>(rows.size())};
    for (std::uint32_t unit = 0; unit < write.units(); ++unit) cuda::write_unit(write, unit);
  }

  const std::uint32_t row_octets_;
  DeviceColumn memory_;
};

class CudaHostEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "cuda_on_host"; }
  [[nodiscard]] std::string description() const override { return "device code on the host"; }
  [[nodiscard]] std::string unavailable_reason() const override { return {}; }
  Status open_contexts(const ContextsShape& shape,
                       std::unique_ptr<ResidentContexts>* out_contexts) override {
    *out_contexts = std::make_unique<HostRows>(shape);
    return {};
  }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override {
    const std::uint32_t count = batch.count();
    DeviceColumn pmk = copy_of(batch.pmk(), count);
    DeviceColumn msid = copy_of(batch.msid(), count);
    DeviceColumn bsid = copy_of(batch.bsid(), count);
    DeviceColumn nonce = copy_of(batch.nonce(), count);
    DeviceColumn cmac_key_count = copy_of(batch.cmac_key_count(), count);
    DeviceColumn ak_sn = copy_of(batch.ak_sn(), count);
    DeviceColumn saids(batch.saids());

    HostLaunch launch;
    launch.profile = batch.profile();
    launch.options = batch.options();
    launch.outputs = batch.outputs();
    launch.tek_counters = batch.tek_counters();
    for (std::uint32_t item = 0; item < count; ++item) {
      launch.sa_counts.push_back(batch.sa_count(item));
    }
    launch.columns.count = count;
    launch.columns.pmk = view(pmk, batch.pmk());
    launch.columns.msid = view(msid, batch.msid());
    launch.columns.bsid = view(bsid, batch.bsid());
    launch.columns.nonce = view(nonce, batch.nonce());
    launch.columns.cmac_key_count = view(cmac_key_count, batch.cmac_key_count());
    launch.columns.ak_sn = view(ak_sn, batch.ak_sn());
    launch.saids.data = saids.data();
    launch_on_host(launch, result);
    return {};
  }

  Status cmac_all(const CmacBatch& batch, Octets macs) override {
    DeviceColumn keys(batch.keys);
    DeviceColumn messages(batch.messages);
    DeviceColumn results(macs.size());
    const cuda::CmacColumns columns = {keys.data(), messages.data(), results.data(),
                                       batch.message_octets, batch.count};
    for_each_thread(batch.count,
                    [&](const cuda::Lanes& lanes) { cuda::cmac_messages(columns, lanes); });
    std::copy_n(results.data(), macs.size(), macs.begin());
    return {};
  }
};

}  // namespace

std::unique_ptr<Engine> make_cuda_host_engine() { return std::make_unique<CudaHostEngine>(); }

}  // namespace rekey::test
