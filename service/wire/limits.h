// SPDX-License-Identifier: Apache-2.0
//
// The limits of one request, and how they fit together.
#pragma once

#include <cstdint>

#include "rekey/octets.h"

namespace rekey::wire {

inline constexpr std::uint32_t kMaxRequestItems = 65'536;  ///< AMSs
inline constexpr std::uint64_t kMaxRequestMessageOctets = 64ULL << 20;
inline constexpr std::uint64_t kMaxRequestTeks = 1ULL << 23;  ///< in columns
/// TEKs of a request in rows. Rows cost several times their keys in memory: they are for a few
/// AMSs.
inline constexpr std::uint64_t kMaxRowTeks = 1ULL << 20;
inline constexpr std::uint64_t kMaxAnswerOctets = 256ULL << 20;  ///< of columns or rows

/// What one stream may have unanswered before no more of it is read.
inline constexpr std::size_t kMaxStreamRequests = 64;
inline constexpr std::uint64_t kMaxStreamItems = 4ULL * kMaxRequestItems;

/// Upper bounds of what one AMS adds to an answer, its TEKs aside: the code and a key of each kind;
/// in rows also the tags, the error and the overhead of the message.
inline constexpr std::uint64_t kItemColumnOctets =
    1 + kMsidStarOctets + kAkOctets + kAkidOctets + 2 * kCmacKeyOctets + kKekOctets;
inline constexpr std::uint64_t kItemRowOctets = kItemColumnOctets + 256;
/// Upper bound of one Tek message: the key, three small numbers, tags and lengths.
inline constexpr std::uint64_t kTekRowOctets = kTekOctets + 16;

static_assert(kMaxRequestItems <= kMaxBatchItems);
static_assert(kMaxRequestTeks <= kMaxBatchTeks);
static_assert(kMaxRequestItems * kItemColumnOctets + kMaxRequestTeks * kTekOctets <=
              kMaxAnswerOctets);
// References are echoed, and are part of the request.
static_assert(kMaxRequestItems * kItemRowOctets + kMaxRowTeks * kTekRowOctets +
                  kMaxRequestMessageOctets <=
              kMaxAnswerOctets);
static_assert(kMaxAnswerOctets < 1ULL << 31, "Protocol Buffers cannot serialise 2 GiB");

}  // namespace rekey::wire
