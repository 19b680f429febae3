// SPDX-License-Identifier: Apache-2.0
//
// What a request asks for, as a number that tells it from others.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "contexts/context.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// ContentHash is a SHA-256 of numbers and texts, each with its length.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash() { EVP_MD_CTX_free(context_); }
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;

  ContentHash& add(std::string_view text);
  ContentHash& add(std::uint64_t number);
  /// end returns kInternal when OpenSSL has failed, at whichever step.
  Status end(Digest* out_half);

 private:
  ContentHash& append(const void* octets, std::size_t count);

  EVP_MD_CTX* context_;
  bool good_ = false;
};

}  // namespace rekey::contexts
