// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "engines/contender.h"
#include "engines/openssl_loop.h"
#include "rekey/engines.h"

namespace rekey::bench {
namespace {

/// An engine of the library.
class EngineContender final : public Contender {
 public:
  EngineContender(std::string name, std::unique_ptr<Engine> engine)
      : name_(std::move(name)), engine_(std::move(engine)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return engine_->description(); }
  Status admit() override { return rekey::admit(*engine_); }
  Status derive(const CheckedBatch& batch, const BatchResult& result) override {
    return engine_->derive(batch, result);
  }

 private:
  std::string name_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace

std::vector<std::unique_ptr<Contender>> make_contenders(const ContenderChoice& choice) {
  std::vector<std::unique_ptr<Contender>> contenders;
  const auto add = [&](std::string name, std::unique_ptr<Engine> engine) {
    contenders.push_back(std::make_unique<EngineContender>(std::move(name), std::move(engine)));
  };
  contenders.push_back(make_openssl_loop());
  add("openssl", make_openssl_engine());
  if (choice.simd_targets.empty()) add("simd", make_simd_engine());
  for (const std::string& target : choice.simd_targets) {
    add("simd_" + target, make_simd_engine(target));
  }
  add("cuda", make_cuda_engine());
  return contenders;
}

}  // namespace rekey::bench
