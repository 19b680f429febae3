// SPDX-License-Identifier: Apache-2.0
//
// A wave of AMSs in memory, in the columns engines and the wire contract take.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/batch.h"
#include "wave/ams_record.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {

/// Wave is a growable set of AMSs of one profile. Its columns are wiped when freed or outgrown.
class Wave {
 public:
  explicit Wave(const Rules& rules) : rules_(rules) {}

  /// append adds one AMS that a reader, under the same rules, or a scenario made.
  void append(const AmsRecord& record);
  /// clear removes all AMSs and keeps the memory, wiped.
  void clear();

  [[nodiscard]] const Rules& rules() const { return rules_; }
  [[nodiscard]] std::size_t size() const { return ak_sns_.size(); }
  [[nodiscard]] std::size_t total_sas() const { return first_sas_.back(); }

  /// input returns the AMSs [first, first + count) as a batch, without counters and outputs. It
  /// refers to this wave, and is valid until the wave grows, is cleared or ends. `count` is at most
  /// kMaxBatchItems and first + count at most size().
  [[nodiscard]] BatchInput input(std::size_t first, std::uint32_t count) const;

  [[nodiscard]] ConstOctets msid(std::size_t item) const;
  [[nodiscard]] ConstOctets bsid(std::size_t item) const;
  /// Empty where the AMS has none.
  [[nodiscard]] std::string_view reference(std::size_t item) const { return references_[item]; }
  /// AmsRecord::line of the AMS.
  [[nodiscard]] std::uint64_t line(std::size_t item) const { return lines_[item]; }
  /// Security associations of the AMSs before this one.
  [[nodiscard]] std::size_t first_sa(std::size_t item) const { return first_sas_[item]; }
  [[nodiscard]] std::uint32_t sa_count(std::size_t item) const {
    return static_cast<std::uint32_t>(first_sas_[item + 1] - first_sas_[item]);
  }
  /// `sa` counts the security associations of the AMS from 0.
  [[nodiscard]] std::uint16_t said(std::size_t item, std::uint32_t sa) const;

 private:
  Rules rules_;
  SecretOctets pmks_;
  std::vector<std::uint8_t> msids_;
  std::vector<std::uint8_t> bsids_;
  std::vector<std::uint8_t> nonces_;
  std::vector<std::uint8_t> cmac_key_counts_;
  std::vector<std::uint8_t> ak_sns_;
  std::vector<std::uint8_t> sa_counts_;
  std::vector<std::uint8_t> saids_;
  std::vector<std::size_t> first_sas_ = {0};  ///< of each AMS, and the total at the end
  std::vector<std::string> references_;
  std::vector<std::uint64_t> lines_;
};

}  // namespace rekey::wave
