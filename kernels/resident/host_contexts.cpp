// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "rekey/resident.h"
#include "rekey/secret.h"

namespace rekey {
namespace {

/// RowColumn is one value of every row.
class RowColumn {
 public:
  RowColumn(std::uint32_t rows, std::size_t width)
      : width_(width), octets_(std::size_t{rows} * width) {}

  void set(std::uint32_t row, const std::uint8_t* from, std::size_t octets) {
    std::copy_n(from, octets, at(row).begin());
  }
  void wipe_row(std::uint32_t row) { wipe(at(row)); }
  /// Appends the first `octets` octets of the value of a row.
  void append(std::uint32_t row, std::size_t octets, std::uint8_t*& to) {
    to = std::copy_n(at(row).begin(), octets, to);
  }
  /// The values of `rows`, one after the other.
  SecretBuffer gather(std::span<const std::uint32_t> rows) {
    SecretBuffer gathered(rows.size() * width_);
    std::uint8_t* to = gathered.octets().data();
    for (std::uint32_t row : rows) append(row, width_, to);
    return gathered;
  }

 private:
  Octets at(std::uint32_t row) { return octets_.octets().subspan(row * width_, width_); }

  std::size_t width_;
  SecretBuffer octets_;
};

class HostContexts final : public ResidentContexts {
 public:
  HostContexts(Engine& engine, const ContextsShape& shape)
      : ResidentContexts(shape),
        engine_(engine),
        pmk_(shape.capacity + 1, kPmkOctets),
        msid_(shape.capacity + 1, kMsidOctets),
        nonce_(shape.capacity + 1, takes_nonce(shape.profile, shape.options) ? kNonceOctets : 0),
        ak_sn_(shape.capacity + 1, kAkSnOctets),
        saids_(shape.capacity + 1, std::size_t{shape.most_sas} * shape.options.said_octets) {}

  [[nodiscard]] std::string description() const override { return "host memory"; }

 private:
  Status store(const CheckedContexts& contexts, std::span<const std::uint32_t> items,
               std::span<const std::uint32_t> rows) override;
  Status wipe_rows(std::span<const std::uint32_t> rows) override;
  Status derive_rows(const CheckedHandover& handover, std::span<const std::uint32_t> rows,
                     const BatchResult& result) override;

  Engine& engine_;
  RowColumn pmk_, msid_, nonce_, ak_sn_, saids_;
};

Status HostContexts::store(const CheckedContexts& contexts, std::span<const std::uint32_t> items,
                           std::span<const std::uint32_t> rows) {
  const CheckedBatch& batch = contexts.batch();
  const std::size_t said_octets = shape().options.said_octets;
  const std::uint8_t* saids = batch.saids().data();
  std::uint32_t item = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    saids += batch.sa_count(item, items[i] - item) * said_octets;
    item = items[i];
    const std::uint32_t row = rows[i];
    pmk_.set(row, batch.pmk().at(item), kPmkOctets);
    msid_.set(row, batch.msid().at(item), kMsidOctets);
    if (batch.nonce().data != nullptr) nonce_.set(row, batch.nonce().at(item), kNonceOctets);
    ak_sn_.set(row, batch.ak_sn().at(item), kAkSnOctets);
    saids_.set(row, saids, batch.sa_count(item) * said_octets);
  }
  return {};
}

Status HostContexts::wipe_rows(std::span<const std::uint32_t> rows) {
  for (RowColumn* column : {&pmk_, &msid_, &nonce_, &ak_sn_, &saids_}) {
    for (std::uint32_t row : rows) column->wipe_row(row);
  }
  return {};
}

Status HostContexts::derive_rows(const CheckedHandover& handover,
                                 std::span<const std::uint32_t> rows, const BatchResult& result) {
  const SecretBuffer pmk = pmk_.gather(rows);
  const SecretBuffer msid = msid_.gather(rows);
  const SecretBuffer nonce = nonce_.gather(rows);
  const SecretBuffer ak_sn = ak_sn_.gather(rows);
  const std::size_t said_octets = shape().options.said_octets;
  SecretBuffer saids(handover.total_sas() * said_octets);
  std::uint8_t* next_saids = saids.octets().data();
  for (std::size_t item = 0; item < rows.size(); ++item) {
    saids_.append(rows[item], handover.sa_counts()[item] * said_octets, next_saids);
  }

  const std::uint32_t count = handover.count();
  BatchInput input;
  input.profile = shape().profile;
  input.options = shape().options;
  input.count = count;
  input.pmk = pmk.octets();
  input.msid = msid.octets();
  input.bsid = handover.bsid().octets(count);
  input.nonce = nonce.octets();
  input.cmac_key_count = handover.cmac_key_count().octets(count);
  input.ak_sn = ak_sn.octets();
  if (derived_keys(shape().profile).contains(KeyKind::kTek)) {
    input.sa_counts = handover.sa_counts();
    input.saids = saids.octets();
    input.tek_counters = handover.tek_counters();
  }
  input.outputs = handover.outputs();
  CheckedBatch batch;
  if (Status s = check_batch(input, &batch); !s.ok()) return s;
  return engine_.derive(batch, result);
}

}  // namespace

std::unique_ptr<ResidentContexts> make_host_contexts(Engine& engine, const ContextsShape& shape) {
  return std::make_unique<HostContexts>(engine, shape);
}

}  // namespace rekey
