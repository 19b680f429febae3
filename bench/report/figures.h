// SPDX-License-Identifier: Apache-2.0
//
// How figures are written for people.
#pragma once

#include <cstdint>
#include <string>

namespace rekey::bench::report {

/// figure returns at least four significant digits, those before the point in groups of three:
/// `149,000`, `27.5`, `0.0123`.
std::string figure(double value);

/// signed_figure has a sign in front of what is not zero.
std::string signed_figure(double value);

}  // namespace rekey::bench::report
