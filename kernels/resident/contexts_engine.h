// SPDX-License-Identifier: Apache-2.0
//
// An engine that derives by way of resident contexts, so that whatever is asked of an engine can be
// asked of them: known answers, published vectors, agreement with the referee.
#pragma once

#include <string>
#include <string_view>

#include "rekey/engine.h"
#include "rekey/resident.h"

namespace rekey {

/// ContextsEngine adds the AMSs of a batch to a set of another engine's, derives by their handles
/// and removes them. MACs are the other engine's own.
class ContextsEngine : public Engine {
 public:
  /// `engine` must outlive it.
  explicit ContextsEngine(Engine& engine) : engine_(engine) {}

  [[nodiscard]] std::string_view name() const override { return engine_.name(); }
  [[nodiscard]] std::string description() const override { return engine_.description(); }
  [[nodiscard]] std::string unavailable_reason() const override {
    return engine_.unavailable_reason();
  }
  Status open_contexts(const ContextsShape& shape,
                       std::unique_ptr<ResidentContexts>* out_contexts) override {
    return engine_.open_contexts(shape, out_contexts);
  }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override;
  Status cmac_all(const CmacBatch& batch, Octets macs) override {
    return engine_.cmac(batch, macs);
  }

 private:
  Engine& engine_;
};

}  // namespace rekey
