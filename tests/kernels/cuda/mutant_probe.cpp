// SPDX-License-Identifier: Apache-2.0
//
// Derives batches with the device code that it was compiled with, on the host, from columns and
// from rows of resident AMSs, and with the referee. Exit codes: 0 they agree; 1 they differ; 2
// something else went wrong.
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "rekey/engines.h"
#include "resident/contexts_engine.h"
#include "support/batch_builder.h"
#include "support/cuda_host_engine.h"
#include "support/owned_result.h"

namespace {

using rekey::test::BatchShape;

enum ExitCode { kAgree = 0, kDiffer = 1, kFailed = 2 };

ExitCode compare_macs(rekey::Engine& engine, rekey::Engine& referee) {
  for (std::size_t length : {0, 5, 16, 33, 48}) {
    constexpr std::uint32_t kCount = 9;
    std::vector<std::uint8_t> keys(kCount * rekey::kBlockOctets, 0x3c);
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] ^= static_cast<std::uint8_t>(i * 29);
    std::vector<std::uint8_t> messages(kCount * length, 0x5a);
    for (std::size_t i = 0; i < messages.size(); ++i)
      messages[i] ^= static_cast<std::uint8_t>(i * 31);
    const rekey::CmacBatch batch = {kCount, keys, messages, length};
    std::vector<std::uint8_t> expected(keys.size());
    std::vector<std::uint8_t> found(keys.size());
    if (!referee.cmac(batch, expected).ok() || !engine.cmac(batch, found).ok()) return kFailed;
    if (found != expected) return kDiffer;
  }
  return kAgree;
}

ExitCode compare(rekey::Engine& engine, rekey::Engine& referee, const BatchShape& shape) {
  const auto columns = rekey::test::BatchColumns::random(shape, 1);
  rekey::CheckedBatch batch;
  if (!rekey::check_batch(columns.input(), &batch).ok()) return kFailed;
  const rekey::test::OwnedResult expected(batch);
  const rekey::test::OwnedResult found(batch);
  if (!referee.derive(batch, expected.result()).ok()) return kFailed;
  if (!engine.derive(batch, found.result()).ok()) return kFailed;
  return rekey::test::first_difference(batch, expected, found).empty() ? kAgree : kDiffer;
}

}  // namespace

int main() {
  const auto engine = rekey::test::make_cuda_host_engine();
  rekey::ContextsEngine contexts(*engine);
  const auto referee = rekey::make_openssl_engine();
  for (const auto& variant : rekey::test::all_variants()) {
    for (const auto sas : {rekey::test::SaShape::kEqual, rekey::test::SaShape::kUnequal}) {
      BatchShape shape;
      shape.variant = variant;
      shape.count = 19;
      shape.sas = sas;
      shape.max_sas = 2;
      for (rekey::Engine* way : std::array<rekey::Engine*, 2>{engine.get(), &contexts}) {
        const ExitCode found = compare(*way, *referee, shape);
        if (found != kAgree) return found;
      }
    }
  }
  return compare_macs(*engine, *referee);
}
