// SPDX-License-Identifier: Apache-2.0
#include "wave/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "wave/system_reason.h"

namespace rekey::wave {

Status TextSource::read(std::span<char> buffer, std::size_t* out_octets) {
  *out_octets = std::min(buffer.size(), rest_.size());
  std::copy_n(rest_.begin(), *out_octets, buffer.begin());
  rest_.remove_prefix(*out_octets);
  return {};
}

Status FileSource::open(const std::string& path, std::unique_ptr<FileSource>* out_source) {
  if (path == "-") {
    out_source->reset(new FileSource("standard input", STDIN_FILENO, false));
    return {};
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return Status::invalid_argument(path + ": cannot open: " + system_reason(errno));
  out_source->reset(new FileSource(path, descriptor, true));
  return {};
}

FileSource::FileSource(std::string name, int descriptor, bool owned)
    : name_(std::move(name)), descriptor_(descriptor), owned_(owned) {
  struct stat about = {};
  if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode)) {
    octets_in_all_ = static_cast<std::uint64_t>(about.st_size);
  }
}

FileSource::~FileSource() {
  if (owned_) close(descriptor_);
}

Status FileSource::read(std::span<char> buffer, std::size_t* out_octets) {
  ssize_t octets = -1;
  do {
    octets = ::read(descriptor_, buffer.data(), buffer.size());
  } while (octets < 0 && errno == EINTR);
  *out_octets = 0;
  if (octets < 0) return {Code::kInternal, name_ + ": cannot read: " + system_reason(errno)};
  *out_octets = static_cast<std::size_t>(octets);
  octets_read_ += *out_octets;
  return {};
}

}  // namespace rekey::wave
