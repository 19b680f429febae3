// SPDX-License-Identifier: Apache-2.0
#include "security/tls_files.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "rekey/secret.h"

namespace rekey::security {
namespace {

// Far above any bundle of authorities, far below what would fill the memory.
constexpr std::size_t kMaxFileOctets = 4U << 20;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

Status wrong(std::string_view field, std::string_view expected, std::string_view file,
             std::string_view found) {
  std::string message(field);
  message.append(": expected ").append(expected).append(" in ").append(file);
  message.append(", found ").append(found);
  return Status::invalid_argument(message);
}

/// Reads without a buffer of the library's: one of these files is a private key.
Status read_file(std::string_view field, const std::string& file, std::string* out_text) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about = {};
  std::string error;
  if (descriptor < 0 || fstat(descriptor, &about) != 0) {
    error = strerror(errno);
  } else if (!S_ISREG(about.st_mode)) {
    error = "something that is no file";
  } else if (static_cast<std::size_t>(about.st_size) > kMaxFileOctets) {
    error = std::to_string(about.st_size) + " octets, which is too much";
  } else {
    out_text->resize(static_cast<std::size_t>(about.st_size));
    std::size_t done = 0;
    ssize_t got = 0;
    while (done < out_text->size() &&
           (got = read(descriptor, out_text->data() + done, out_text->size() - done)) > 0) {
      done += static_cast<std::size_t>(got);
    }
    if (got < 0) error = strerror(errno);
    out_text->resize(done);
  }
  if (descriptor >= 0) close(descriptor);
  return error.empty() ? Status() : wrong(field, "PEM", file, error);
}

std::vector<Certificate> certificates(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> found;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    found.emplace_back(certificate);
  }
  ERR_clear_error();
  return found;
}

/// Nobody is there to type a passphrase.
int no_passphrase(char*, int, int, void*) { return -1; }

PrivateKey private_key(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

std::string to_text(const ASN1_TIME* time) {
  const Bio bio(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(bio.get(), time);
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  tm parts = {};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

Status check_certificate(const X509* certificate, const std::string& file) {
  constexpr char kExpected[] = "a certificate that is valid today";
  const ASN1_TIME* from = X509_get0_notBefore(certificate);
  const ASN1_TIME* until = X509_get0_notAfter(certificate);
  if (X509_cmp_current_time(from) > 0) {
    return wrong("tls-cert", kExpected, file, "one that is valid from " + to_text(from));
  }
  if (X509_cmp_current_time(until) < 0) {
    return wrong("tls-cert", kExpected, file, "one that expired " + to_text(until));
  }
  return {};
}

}  // namespace

Identity::~Identity() {
  wipe(Octets(reinterpret_cast<std::uint8_t*>(key_pem_.data()), key_pem_.size()));
}

Identity::Identity(Identity&& other) noexcept { *this = std::move(other); }

Identity& Identity::operator=(Identity&& other) noexcept {
  // A short string is copied, not moved: swapped, it is wiped with the other one.
  cert_pem_.swap(other.cert_pem_);
  key_pem_.swap(other.key_pem_);
  ca_pem_.swap(other.ca_pem_);
  std::swap(expiry_, other.expiry_);
  return *this;
}

Status Identity::load(const TlsFiles& files, Identity* out_identity) {
  Identity identity;
  if (Status s = read_file("tls-cert", files.cert, &identity.cert_pem_); !s.ok()) return s;
  if (Status s = read_file("tls-key", files.key, &identity.key_pem_); !s.ok()) return s;
  if (Status s = read_file("tls-ca", files.ca, &identity.ca_pem_); !s.ok()) return s;

  const std::vector<Certificate> chain = certificates(identity.cert_pem_);
  if (chain.empty()) return wrong("tls-cert", "a PEM certificate", files.cert, "none");
  if (Status s = check_certificate(chain.front().get(), files.cert); !s.ok()) return s;
  const PrivateKey key = private_key(identity.key_pem_);
  if (key == nullptr) {
    return wrong("tls-key", "a PEM private key without a passphrase", files.key, "none");
  }
  const bool fits = X509_check_private_key(chain.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) {
    return wrong("tls-key", "the private key of the certificate in " + files.cert, files.key,
                 "another one");
  }
  if (certificates(identity.ca_pem_).empty()) {
    return wrong("tls-ca", "PEM certificates of authorities", files.ca, "none");
  }
  identity.expiry_ = seconds_of(X509_get0_notAfter(chain.front().get()));
  *out_identity = std::move(identity);
  return {};
}

}  // namespace rekey::security
