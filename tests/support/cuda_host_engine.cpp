// SPDX-License-Identifier: Apache-2.0
#include "support/cuda_host_engine.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/ams.h"
#include "cuda/cmac.h"
#include "cuda/lanes.h"
#include "cuda/tek.h"
#include "profile/variants.h"

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
    const std::uint32_t demand = cuda::demand_of<V>(columns).slots();
    for_each_thread(columns.count,
                    [&](const cuda::Lanes& lanes) { cuda::derive_ams<V>(columns, demand, lanes); });
  }
};

class CudaHostEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "cuda_on_host"; }
  [[nodiscard]] std::string description() const override { return "device code on the host"; }
  [[nodiscard]] std::string unavailable_reason() const override { return {}; }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override {
    const std::uint32_t count = batch.count();
    DeviceColumn pmk = copy_of(batch.pmk(), count);
    DeviceColumn msid = copy_of(batch.msid(), count);
    DeviceColumn bsid = copy_of(batch.bsid(), count);
    DeviceColumn nonce = copy_of(batch.nonce(), count);
    DeviceColumn cmac_key_count = copy_of(batch.cmac_key_count(), count);
    DeviceColumn ak_sn = copy_of(batch.ak_sn(), count);

    cuda::AmsColumns columns;
    columns.pmk = view(pmk, batch.pmk());
    columns.msid = view(msid, batch.msid());
    columns.bsid = view(bsid, batch.bsid());
    columns.nonce = view(nonce, batch.nonce());
    columns.cmac_key_count = view(cmac_key_count, batch.cmac_key_count());
    columns.ak_sn = view(ak_sn, batch.ak_sn());
    columns.count = count;

    std::vector<DeviceColumn> keys;
    for (KeyKind kind : kAllKeyKinds) keys.emplace_back(batch.result_octets(kind));
    const auto key_column = [&](KeyKind kind) -> std::uint8_t* {
      return batch.outputs().contains(kind) ? keys[static_cast<std::size_t>(kind)].data() : nullptr;
    };
    for (KeyKind kind : kAllKeyKinds) {
      if (kind != KeyKind::kTek) columns.*cuda::result_column(kind) = key_column(kind);
    }
    const bool teks_wanted = batch.outputs().contains(KeyKind::kTek);
    const bool equal_sas = teks_wanted && count > 0 && has_equal_sas(batch);
    DeviceColumn tek_kin(count * kBlockOctets);
    DeviceColumn saids(batch.saids());
    if (equal_sas) {
      columns.sas.saids.data = saids.data();
      columns.sas.teks = key_column(KeyKind::kTek);
      columns.sas.sas_per_item = batch.sa_count(0);
      columns.sas.said_octets = batch.options().said_octets;
      columns.sas.set_counters(batch.tek_counters());
    } else if (teks_wanted) {
      columns.tek_kin = tek_kin.data();
    }

    profile::with_variant(batch.profile(), batch.options(), DeriveAllAms{columns});
    if (teks_wanted && !equal_sas) {
      derive_all_teks(batch, tek_kin.data(), key_column(KeyKind::kTek));
    }

    for (KeyKind kind : kAllKeyKinds) {
      const Octets out = result.column(kind);
      if (!out.empty()) std::copy_n(key_column(kind), out.size(), out.begin());
    }
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

 private:
  static bool has_equal_sas(const CheckedBatch& batch) {
    for (std::uint32_t item = 1; item < batch.count(); ++item) {
      if (batch.sa_count(item) != batch.sa_count(0)) return false;
    }
    return true;
  }

  static void derive_all_teks(const CheckedBatch& batch, const std::uint8_t* tek_kin,
                              std::uint8_t* teks) {
    std::vector<std::uint32_t> counts(batch.count());
    for (std::uint32_t item = 0; item < batch.count(); ++item) counts[item] = batch.sa_count(item);
    std::vector<std::uint32_t> first_sas(batch.count());
    std::exclusive_scan(counts.begin(), counts.end(), first_sas.begin(), std::uint32_t{0});
    DeviceColumn saids(batch.saids());

    cuda::TekColumns columns;
    columns.tek_kin = tek_kin;
    columns.first_sas = first_sas.data();
    columns.items = batch.count();
    columns.saids.data = saids.data();
    columns.teks = teks;
    columns.count = batch.total_sas();
    columns.set_counters(batch.tek_counters());
    for_each_thread(columns.count, [&](const cuda::Lanes& lanes) {
      if (batch.options().said_octets == 2) {
        cuda::derive_teks<2>(columns, lanes);
      } else {
        cuda::derive_teks<1>(columns, lanes);
      }
    });
  }
};

}  // namespace

std::unique_ptr<Engine> make_cuda_host_engine() { return std::make_unique<CudaHostEngine>(); }

}  // namespace rekey::test
