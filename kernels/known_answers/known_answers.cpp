// SPDX-License-Identifier: Apache-2.0
#include "rekey/known_answers.h"

namespace rekey {

std::vector<KnownAnswerResult> run_known_answers(Engine&) { return {}; }

}  // namespace rekey
