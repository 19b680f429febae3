// SPDX-License-Identifier: Apache-2.0
//
// rekey-gpu-workload PROFILE ITEMS SEED: derives every key of ITEMS AMSs, with one security
// association and two TEKs each, in one batch on the GPU engine; all inputs are random, from SEED.
// Run under a CUDA runtime that counts, it shows what one AMS costs. Exit codes: 0 derived; 1 no
// device or a failure; 2 the command line was wrong.
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "engines/workload.h"
#include "rekey/batch.h"
#include "rekey/engines.h"
#include "rekey/profile.h"

namespace {

int fail(std::string_view what) {
  std::fprintf(stderr, "rekey-gpu-workload: %.*s\n", static_cast<int>(what.size()), what.data());
  return 1;
}

bool parse(std::string_view text, std::uint32_t* out_number) {
  return std::from_chars(text.data(), text.data() + text.size(), *out_number).ec == std::errc();
}

}  // namespace

int main(int argc, char** argv) {
  const auto profile =
      argc == 4 ? rekey::profile_from_string(argv[1]) : std::optional<rekey::Profile>();
  std::uint32_t ams = 0;
  std::uint32_t seed = 0;
  if (!profile || !parse(argv[2], &ams) || !parse(argv[3], &seed) || ams == 0 ||
      ams > rekey::kMaxBatchItems) {
    fail("expected a profile, a number of AMSs and a seed");
    return 2;
  }
  std::unique_ptr<rekey::bench::Workload> workload;
  if (const rekey::Status status = rekey::bench::Workload::make(*profile, ams, seed, &workload);
      !status.ok()) {
    return fail(status.message());
  }
  const rekey::bench::ResultColumns keys(workload->batch());
  const auto engine = rekey::make_cuda_engine();
  if (!engine->unavailable_reason().empty()) return fail(engine->unavailable_reason());
  if (const rekey::Status status = engine->derive(workload->batch(), keys.result()); !status.ok()) {
    return fail(status.message());
  }
  return 0;
}
