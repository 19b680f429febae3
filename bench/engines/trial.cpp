// SPDX-License-Identifier: Apache-2.0
#include "engines/trial.h"

namespace rekey::bench {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kMeasured:
      return "measured";
    case Outcome::kUnavailable:
      return "unavailable";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kMismatch:
      return "mismatch";
    case Outcome::kFailed:
      return "failed";
  }
  return "unknown";
}

void Line::fail(Outcome how, const Status& status) {
  outcome = how;
  reason = status.message();
}

bool introduce(Contender& contender, Line* line) {
  line->name = contender.name();
  line->description = contender.description();
  const Status status = contender.admit();
  if (status.ok()) return true;
  line->fail(status.code() == Code::kUnavailable ? Outcome::kUnavailable : Outcome::kRefused,
             status);
  return false;
}

Status derive(Contender& contender, const CheckedBatch& batch, const ResultColumns& found,
              Line* line) {
  Status status = contender.derive(batch, found.result());
  if (!status.ok()) line->fail(Outcome::kFailed, status);
  return status;
}

bool compare(const ResultColumns& expected, const ResultColumns& found, Line* line) {
  const std::string difference = expected.first_difference(found);
  if (difference.empty()) return true;
  line->fail(Outcome::kMismatch, {Code::kInternal, difference + " differs from the baseline's"});
  return false;
}

}  // namespace rekey::bench
