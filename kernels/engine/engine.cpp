// SPDX-License-Identifier: Apache-2.0
#include "rekey/engine.h"

#include <string>

#include "batch/blank_failed.h"
#include "rekey/resident.h"
#include "rekey/secret.h"

namespace rekey {
namespace {

Status wrong_size(std::string_view field, std::size_t expected, std::size_t found) {
  return Status::invalid_argument(std::string(field) + ": expected " + std::to_string(expected) +
                                  " octets, found " + std::to_string(found));
}

/// Whether `octets` are `count` values of `width`, a product that may not fit its type.
bool holds(ConstOctets octets, std::size_t count, std::size_t width) {
  if (count == 0 || width == 0) return octets.empty();
  return octets.size() % count == 0 && octets.size() / count == width;
}

}  // namespace

Status Engine::available() const {
  std::string reason = unavailable_reason();
  if (reason.empty()) return {};
  return {Code::kUnavailable, std::string(name()) + ": " + reason};
}

Status Engine::derive(const CheckedBatch& batch, const BatchResult& result) {
  for (KeyKind kind : kAllKeyKinds) {
    const std::size_t expected = batch.result_octets(kind);
    const std::size_t found = result.column(kind).size();
    if (found != expected) return wrong_size(to_string(kind), expected, found);
  }
  Status status = available();
  if (status.ok() && batch.count() > 0) status = derive_all(batch, result);
  if (!status.ok()) {
    for (KeyKind kind : kAllKeyKinds) wipe(result.column(kind));
    return status;
  }
  if (batch.failed() > 0) {
    blank_failed(
        batch.codes(), batch.tek_counters().size(),
        [&](std::size_t item) { return batch.sa_count(item); }, result);
  }
  return {};
}

Status Engine::cmac(const CmacBatch& batch, Octets macs) {
  const std::size_t count = batch.count;
  if (batch.keys.size() != count * kBlockOctets) {
    return wrong_size("keys", count * kBlockOctets, batch.keys.size());
  }
  if (!holds(batch.messages, count, batch.message_octets)) {
    return Status::invalid_argument("messages: expected " + std::to_string(count) + " x " +
                                    std::to_string(batch.message_octets) + " octets, found " +
                                    std::to_string(batch.messages.size()));
  }
  if (macs.size() != count * kBlockOctets) {
    return wrong_size("macs", count * kBlockOctets, macs.size());
  }
  Status status = available();
  if (status.ok() && count > 0) status = cmac_all(batch, macs);
  if (!status.ok()) wipe(macs);
  return status;
}

Status Engine::open_contexts(const ContextsShape& shape,
                             std::unique_ptr<ResidentContexts>* out_contexts) {
  if (Status s = available(); !s.ok()) return s;
  *out_contexts = make_host_contexts(*this, shape);
  return {};
}

}  // namespace rekey
