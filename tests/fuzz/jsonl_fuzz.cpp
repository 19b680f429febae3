// SPDX-License-Identifier: Apache-2.0
#include "fuzz/wave_fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rekey::fuzz::read_wave(rekey::wave::Format::kJsonLines,
                         {reinterpret_cast<const char*>(data), size});
  return 0;
}
