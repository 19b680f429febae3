// SPDX-License-Identifier: Apache-2.0
#include "security/certificates.h"

#include <sys/stat.h>

#include <utility>

namespace rekey::security {

Status Certificates::open(const TlsFiles& files, ChangeHook on_change,
                          std::unique_ptr<Certificates>* out_certificates) {
  std::unique_ptr<Certificates> certificates(new Certificates(std::move(on_change)));
  if (Status s = certificates->replace(files); !s.ok()) return s;
  *out_certificates = std::move(certificates);
  return {};
}

Status Certificates::replace(const TlsFiles& files) {
  const std::lock_guard lock(mutex_);
  // Before the files are read: what changes after this is seen at the next handshake.
  const Stamps stamps = stamps_of(files);
  if (Status s = Identity::load(files, &identity_); !s.ok()) return s;
  files_ = files;
  stamps_ = stamps;
  visited_ = false;
  return {};
}

std::int64_t Certificates::expiry() {
  const std::lock_guard lock(mutex_);
  return identity_.expiry();
}

bool Certificates::visit_if_new(const std::function<void(const Identity&)>& visit) {
  const std::lock_guard lock(mutex_);
  if (const Stamps stamps = stamps_of(files_); stamps != stamps_) {
    stamps_ = stamps;
    const Status loaded = Identity::load(files_, &identity_);
    if (loaded.ok()) visited_ = false;
    if (on_change_) on_change_(loaded.message());
  }
  if (visited_) return false;
  visit(identity_);
  visited_ = true;
  return true;
}

Certificates::Stamps Certificates::stamps_of(const TlsFiles& files) {
  Stamps stamps;
  std::size_t next = 0;
  for (const std::string* file : {&files.cert, &files.key, &files.ca}) {
    struct stat about = {};
    Stamp& stamp = stamps[next++];
    if (stat(file->c_str(), &about) != 0) continue;
    stamp = {about.st_dev, about.st_ino, about.st_size, about.st_mtim.tv_sec,
             about.st_mtim.tv_nsec};
  }
  return stamps;
}

}  // namespace rekey::security
