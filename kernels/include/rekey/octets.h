// SPDX-License-Identifier: Apache-2.0
//
// Field widths of the key hierarchy, in octets (key-derivation specification, section 2), and the
// limits of one batch. Integers inside octet columns are big-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rekey {

using ConstOctets = std::span<const std::uint8_t>;
using Octets = std::span<std::uint8_t>;

inline constexpr std::size_t kBlockOctets = 16;  ///< AES block, AES-128 key and CMAC
inline constexpr std::size_t kPmkOctets = 20;
inline constexpr std::size_t kMsidOctets = 6;
inline constexpr std::size_t kBsidOctets = 6;
inline constexpr std::size_t kNonceOctets = 8;
inline constexpr std::size_t kCmacKeyCountOctets = 2;
inline constexpr std::size_t kAkSnOctets = 1;

inline constexpr std::size_t kMsidStarOctets = 6;
inline constexpr std::size_t kAkOctets = 20;
inline constexpr std::size_t kAkidOctets = 8;
inline constexpr std::size_t kCmacKeyOctets = 16;
inline constexpr std::size_t kKekOctets = 16;
inline constexpr std::size_t kTekOctets = 16;

inline constexpr std::uint8_t kMaxAkSn = 15;
inline constexpr std::uint32_t kMaxCmacKeyCount = 65'535;
inline constexpr std::uint32_t kMaxTekCounter = 65'535;
inline constexpr std::size_t kMaxTekCounters =
    16;  ///< TEKs of one security association in one batch
inline constexpr std::size_t kMaxSasPerAms = 255;         ///< one octet in the counts column
inline constexpr std::uint32_t kMaxBatchItems = 1 << 20;  ///< AMSs in one batch
inline constexpr std::uint64_t kMaxBatchTeks = 1 << 24;   ///< TEKs in one batch: 256 MiB of keys

static_assert(kMaxBatchTeks <= UINT32_MAX, "engines index TEKs with 32 bits");

}  // namespace rekey
