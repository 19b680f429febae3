// SPDX-License-Identifier: Apache-2.0
//
// Cuts a stream of text into lines, with a limit on their length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rekey/status.h"
#include "wave/source.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {

/// The longest line of a wave. An AMS with 255 SAIDs and a reference of full length fits.
inline constexpr std::size_t kMaxLineOctets = 8'192;

/// LineReader gives one line after the other. Lines end with LF or CR LF, the last one also
/// without; a UTF-8 byte order mark before the first line is dropped.
class LineReader {
 public:
  enum class Outcome : std::uint8_t { kLine, kTooLong, kEnd, kFailed };

  /// `source` must outlive the reader.
  explicit LineReader(Source& source);

  /// next reads one line. kLine: line() is the text without its end. kTooLong: the line is longer
  /// than kMaxLineOctets and was passed over. kFailed: the source cannot be read, see failure().
  Outcome next();

  /// Valid until the next call of next().
  [[nodiscard]] std::string_view line() const { return line_; }
  /// The number of the line that next() met last, counting from 1.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const Status& failure() const { return failure_; }

 private:
  enum class Found : std::uint8_t { kLineFeed, kTooMuch, kEnd, kFailed };
  Found find_line_feed(std::size_t* out_octets);
  Outcome pass_over_rest();

  Source& source_;
  SecretOctets buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool source_ended_ = false;
  std::string_view line_;
  std::uint64_t number_ = 0;
  Status failure_;
};

}  // namespace rekey::wave
