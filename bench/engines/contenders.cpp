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
                  std::string_view aes_instruction = {}, WorkerPool* pool = nullptr)
      : name_(std::move(name)),
        engine_(std::move(engine)),
        aes_instruction_(aes_instruction),
        pool_(pool) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return engine_->description(); }
  [[nodiscard]] std::string_view aes_instruction() const override { return aes_instruction_; }
  [[nodiscard]] WorkerPool* pool() const override { return pool_; }
  Status admit() override { return rekey::admit(*engine_); }
  Status derive(const CheckedBatch& batch, const BatchResult& result) override {
    return engine_->derive(batch, result);
  }

 private:
  std::string name_;
  std::unique_ptr<Engine> engine_;
  std::string_view aes_instruction_;
  WorkerPool* pool_;
};

void add_simd(const std::string& name, std::string_view target, WorkerPool* pool,
              std::vector<std::unique_ptr<Contender>>* contenders) {
  if (pool != nullptr && pool->threads() == 1) pool = nullptr;
  contenders->push_back(std::make_unique<EngineContender>(
      name, make_simd_engine(target, pool), instruction_of_simd_target(target), pool));
  if (pool != nullptr) add_simd(name + "-1-thread", target, nullptr, contenders);
}

}  // namespace

std::vector<std::unique_ptr<Contender>> make_simd_contenders(const ContenderChoice& choice) {
  std::vector<std::unique_ptr<Contender>> contenders;
  for (const std::string& target : choice.simd_targets) {
    add_simd("simd_" + target, target, choice.pool, &contenders);
  }
  if (contenders.empty()) {
    const auto targets = simd_targets();
    add_simd("simd", targets.empty() ? "" : targets.front(), choice.pool, &contenders);
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
