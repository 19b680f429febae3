// SPDX-License-Identifier: Apache-2.0
//
// rekey-gpu-workload PROFILE ITEMS SEED: derives every key of ITEMS AMSs, with one security
// association and two TEKs each, in one batch on the GPU engine; all inputs are random, from SEED.
// Run under a CUDA runtime that counts, it shows what one AMS costs. Exit codes: 0 derived; 1 no
// device or a failure; 2 the command line was wrong.
#include <charconv>
#include <cstdio>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "rekey/batch.h"
#include "rekey/engines.h"
#include "rekey/profile.h"

namespace {

using Column = std::vector<std::uint8_t>;

int fail(std::string_view what) {
  std::fprintf(stderr, "rekey-gpu-workload: %.*s\n", static_cast<int>(what.size()), what.data());
  return 1;
}

bool parse(std::string_view text, std::uint32_t* out_number) {
  return std::from_chars(text.data(), text.data() + text.size(), *out_number).ec == std::errc();
}

}  // namespace

int main(int argc, char** argv) {
  rekey::BatchInput input;
  const auto profile =
      argc == 4 ? rekey::profile_from_string(argv[1]) : std::optional<rekey::Profile>();
  std::uint32_t seed = 0;
  if (!profile || !parse(argv[2], &input.count) || !parse(argv[3], &seed) || input.count == 0 ||
      input.count > rekey::kMaxBatchItems) {
    fail("expected a profile, a number of AMSs and a seed");
    return 2;
  }
  input.profile = *profile;

  std::mt19937 random(seed);
  const auto column = [&](std::size_t octets) {
    Column drawn(octets * input.count);
    for (std::uint8_t& octet : drawn) octet = static_cast<std::uint8_t>(random());
    return drawn;
  };
  const Column pmk = column(rekey::kPmkOctets);
  const Column msid = column(rekey::kMsidOctets);
  const Column bsid = column(rekey::kBsidOctets);
  const Column nonce = column(rekey::kNonceOctets);
  const Column cmac_key_count = column(rekey::kCmacKeyCountOctets);
  const Column ak_sn(input.count, 1);
  const Column saids = column(1);
  input.pmk = pmk;
  input.msid = msid;
  input.bsid = bsid;
  if (rekey::takes_nonce(input.profile, input.options)) input.nonce = nonce;
  input.cmac_key_count = cmac_key_count;
  input.ak_sn = ak_sn;
  if (input.profile != rekey::Profile::kLegacy16e) input.saids = saids;

  rekey::CheckedBatch batch;
  if (const rekey::Status status = rekey::check_batch(input, &batch); !status.ok()) {
    return fail(status.message());
  }
  std::vector<Column> keys;
  rekey::BatchResult result;
  for (rekey::KeyKind kind : rekey::kAllKeyKinds) {
    result.set_column(kind, keys.emplace_back(batch.result_octets(kind)));
  }
  const auto engine = rekey::make_cuda_engine();
  if (!engine->unavailable_reason().empty()) return fail(engine->unavailable_reason());
  if (const rekey::Status status = engine->derive(batch, result); !status.ok()) {
    return fail(status.message());
  }
  return 0;
}
