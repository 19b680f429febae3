// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "engines/aes_instructions.h"
#include "engines/contender.h"
#include "engines/formulas.h"
#include "engines/ipsec_mb.h"
#include "engines/openssl_ways.h"
#include "rekey/engines.h"

namespace rekey::bench {
namespace {

/// An engine of the library.
class EngineContender final : public Contender {
 public:
  EngineContender(std::string name, std::unique_ptr<Engine> engine,
                  std::string_view aes_instruction = {})
      : name_(std::move(name)), engine_(std::move(engine)), aes_instruction_(aes_instruction) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return engine_->description(); }
  [[nodiscard]] std::string_view aes_instruction() const override { return aes_instruction_; }
  Status admit() override { return rekey::admit(*engine_); }
  Status derive(const CheckedBatch& batch, const BatchResult& result) override {
    return engine_->derive(batch, result);
  }

 private:
  std::string name_;
  std::unique_ptr<Engine> engine_;
  std::string_view aes_instruction_;
};

/// Nothing says how fast several cores at a time execute the instruction, so with several threads
/// no bound is known.
std::unique_ptr<Contender> make_simd_contender(std::string name, std::string_view target,
                                               WorkerPool* pool) {
  const bool one_thread = pool == nullptr || pool->threads() == 1;
  return std::make_unique<EngineContender>(
      std::move(name), make_simd_engine(target, pool),
      one_thread ? instruction_of_simd_target(target) : std::string_view());
}

}  // namespace

std::vector<std::unique_ptr<Contender>> make_simd_contenders(const ContenderChoice& choice) {
  std::vector<std::unique_ptr<Contender>> contenders;
  for (const std::string& target : choice.simd_targets) {
    contenders.push_back(make_simd_contender("simd_" + target, target, choice.pool));
  }
  if (contenders.empty()) {
    const auto targets = simd_targets();
    contenders.push_back(
        make_simd_contender("simd", targets.empty() ? "" : targets.front(), choice.pool));
  }
  return contenders;
}

std::vector<std::unique_ptr<Contender>> make_contenders(const ContenderChoice& choice) {
  std::vector<std::unique_ptr<Contender>> contenders;
  for (auto make_way : {make_openssl_loop, make_openssl_reused, make_openssl_ecb,
                        make_ipsec_mb_cmac, make_ipsec_mb_cbc}) {
    contenders.push_back(make_formulas(make_way()));
  }
  contenders.push_back(std::make_unique<EngineContender>("openssl-referee", make_openssl_engine()));
  contenders.push_back(std::make_unique<EngineContender>("openssl", make_openssl_ecb_engine()));
  for (auto& contender : make_simd_contenders(choice)) contenders.push_back(std::move(contender));
  contenders.push_back(std::make_unique<EngineContender>("cuda", make_cuda_engine()));
  return contenders;
}

}  // namespace rekey::bench
