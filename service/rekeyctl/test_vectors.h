// SPDX-License-Identifier: Apache-2.0
//
// Test vectors for people who test AMS and ABS equipment: inputs, every step between, and the keys.
#pragma once

#include <cstdint>
#include <string>

#include "rekey/status.h"
#include "wave/ams_record.h"

namespace rekey::ctl {

/// make_test_vectors returns a JSON document with the inputs of the specification's known answers
/// that the profile has, then `cases` more made from `seed`. Their keys are published or synthetic:
/// nothing in it is secret. Returns an error when the OpenSSL engine is refused.
Status make_test_vectors(const wave::Rules& rules, std::uint64_t cases, std::uint64_t seed,
                         std::string* out_json);

}  // namespace rekey::ctl
