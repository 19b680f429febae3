// SPDX-License-Identifier: Apache-2.0
//
// A load, as a small YAML file describes it (docs/load.md has every field). Nothing in a file is
// passed over: an unknown field is an error, as is one that is missing or out of its range.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "load/arrivals.h"
#include "load/distribution.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey::bench::load {

/// Method is the way requests are sent.
enum class Method : std::uint8_t {
  kRows,      ///< `rows`: Derive
  kColumns,   ///< `columns`: DeriveBatch
  kStream,    ///< `stream`: DeriveStream, one stream a caller
  kContexts,  ///< `contexts`: StartHandover and CompleteHandover by turns
};

/// What `contexts` bounds: AMSs of a request, and security associations of each.
inline constexpr std::uint64_t kMaxContextsAms = 8'192;
inline constexpr std::uint64_t kMaxContextsSas = 32;

/// to_string returns the name of the method in files.
std::string_view to_string(Method method);

struct Scenario {
  std::string name;
  std::string source;  ///< where its numbers come from
  Method method = Method::kColumns;
  Arrivals arrivals;
  Distribution callers{1};  ///< which caller asks, from 1; each has its own connection
  Distribution ams_per_request{1};
  Distribution sas_per_ams{1};
  Distribution profiles{0};  ///< positions in kAllProfiles
  std::chrono::milliseconds warm_up{2'000};
  std::chrono::milliseconds measured{10'000};
  std::chrono::milliseconds timeout{10'000};  ///< of a request, from when it was sent
  double verified_share = 0.01;               ///< of the answers, compared with OpenSSL's keys
  std::uint64_t seed = 1;

  [[nodiscard]] bool open_loop() const { return !std::holds_alternative<Closed>(arrivals); }
  /// How many callers there are.
  [[nodiscard]] std::uint32_t caller_count() const {
    return static_cast<std::uint32_t>(callers.max());
  }
};

/// parse_scenario reads YAML text. `where` is the file's name, for errors, and a replay's file is
/// looked for beside it. kInvalidArgument names the field, what was expected and what was found;
/// `*out_scenario` is then left alone.
Status parse_scenario(const std::string& text, const std::string& where, Scenario* out_scenario);

/// read_scenario reads a file. Errors as above, and when there is no such file.
Status read_scenario(const std::string& path, Scenario* out_scenario);

}  // namespace rekey::bench::load
