// SPDX-License-Identifier: Apache-2.0
#include "wave/sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "wave/system_reason.h"

namespace rekey::wave {
namespace {

constexpr std::size_t kChunkOctets = 1 << 16;

}  // namespace

Status FileSink::open(const std::string& path, std::unique_ptr<FileSink>* out_sink) {
  if (path == "-") {
    out_sink->reset(new FileSink("standard output", STDOUT_FILENO, false));
    return {};
  }
  constexpr mode_t kOwnerAlone = S_IRUSR | S_IWUSR;
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerAlone);
  if (descriptor < 0)
    return Status::invalid_argument(path + ": cannot create: " + system_reason(errno));
  out_sink->reset(new FileSink(path, descriptor, true));
  // A file that was there before keeps its mode unless it is changed.
  struct stat about = {};
  if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
      fchmod(descriptor, kOwnerAlone) != 0) {
    return Status::invalid_argument(path + ": cannot restrict access: " + system_reason(errno));
  }
  return {};
}

FileSink::FileSink(std::string name, int descriptor, bool owned)
    : name_(std::move(name)), descriptor_(descriptor), owned_(owned) {
  buffer_.reserve(kChunkOctets);
}

FileSink::~FileSink() {
  if (owned_) close(descriptor_);
}

Status FileSink::write(std::string_view text) {
  if (buffer_.size() + text.size() > kChunkOctets) {
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
      failure_ = {Code::kInternal, name_ + ": cannot write: " + system_reason(errno)};
    }
  }
  buffer_.clear();
  return failure_;
}

}  // namespace rekey::wave
