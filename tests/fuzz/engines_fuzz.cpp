// SPDX-License-Identifier: Apache-2.0
//
// Octets as a batch, which every engine of the CPU must derive as the referee does.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "fuzz/octets.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey::fuzz {
namespace {

/// The vector engine on every instruction set there is here, and the fast one of OpenSSL's.
std::vector<std::unique_ptr<Engine>> make_judged_engines() {
  std::vector<std::unique_ptr<Engine>> engines;
  for (const std::string_view target : simd_targets()) engines.push_back(make_simd_engine(target));
  engines.push_back(make_openssl_ecb_engine());
  return engines;
}

Engine& referee() {
  static const std::unique_ptr<Engine> engine = make_openssl_engine();
  return *engine;
}

const std::vector<std::unique_ptr<Engine>>& judged_engines() {
  static const auto engines = make_judged_engines();
  return engines;
}

void require_same(const Engine& engine, const std::string& difference) {
  const std::string found = engine.description() + ": " + difference;
  require(difference.empty(), found.c_str());
}

/// Mostly around the lanes of vectors; sometimes as many as vectors go through in several rounds.
std::uint32_t count_from(InputOctets& octets) {
  constexpr std::uint32_t kMostOfFew = 70;
  const std::uint32_t count = octets.next();
  return count < 240 ? count % (kMostOfFew + 1) : 126 + octets.next();
}

test::BatchShape shape_from(InputOctets& octets) {
  const auto variants = test::all_variants();
  test::BatchShape shape;
  shape.variant = variants[octets.next() % variants.size()];
  shape.count = count_from(octets);
  const std::uint8_t shared = octets.next();
  shape.shared_pmk = (shared & 1) != 0;
  shape.shared_msid = (shared & 2) != 0;
  shape.shared_bsid = (shared & 4) != 0;
  shape.shared_nonce = (shared & 8) != 0;
  shape.shared_cmac_key_count = (shared & 16) != 0;
  shape.shared_ak_sn = (shared & 32) != 0;
  shape.sas = test::kAllSaShapes[octets.next() % test::kAllSaShapes.size()];
  // Many only where they stay few in all.
  shape.max_sas = octets.between(1, shape.count <= 4 ? kMaxSasPerAms : 5);
  shape.tek_counters = octets.between(0, shape.count <= 8 ? kMaxTekCounters : 3);
  const auto subsets = test::output_subsets(shape.variant.profile);
  const std::uint8_t subset = octets.next();
  if (subset < subsets.size()) shape.outputs = subsets[subset];
  shape.bad_percent = octets.between(0, 100);
  return shape;
}

/// Hands security associations from one AMS to another, as long as there is input.
void move_sas(InputOctets& octets, std::vector<std::uint8_t>* counts) {
  while (!octets.empty() && !counts->empty()) {
    std::uint8_t& from = (*counts)[octets.next() % counts->size()];
    std::uint8_t& to = (*counts)[octets.next() % counts->size()];
    const std::uint32_t sas = octets.between(0, std::min<std::uint32_t>(from, kMaxSasPerAms - to));
    from = static_cast<std::uint8_t>(from - sas);
    to = static_cast<std::uint8_t>(to + sas);
  }
}

void compare_keys(InputOctets& octets) {
  const test::BatchShape shape = shape_from(octets);
  const std::uint64_t seed = octets.next();
  auto columns = test::BatchColumns::random(shape, seed);
  move_sas(octets, &columns.sa_counts);
  CheckedBatch batch;
  require(check_batch(columns.input(), &batch).ok(), "a batch of any such shape is taken");
  const test::OwnedResult expected(batch);
  require(referee().derive(batch, expected.result()).ok(), "the referee derives");
  for (const auto& engine : judged_engines()) {
    const test::OwnedResult found(batch);
    const Status status = engine->derive(batch, found.result());
    require_same(*engine,
                 status.ok() ? test::first_difference(batch, expected, found) : status.message());
  }
}

void compare_macs(InputOctets& octets) {
  CmacBatch batch;
  batch.count = count_from(octets);
  batch.message_octets = octets.next();
  std::vector<std::uint8_t> keys(batch.count * kBlockOctets);
  std::vector<std::uint8_t> messages(batch.count * batch.message_octets);
  // Different ones, wherever the input ends.
  std::uint8_t last = 0;
  for (std::uint8_t& octet : keys) octet = last += octets.next() + 29;
  for (std::uint8_t& octet : messages) octet = last += octets.next() + 31;
  batch.keys = keys;
  batch.messages = messages;
  std::vector<std::uint8_t> expected(keys.size());
  require(referee().cmac(batch, expected).ok(), "the referee's MACs");
  for (const auto& engine : judged_engines()) {
    std::vector<std::uint8_t> found(keys.size());
    const Status status = engine->cmac(batch, found);
    require_same(*engine, status.ok() ? (found == expected ? "" : "other MACs") : status.message());
  }
}

}  // namespace
}  // namespace rekey::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rekey::fuzz::InputOctets octets({data, size});
  if (octets.between(0, 7) == 7) {
    rekey::fuzz::compare_macs(octets);
  } else {
    rekey::fuzz::compare_keys(octets);
  }
  return 0;
}
