// SPDX-License-Identifier: Apache-2.0
#include "plan/figure.h"

namespace rekey::bench::plan {

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::kMeasured:
      return "measured";
    case Origin::kGiven:
      return "given";
    case Origin::kAssumed:
      return "assumed";
    case Origin::kModelled:
      return "modelled";
  }
  return "unknown";
}

std::vector<std::string> Origins::names() const {
  std::vector<std::string> names;
  for (const Origin origin :
       {Origin::kMeasured, Origin::kGiven, Origin::kAssumed, Origin::kModelled}) {
    if (has(origin)) names.emplace_back(to_string(origin));
  }
  return names;
}

std::string Origins::text() const {
  std::string text;
  for (const std::string& name : names()) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace rekey::bench::plan
