// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/sealing_keys.h"

#include <fcntl.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "contexts/hex_text.h"
#include "wave/hex.h"

namespace rekey::contexts {

using std::string_literals::operator""s;

namespace {

constexpr std::size_t kMaxFileOctets = 16'384;

Status key_id(const Secret<XaesGcm::kKeyOctets>& key, KeyId* out_id) {
  constexpr std::string_view kLabel = "rekeyd: id of a sealing key";
  std::array<std::uint8_t, 32> digest;
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.octets().data(), static_cast<int>(key.octets().size()),
           reinterpret_cast<const std::uint8_t*>(kLabel.data()), kLabel.size(), digest.data(),
           &length) == nullptr) {
    return {Code::kInternal, "OpenSSL could not compute the id of a sealing key"};
  }
  std::copy_n(digest.begin(), out_id->size(), out_id->begin());
  return {};
}

Status unreadable(const std::string& file, int error) {
  return Status::invalid_argument(
      file + ": expected a key file that can be read, found: " + strerror(error));
}

}  // namespace

std::string to_string(const KeyId& id) { return hex_text(id); }

Status SealingKeys::parse(ConstOctets text, const std::string& file, SealingKeys* out_keys) {
  SealingKeys keys;
  keys.keys_.reserve(kMaxKeys);  // never moved: nothing is left behind
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::ranges::find(text, std::uint8_t{'\n'});
    ConstOctets line(text.begin(), end);
    text = text.subspan(std::min(text.size(), line.size() + 1));
    ++number;
    if (!line.empty() && line.back() == '\r') line = line.first(line.size() - 1);
    if (line.empty() || line.front() == '#') continue;
    const std::string where = file + ":" + std::to_string(number);
    if (keys.keys_.size() == kMaxKeys) {
      return Status::invalid_argument(where + ": expected at most " + std::to_string(kMaxKeys) +
                                      " keys, found more");
    }
    Key& key = keys.keys_.emplace_back();
    if (Status s = wave::parse_hex(where, {reinterpret_cast<const char*>(line.data()), line.size()},
                                   key.key.octets());
        !s.ok()) {
      return s;
    }
    if (Status s = key_id(key.key, &key.id); !s.ok()) return s;
    const auto same = std::ranges::find(keys.keys_, key.id, &Key::id);
    if (&*same != &key) {
      return Status::invalid_argument(where + ": expected keys that differ, found key " +
                                      to_string(key.id) + " again");
    }
  }
  if (keys.keys_.empty()) {
    return Status::invalid_argument(file + ": expected a line of 64 hex digits, found none");
  }
  *out_keys = std::move(keys);
  return {};
}

Status SealingKeys::read(const std::string& file, SealingKeys* out_keys) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(file, errno);
  struct stat about {};
  SecretBuffer text(kMaxFileOctets + 1);
  std::size_t size = 0;
  ssize_t got = fstat(descriptor, &about);
  if (got == 0) {
    do {
      got = ::read(descriptor, text.octets().data() + size, text.size() - size);
      size += got > 0 ? static_cast<std::size_t>(got) : 0;
    } while (got > 0 && size < text.size());
  }
  const int error = errno;
  ::close(descriptor);
  if (got < 0) return unreadable(file, error);
  if ((about.st_mode & S_IRWXO) != 0) {
    return Status::invalid_argument(file +
                                    ": expected a key file that is closed to others (chmod o=), "
                                    "found one that is open to them");
  }
  if (size > kMaxFileOctets) {
    return Status::invalid_argument(file + ": expected at most " + std::to_string(kMaxFileOctets) +
                                    " octets, found more");
  }
  return parse(text.octets().first(size), file, out_keys);
}

Status SealingKeys::read_set(const std::string& setting, SealingKeys* out_keys) {
  if (!setting.empty()) return read(setting, out_keys);
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  const std::string credential = directory == nullptr ? "" : directory + "/contexts-key"s;
  if (credential.empty() || !std::filesystem::exists(credential)) {
    return Status::invalid_argument(
        "expected a key file, or systemd's credential contexts-key, since contexts are only kept "
        "sealed; found neither");
  }
  return read(credential, out_keys);
}

}  // namespace rekey::contexts
