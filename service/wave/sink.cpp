// SPDX-License-Identifier: Apache-2.0
#include "wave/sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace rekey::wave {
namespace {

constexpr std::size_t kBufferOctets = 1 << 16;

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

Status FileSink::open(const std::string& path, std::unique_ptr<FileSink>* out_sink) {
  if (path == "-") {
    out_sink->reset(new FileSink("standard output", STDOUT_FILENO, false));
    return {};
  }
  constexpr mode_t kOwnerAlone = S_IRUSR | S_IWUSR;
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerAlone);
  if (descriptor < 0) return Status::invalid_argument(path + ": cannot create: " + reason(errno));
  out_sink->reset(new FileSink(path, descriptor, true));
  // A file that was there before keeps its mode unless it is changed.
  struct stat about = {};
  if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
      fchmod(descriptor, kOwnerAlone) != 0) {
    return Status::invalid_argument(path + ": cannot restrict access: " + reason(errno));
  }
  return {};
}

FileSink::FileSink(std::string name, int descriptor, bool owned)
    : name_(std::move(name)), descriptor_(descriptor), owned_(owned) {
  buffer_.reserve(kBufferOctets);
}

FileSink::~FileSink() {
  if (owned_) close(descriptor_);
}

Status FileSink::write(std::string_view text) {
  if (buffer_.size() + text.size() > kBufferOctets) {
    if (Status s = flush(); !s.ok()) return s;
  }
  buffer_ += text;
  return failure_;
}

Status FileSink::flush() {
  std::string_view rest = buffer_;
  while (failure_.ok() && !rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      reader_is_gone_ = errno == EPIPE;
      failure_ = {Code::kInternal, name_ + ": cannot write: " + reason(errno)};
    }
  }
  buffer_.clear();
  return failure_;
}

}  // namespace rekey::wave
