// SPDX-License-Identifier: Apache-2.0
#include "wave/line_reader.h"

#include <algorithm>
#include <cstring>

namespace rekey::wave {
namespace {

constexpr std::size_t kBufferOctets = 1 << 16;
// A byte order mark and CR LF may surround a line of full length.
constexpr std::size_t kMostOctetsToLineFeed = kMaxLineOctets + 4;
static_assert(kMostOctetsToLineFeed < kBufferOctets);

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

LineReader::LineReader(Source& source) : source_(source), buffer_(kBufferOctets) {}

/// Looks for the line feed behind begin_, reading on as needed. `*out_octets` are before it.
LineReader::Found LineReader::find_line_feed(std::size_t* out_octets) {
  std::size_t searched = 0;
  for (;;) {
    const std::uint8_t* first = buffer_.data() + begin_;
    const std::size_t octets = end_ - begin_;
    if (octets > searched) {
      const void* feed = std::memchr(first + searched, '\n', octets - searched);
      if (feed != nullptr) {
        *out_octets = static_cast<std::size_t>(static_cast<const std::uint8_t*>(feed) - first);
        return Found::kLineFeed;
      }
    }
    searched = octets;
    *out_octets = octets;
    if (octets > kMostOctetsToLineFeed) return Found::kTooMuch;
    if (source_ended_) return Found::kEnd;

    std::memmove(buffer_.data(), first, octets);
    begin_ = 0;
    end_ = octets;
    std::size_t more = 0;
    const std::span<char> room(reinterpret_cast<char*>(buffer_.data()) + end_,
                               buffer_.size() - end_);
    failure_ = source_.read(room, &more);
    if (!failure_.ok()) return Found::kFailed;
    end_ += more;
    source_ended_ = more == 0;
  }
}

/// Drops everything up to the end of a line that is too long.
LineReader::Outcome LineReader::pass_over_rest() {
  for (;;) {
    std::size_t octets = 0;
    switch (find_line_feed(&octets)) {
      case Found::kLineFeed:
        begin_ += octets + 1;
        return Outcome::kTooLong;
      case Found::kTooMuch:
        begin_ += octets;
        break;
      case Found::kEnd:
        begin_ = end_;
        return Outcome::kTooLong;
      case Found::kFailed:
        return Outcome::kFailed;
    }
  }
}

LineReader::Outcome LineReader::next() {
  line_ = {};
  if (!failure_.ok()) return Outcome::kFailed;
  std::size_t octets = 0;
  const Found found = find_line_feed(&octets);
  if (found == Found::kFailed) return Outcome::kFailed;
  if (found == Found::kEnd && octets == 0) return Outcome::kEnd;
  ++number_;
  if (found == Found::kTooMuch) return pass_over_rest();

  line_ = {reinterpret_cast<const char*>(buffer_.data()) + begin_, octets};
  begin_ = std::min(begin_ + octets + 1, end_);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  if (number_ == 1 && line_.starts_with(kByteOrderMark)) line_.remove_prefix(kByteOrderMark.size());
  if (line_.size() > kMaxLineOctets) {
    line_ = {};
    return Outcome::kTooLong;
  }
  return Outcome::kLine;
}

}  // namespace rekey::wave
