// SPDX-License-Identifier: Apache-2.0
//
// Reads the published vectors in data/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rekey::test {

/// CmacCase is one Wycheproof case.
struct CmacCase {
  int id = 0;
  std::vector<std::uint8_t> key, message, tag;
  bool valid = false;
};

/// KbkdfCase is one case of the SP 800-108 KDF in counter mode.
struct KbkdfCase {
  int count = 0;
  std::size_t result_bits = 0;                 ///< L
  std::vector<std::uint8_t> key, fixed_input;  ///< KI, FixedInputData
  std::vector<std::uint8_t> result;            ///< KO
};

/// read_wycheproof_cmac returns the cases of a Wycheproof MacTest file in one group; none when the
/// file cannot be read.
std::vector<CmacCase> read_wycheproof_cmac(const std::string& path);

/// read_cavs_kbkdf returns the cases of one section of a CAVS KBKDF file; none when the file cannot
/// be read.
std::vector<KbkdfCase> read_cavs_kbkdf(const std::string& path);

}  // namespace rekey::test
