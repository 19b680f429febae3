// SPDX-License-Identifier: Apache-2.0
//
// Fields of a message, from values straight to their octets on the wire. Whatever has
// `put(Out*) const` is put twice: into a Size, then into a Writer of that many octets.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "rekey/octets.h"

namespace rekey::wire {

/// size_of counts the octets of what puts itself.
template <typename Message>
std::size_t size_of(const Message& message);

/// Size counts the octets of fields whose numbers are below 16. Like Protocol Buffers, it leaves
/// out what is 0 or empty.
class Size {
 public:
  void number(int /*field*/, std::uint32_t value) {
    if (value != 0) octets_ += kTagOctets + CodedOutputStream::VarintSize32(value);
  }
  void octets(int field, ConstOctets value) {
    if (value.empty()) return;
    begin(field, value.size());
    octets_ += value.size();
  }
  /// message is a field that puts itself.
  template <typename Message>
  void message(int field, const Message& message) {
    const std::size_t octets = size_of(message);
    begin(field, octets);
    octets_ += octets;
  }
  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  using CodedOutputStream = google::protobuf::io::CodedOutputStream;
  static constexpr std::size_t kTagOctets = 1;

  void begin(int /*field*/, std::size_t octets) {
    octets_ += kTagOctets + CodedOutputStream::VarintSize32(static_cast<std::uint32_t>(octets));
  }

  std::size_t octets_ = 0;
};

template <typename Message>
std::size_t size_of(const Message& message) {
  Size size;
  message.put(&size);
  return size.octets();
}

/// Writer writes what Size counts.
class Writer {
 public:
  explicit Writer(std::uint8_t* at) : at_(at) {}

  void number(int field, std::uint32_t value) {
    if (value == 0) return;
    at_ = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_VARINT, at_);
    at_ = CodedOutputStream::WriteVarint32ToArray(value, at_);
  }
  void octets(int field, ConstOctets value) {
    if (value.empty()) return;
    begin(field, value.size());
    at_ = std::ranges::copy(value, at_).out;
  }
  template <typename Message>
  void message(int field, const Message& message) {
    begin(field, size_of(message));
    message.put(this);
  }
  [[nodiscard]] const std::uint8_t* at() const { return at_; }

 private:
  using CodedOutputStream = google::protobuf::io::CodedOutputStream;
  using WireFormatLite = google::protobuf::internal::WireFormatLite;

  void begin(int field, std::size_t octets) {
    at_ = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, at_);
    at_ = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(octets), at_);
  }

  std::uint8_t* at_;
};

}  // namespace rekey::wire
