// SPDX-License-Identifier: Apache-2.0
//
// Joins octet strings to the message of one evaluation T(i) of Dot16KDF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "engines/mac_way.h"

namespace rekey::bench {

/// Message writes BE32(i) | astring | BE32(bits) into a job.
class Message {
 public:
  Message(MacJob* job, std::uint32_t i) : job_(job), end_(job->message) { add_be32(i); }

  template <std::size_t N>
  Message& add(std::span<const std::uint8_t, N> octets) {
    std::memcpy(end_, octets.data(), N);
    end_ += N;
    return *this;
  }
  /// Without the literal's terminator.
  template <std::size_t N>
  Message& add(const char (&literal)[N]) {
    std::memcpy(end_, literal, N - 1);
    end_ += N - 1;
    return *this;
  }
  Message& add_octet(std::uint8_t octet) {
    *end_++ = octet;
    return *this;
  }
  Message& add_be16(std::uint16_t number) {
    return add_octet(static_cast<std::uint8_t>(number >> 8))
        .add_octet(static_cast<std::uint8_t>(number));
  }
  /// finish ends and pads the message.
  void finish(std::uint32_t bits) {
    add_be32(bits);
    job_->octets = static_cast<std::uint16_t>(end_ - job_->message);
    if (job_->octets % kBlockOctets != 0) *end_ = 0x80;
  }

 private:
  void add_be32(std::uint32_t number) {
    number = __builtin_bswap32(number);
    std::memcpy(end_, &number, sizeof number);
    end_ += sizeof number;
  }

  MacJob* job_;
  std::uint8_t* end_;
};

}  // namespace rekey::bench
