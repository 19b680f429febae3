// SPDX-License-Identifier: Apache-2.0
//
// What is checked of every request, whether its AMSs come in columns or by handles. Errors are
// kInvalidArgument with the field, what was expected and what was found.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rekey/key_kind.h"
#include "rekey/octets.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey {

/// wrong returns the error.
Status wrong(std::string_view field, const std::string& expected, const std::string& found);

/// octets_text returns `1 octet`, `2 octets`, ...
std::string octets_text(std::uint64_t number);

Status check_profile(Profile profile);

/// check_column: a column holds one value an item, or one for all. An empty batch needs no values.
Status check_column(std::string_view field, ConstOctets column, std::size_t width,
                    std::uint32_t count);

/// check_outputs: all `outputs` are keys that the profile yields.
Status check_outputs(Profile profile, KeySet outputs);

/// check_tek_counters: there are none where the profile derives no TEK, else at most 16 that
/// differ.
Status check_tek_counters(Profile profile, std::span<const std::uint16_t> counters);

/// check_tek_total: a batch has at most kMaxBatchTeks TEKs.
Status check_tek_total(std::string_view field, std::uint64_t total_sas, std::size_t counters);

/// tek_counters_or_default spells out the default, 0 and 1.
std::span<const std::uint16_t> tek_counters_or_default(std::span<const std::uint16_t> counters);

}  // namespace rekey
