// SPDX-License-Identifier: Apache-2.0
//
// rekey-gpu-workload PROFILE ITEMS SEED [resident]: derives every key of ITEMS AMSs, with one
// security association and two TEKs each, in one batch on the GPU engine; all inputs are random,
// from SEED. With `resident` the AMSs are on the device before. Run under a CUDA runtime that
// counts, it shows what one AMS costs. Exit codes: 0 derived; 1 no device or a failure; 2 the
// command line was wrong.
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engines/workload.h"
#include "rekey/batch.h"
#include "rekey/engines.h"
#include "rekey/profile.h"
#include "rekey/resident.h"

namespace {

int fail(std::string_view what) {
  std::fprintf(stderr, "rekey-gpu-workload: %.*s\n", static_cast<int>(what.size()), what.data());
  return 1;
}

rekey::Status derive_resident(rekey::Engine& engine, const rekey::CheckedBatch& batch,
                              const rekey::BatchResult& result) {
  const std::uint32_t count = batch.count();
  const rekey::ContextsShape shape = {batch.profile(), batch.options(), count, 1};
  std::unique_ptr<rekey::ResidentContexts> set;
  if (rekey::Status s = engine.open_contexts(shape, &set); !s.ok()) return s;
  rekey::CheckedContexts contexts;
  if (rekey::Status s = rekey::check_contexts(shape,
                                              {count,
                                               batch.pmk().octets(count),
                                               batch.msid().octets(count),
                                               batch.nonce().octets(count),
                                               batch.ak_sn().octets(count),
                                               {},
                                               batch.saids()},
                                              &contexts);
      !s.ok()) {
    return s;
  }
  std::vector<rekey::ContextHandle> handles(count);
  if (rekey::Status s = set->add(contexts, handles); !s.ok()) return s;
  rekey::CheckedHandover handover;
  if (rekey::Status s = rekey::check_handover(
          shape,
          {handles, batch.bsid().octets(count), batch.cmac_key_count().octets(count), {}, {}},
          &handover);
      !s.ok()) {
    return s;
  }
  std::vector<rekey::Code> codes(count);
  return set->derive(handover, result, codes);
}

bool parse(std::string_view text, std::uint32_t* out_number) {
  return std::from_chars(text.data(), text.data() + text.size(), *out_number).ec == std::errc();
}

}  // namespace

int main(int argc, char** argv) {
  const bool resident = argc == 5 && std::string_view(argv[4]) == "resident";
  const auto profile =
      argc == 4 || resident ? rekey::profile_from_string(argv[1]) : std::optional<rekey::Profile>();
  std::uint32_t ams = 0;
  std::uint32_t seed = 0;
  if (!profile || !parse(argv[2], &ams) || !parse(argv[3], &seed) || ams == 0 ||
      ams > rekey::kMaxBatchItems) {
    fail("expected a profile, a number of AMSs and a seed, and `resident` or nothing");
    return 2;
  }
  std::unique_ptr<rekey::bench::Workload> workload;
  if (const rekey::Status status = rekey::bench::Workload::make(*profile, ams, seed, &workload);
      !status.ok()) {
    return fail(status.message());
  }
  const rekey::CheckedBatch& batch = workload->batch();
  const rekey::bench::ResultColumns keys(batch);
  const auto engine = rekey::make_cuda_engine();
  if (!engine->unavailable_reason().empty()) return fail(engine->unavailable_reason());
  const rekey::Status status = resident ? derive_resident(*engine, batch, keys.result())
                                        : engine->derive(batch, keys.result());
  return status.ok() ? 0 : fail(status.message());
}
