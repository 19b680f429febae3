// SPDX-License-Identifier: Apache-2.0
//
// The ways to send requests that a plan knows.
#pragma once

#include <array>

#include "load/scenario.h"

namespace rekey::bench::plan {

inline constexpr std::array kMethods = {load::Method::kRows, load::Method::kColumns,
                                        load::Method::kStream};

/// method_of reads one of kMethods from a value of a file, which has text() and wrong().
template <typename Value>
load::Method method_of(const Value& value) {
  for (const load::Method method : kMethods) {
    if (value.text() == load::to_string(method)) return method;
  }
  value.wrong("rows, columns or stream");
}

}  // namespace rekey::bench::plan
