// SPDX-License-Identifier: Apache-2.0
//
// The known answers of the key-derivation specification (section 3) and RFC 4493, compiled in.
// Every engine reproduces them before it serves.
#pragma once

#include <string>
#include <vector>

#include "rekey/engine.h"
#include "rekey/status.h"

namespace rekey {

/// KnownAnswerResult says how one known answer came out on one engine.
struct KnownAnswerResult {
  std::string name;  ///< for example `legacy-16e/2` or `rfc4493/example-3`
  /// `published` for vectors that others published, `our reading` for answers computed from our
  /// reading of the source by two independent programs.
  std::string origin;
  Status status;  ///< kFailedPrecondition names the key that came out wrong, never its octets
};

/// run_known_answers runs every known answer on `engine`, each alone and as part of a batch of
/// many, and reports all of them in a fixed order.
std::vector<KnownAnswerResult> run_known_answers(Engine& engine);

/// run_known_answers does so on two engines that stand or fall together: an answer's status is that
/// of the first engine it came out wrong on.
std::vector<KnownAnswerResult> run_known_answers(Engine& first, Engine& second);

}  // namespace rekey
