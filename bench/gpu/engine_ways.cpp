// SPDX-License-Identifier: Apache-2.0
#include "gpu/engine_ways.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engines/workload.h"
#include "rekey/resident.h"
#include "rekey/secret.h"

namespace rekey::bench {
namespace {

SecretBuffer copy_of(ConstOctets octets, std::pmr::memory_resource* memory) {
  SecretBuffer copy(octets.size(), memory);
  std::ranges::copy(octets, copy.octets().begin());
  return copy;
}

/// The octets of a column of a workload, none of which is shared.
template <std::size_t Width>
ConstOctets octets(const Column<Width>& column, const CheckedBatch& batch) {
  return column.octets(batch.count());
}

class EndToEnd final : public Way {
 public:
  EndToEnd(Engine& engine, const CheckedBatch& batch, std::pmr::memory_resource* memory)
      : engine_(engine),
        pmk_(copy_of(octets(batch.pmk(), batch), memory)),
        msid_(copy_of(octets(batch.msid(), batch), memory)),
        bsid_(copy_of(octets(batch.bsid(), batch), memory)),
        nonce_(copy_of(octets(batch.nonce(), batch), memory)),
        cmac_key_count_(copy_of(octets(batch.cmac_key_count(), batch), memory)),
        ak_sn_(copy_of(octets(batch.ak_sn(), batch), memory)),
        saids_(copy_of(batch.saids(), memory)),
        keys_(batch, memory) {}

  Status check(const CheckedBatch& batch) {
    BatchInput input;
    input.profile = batch.profile();
    input.options = batch.options();
    input.count = batch.count();
    input.pmk = pmk_.octets();
    input.msid = msid_.octets();
    input.bsid = bsid_.octets();
    input.nonce = nonce_.octets();
    input.cmac_key_count = cmac_key_count_.octets();
    input.ak_sn = ak_sn_.octets();
    input.saids = saids_.octets();
    return check_batch(input, &batch_);
  }

  Status run() override { return engine_.derive(batch_, keys_.result()); }
  [[nodiscard]] const BatchResult* keys() const override { return &keys_.result(); }

 private:
  Engine& engine_;
  SecretBuffer pmk_, msid_, bsid_, nonce_, cmac_key_count_, ak_sn_, saids_;
  CheckedBatch batch_;
  ResultColumns keys_;
};

class ByHandles final : public Way {
 public:
  ByHandles(const CheckedBatch& batch, std::pmr::memory_resource* memory)
      : bsid_(copy_of(octets(batch.bsid(), batch), memory)),
        cmac_key_count_(copy_of(octets(batch.cmac_key_count(), batch), memory)),
        handles_(batch.count()),
        codes_(batch.count()),
        keys_(batch, memory) {}

  Status add(Engine& engine, const CheckedBatch& batch) {
    const ContextsShape shape = {batch.profile(), batch.options(), batch.count(), 1};
    if (Status s = make_resident_contexts(engine, shape, &contexts_); !s.ok()) return s;
    const ContextInput input = {batch.count(),
                                octets(batch.pmk(), batch),
                                octets(batch.msid(), batch),
                                octets(batch.nonce(), batch),
                                octets(batch.ak_sn(), batch),
                                {},
                                batch.saids()};
    CheckedContexts checked;
    if (Status s = check_contexts(shape, input, &checked); !s.ok()) return s;
    if (Status s = contexts_->add(checked, handles_); !s.ok()) return s;
    return check_handover(shape, {handles_, bsid_.octets(), cmac_key_count_.octets(), {}, {}},
                          &handover_);
  }

  Status run() override { return contexts_->derive(handover_, keys_.result(), codes_); }
  [[nodiscard]] const BatchResult* keys() const override { return &keys_.result(); }

 private:
  std::unique_ptr<ResidentContexts> contexts_;
  SecretBuffer bsid_, cmac_key_count_;
  std::vector<ContextHandle> handles_;
  std::vector<Code> codes_;
  CheckedHandover handover_;
  ResultColumns keys_;
};

}  // namespace

WayKind end_to_end(std::string name, std::string description, Engine& engine,
                   std::pmr::memory_resource* memory) {
  return {std::move(name), std::move(description),
          [&engine, memory](const CheckedBatch& batch, std::unique_ptr<Way>* out_way) {
            auto way = std::make_unique<EndToEnd>(engine, batch, memory);
            Status status = way->check(batch);
            *out_way = std::move(way);
            return status;
          }};
}

WayKind by_handles(std::string name, std::string description, Engine& engine,
                   std::pmr::memory_resource* memory) {
  return {std::move(name), std::move(description),
          [&engine, memory](const CheckedBatch& batch, std::unique_ptr<Way>* out_way) {
            auto way = std::make_unique<ByHandles>(batch, memory);
            Status status = way->add(engine, batch);
            *out_way = std::move(way);
            return status;
          }};
}

}  // namespace rekey::bench
