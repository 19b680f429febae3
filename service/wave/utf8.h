// SPDX-License-Identifier: Apache-2.0
//
// Whether text is UTF-8: what is echoed must be able to travel in JSON and in protocol buffers.
#pragma once

#include <cstddef>
#include <string_view>

namespace rekey::wave {

/// utf8_prefix returns how many octets of `text` are well-formed UTF-8 (RFC 3629) before the first
/// that is not: text.size() when all are.
std::size_t utf8_prefix(std::string_view text);

}  // namespace rekey::wave
