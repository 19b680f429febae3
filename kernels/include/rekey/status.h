// SPDX-License-Identifier: Apache-2.0
//
// How the library says what went wrong: it returns a Status, and never throws, prints or exits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace rekey {

/// Code numbers a result as gRPC does, so that a service can pass it on unchanged.
enum class Code : std::uint8_t {
  kOk = 0,
  kInvalidArgument = 3,     ///< the input breaks the specification; the message names the field
  kNotFound = 5,            ///< a handle names nobody
  kResourceExhausted = 8,   ///< there is no room for it
  kFailedPrecondition = 9,  ///< the engine was refused (a known answer came out wrong)
  kInternal = 13,           ///< the engine failed; no key of the batch may be used
  kUnavailable = 14,        ///< the engine cannot run on this machine
};

/// Status is success, or a code and a sentence for a person. The sentence never holds key material.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status invalid_argument(std::string message) {
    return {Code::kInvalidArgument, std::move(message)};
  }

  [[nodiscard]] bool ok() const { return code_ == Code::kOk; }
  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  bool operator==(const Status&) const = default;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

}  // namespace rekey
