// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/local_engine.h"

#include <utility>
#include <vector>

#include "rekey/batch.h"
#include "rekey/engines.h"

namespace rekey::ctl {
namespace {

class LocalDeriver final : public Deriver {
 public:
  LocalDeriver(std::unique_ptr<Engine> engine, Wanted wanted)
      : engine_(std::move(engine)), wanted_(std::move(wanted)) {}

  [[nodiscard]] std::size_t window() const override { return 1; }

  Status submit(std::unique_ptr<Chunk> chunk) override {
    chunk_ = std::move(chunk);
    chunk_->engine = engine_->name();
    return derive_keys(*engine_, wanted_, chunk_->wave, &chunk_->keys);
  }

  Status take(std::unique_ptr<Chunk>* out_chunk) override {
    *out_chunk = std::move(chunk_);
    return {};
  }

 private:
  std::unique_ptr<Engine> engine_;
  Wanted wanted_;
  std::unique_ptr<Chunk> chunk_;
};

}  // namespace

Status choose_engine(const std::string& name, std::unique_ptr<Engine>* out_engine) {
  std::string names;
  Status refusal;
  for (auto& engine : make_engines()) {
    names += (names.empty() ? "" : ", ") + std::string(engine->name());
    if (!name.empty() && engine->name() != name) continue;
    refusal = admit(*engine);
    if (refusal.ok()) {
      *out_engine = std::move(engine);
      return {};
    }
    if (!name.empty()) return refusal;
  }
  if (name.empty()) return refusal;
  return Status::invalid_argument("engine: expected one of " + names + ", found " + name);
}

Status derive_keys(Engine& engine, const Wanted& wanted, const wave::Wave& wave,
                   wave::DerivedKeys* out_keys) {
  BatchInput input = wave.input(0, static_cast<std::uint32_t>(wave.size()));
  input.outputs = wanted.outputs;
  input.tek_counters = wanted.tek_counters;
  CheckedBatch batch;
  if (Status s = check_batch(input, &batch); !s.ok()) return s;
  out_keys->allocate(wave, wanted.outputs, wanted.tek_counters);
  if (Status s = engine.derive(batch, out_keys->result()); !s.ok()) return s;
  for (std::size_t item = 0; item < batch.count(); ++item) {
    if (batch.codes()[item] == Code::kOk) continue;
    out_keys->set_failed(item, static_cast<int>(batch.codes()[item]), batch.item_message(item));
  }
  return {};
}

std::unique_ptr<Deriver> make_local_deriver(std::unique_ptr<Engine> engine, Wanted wanted) {
  return std::make_unique<LocalDeriver>(std::move(engine), std::move(wanted));
}

}  // namespace rekey::ctl
