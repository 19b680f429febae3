// SPDX-License-Identifier: Apache-2.0
//
// Derives under Valgrind's memcheck with key octets that it takes for uninitialised, after
// Langley's ctgrind: memcheck follows them through registers and memory, and reports every branch
// and every address that depends on one. What is public (identities, nonces, counts, SAIDs) stays
// defined.
//
//   taint_probe --list     prints the names of all subjects, one a line
//   taint_probe SUBJECT    runs one; without Valgrind it refuses
//
// Exit code: 0, or 1 with a reason. What memcheck reports is Valgrind's to turn into an exit code.
#include <valgrind/memcheck.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/constant_time/doubles.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/cuda_host_engine.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

struct Subject {
  std::string name;
  std::function<std::unique_ptr<Engine>()> make;
  bool is_double = false;
};

std::vector<Subject> subjects() {
  std::vector<Subject> subjects;
  for (std::string_view target : simd_targets()) {
    subjects.push_back(
        {"simd_" + std::string(target), [target] { return make_simd_engine(target); }});
  }
  subjects.push_back({"cuda_on_host", make_cuda_host_engine});
  for (auto make : {make_early_exit_engine, make_table_lookup_engine, make_branch_free_engine}) {
    subjects.push_back({"double_" + std::string(make()->name()), make, true});
  }
  return subjects;
}

void require(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

void taint(std::vector<std::uint8_t>& octets) {
  VALGRIND_MAKE_MEM_UNDEFINED(octets.data(), octets.size());
}

/// Requires every bit to depend on a key: else memcheck has lost track, and its silence says
/// nothing.
void require_tainted(ConstOctets octets, std::string_view what) {
  std::vector<std::uint8_t> undefined_bits(octets.size());
  if (VALGRIND_GET_VBITS(octets.data(), undefined_bits.data(), octets.size()) != 1) {
    throw std::runtime_error("memcheck does not tell which octets are defined");
  }
  if (std::ranges::any_of(undefined_bits, [](std::uint8_t bits) { return bits != 0xFF; })) {
    throw std::runtime_error(std::string(what) +
                             ": memcheck lost track of the key on the way here");
  }
}

/// Derives one batch from tainted PMKs. Returns how many octets of keys came out tainted.
std::size_t derive_tainted(Engine& engine, const BatchShape& shape) {
  BatchColumns columns = BatchColumns::random(shape, shape.count);
  CheckedBatch batch;
  require(check_batch(columns.input(), &batch));
  const OwnedResult result(batch);
  taint(columns.pmk);
  require(engine.derive(batch, result.result()));

  std::size_t tainted = 0;
  const auto follow = [&](ConstOctets key, KeyKind kind) {
    require_tainted(key, to_string(kind));
    tainted += key.size();
  };
  std::size_t tek = 0;
  for (std::size_t item = 0; item < batch.count(); ++item) {
    const bool good = batch.codes()[item] == Code::kOk;
    for (KeyKind kind : kAllKeyKinds) {
      // MSID* is public and made of nothing else.
      if (kind == KeyKind::kMsidStar || kind == KeyKind::kTek) continue;
      if (good && batch.outputs().contains(kind)) follow(result.key(kind, item), kind);
    }
    if (!batch.outputs().contains(KeyKind::kTek)) continue;
    const std::size_t teks = batch.sa_count(item) * batch.tek_counters().size();
    for (std::size_t i = 0; i < teks; ++i, ++tek) {
      if (good) follow(result.tek(tek), KeyKind::kTek);
    }
  }
  return tainted;
}

/// All variants: one AMS, more AMSs than go abreast, one PMK for all, and each key alone.
std::size_t derive_all_tainted(Engine& engine) {
  std::size_t tainted = 0;
  for (const Variant& variant : all_variants()) {
    const BatchShape many = {.variant = variant,
                             .count = 37,
                             .sas = SaShape::kUnequal,
                             .tek_counters = 3,
                             .bad_percent = 20};
    BatchShape shared = many;
    shared.shared_pmk = true;
    tainted += derive_tainted(engine, {.variant = variant});
    tainted += derive_tainted(engine, many);
    tainted += derive_tainted(engine, shared);
    for (KeyKind kind : kAllKeyKinds) {
      if (!derived_keys(variant.profile).contains(kind)) continue;
      BatchShape alone = many;
      alone.outputs = {kind};
      tainted += derive_tainted(engine, alone);
    }
  }
  return tainted;
}

/// CMACs of messages of no, some, one and several blocks, under tainted keys.
std::size_t cmac_tainted(Engine& engine) {
  constexpr std::uint32_t kCount = 37;
  std::size_t tainted = 0;
  for (std::size_t message_octets : {0, 5, 16, 40}) {
    std::vector<std::uint8_t> keys(kCount * kBlockOctets, 0x2B);
    const std::vector<std::uint8_t> messages(kCount * message_octets, 0x6B);
    std::vector<std::uint8_t> macs(kCount * kBlockOctets);
    taint(keys);
    require(engine.cmac({kCount, keys, messages, message_octets}, macs));
    require_tainted(macs, "macs");
    tainted += macs.size();
  }
  return tainted;
}

/// A double does no more than derive one AK: it only has to be seen, or not.
void derive_double(Engine& engine) {
  BatchColumns columns = BatchColumns::random({.outputs = {KeyKind::kAk}}, 1);
  CheckedBatch batch;
  require(check_batch(columns.input(), &batch));
  const OwnedResult result(batch);
  taint(columns.pmk);
  require(engine.derive(batch, result.result()));
}

void run(const Subject& subject) {
  const std::unique_ptr<Engine> engine = subject.make();
  if (subject.is_double) {
    derive_double(*engine);
    return;
  }
  const std::size_t tainted = derive_all_tainted(*engine) + cmac_tainted(*engine);
  std::printf("%s (%s): %zu octets of keys followed\n", subject.name.c_str(),
              engine->description().c_str(), tainted);
}

int probe(std::string_view argument) {
  for (const Subject& subject : subjects()) {
    if (argument == "--list") {
      std::puts(subject.name.c_str());
    } else if (argument == subject.name) {
      if (RUNNING_ON_VALGRIND == 0) throw std::runtime_error("to be run by valgrind");
      run(subject);
      return 0;
    }
  }
  if (argument != "--list") throw std::runtime_error("no subject of this name; try --list");
  return 0;
}

}  // namespace
}  // namespace rekey::test

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: taint_probe --list | SUBJECT");
    return rekey::test::probe(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
