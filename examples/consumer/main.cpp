// SPDX-License-Identifier: Apache-2.0
//
// Derives one AMS's AK in this process, on the first engine that this machine admits: known answer
// 2 of legacy-16e.
#include <rekey/batch.h>
#include <rekey/engines.h>
#include <rekey/secret.h>

#include <array>
#include <cstdint>
#include <cstdio>

int main() {
  // In a product the PMK comes from the authenticator, and is wiped where it was.
  const std::array<std::uint8_t, 20> pmk = {0xEA, 0x84, 0x87, 0xA0, 0xF6, 0xF4, 0xB3,
                                            0x5F, 0xBD, 0xDB, 0x2F, 0x23, 0x2B, 0x77,
                                            0x1D, 0x2F, 0x71, 0xFD, 0xDA, 0x94};
  const std::array<std::uint8_t, 6> msid = {0x00, 0x1B, 0x11, 0xC9, 0xD5, 0x0C};
  const std::array<std::uint8_t, 6> bsid = {0x00, 0x00, 0x00, 0x00, 0x00, 0x05};
  const std::array<std::uint8_t, 2> cmac_key_count = {0, 0};
  const std::array<std::uint8_t, 1> ak_sn = {0};

  rekey::BatchInput input;
  input.profile = rekey::Profile::kLegacy16e;
  input.count = 1;
  input.pmk = pmk;
  input.msid = msid;
  input.bsid = bsid;
  input.cmac_key_count = cmac_key_count;
  input.ak_sn = ak_sn;
  input.outputs.insert(rekey::KeyKind::kAk);
  rekey::CheckedBatch batch;
  if (const rekey::Status status = rekey::check_batch(input, &batch); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.message().c_str());
    return 1;
  }
  for (const auto& engine : rekey::make_engines()) {
    if (!rekey::admit(*engine).ok()) continue;
    std::array<std::uint8_t, 20> ak{};
    rekey::BatchResult result;
    result.ak = ak;
    if (!engine->derive(batch, result).ok()) continue;
    std::printf("ak ");
    for (const std::uint8_t octet : ak) std::printf("%02x", octet);
    std::printf(" derived by %.*s\n", static_cast<int>(engine->name().size()),
                engine->name().data());
    return 0;
  }
  std::fprintf(stderr, "no engine serves on this machine\n");
  return 1;
}
