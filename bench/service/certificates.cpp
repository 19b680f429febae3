// SPDX-License-Identifier: Apache-2.0
#include "service/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include <cerrno>
#include <string>

namespace rekey::bench {
namespace {

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};

template <typename T>
using Owned = std::unique_ptr<T, Free>;

struct Identity {
  Owned<X509> certificate;
  Owned<EVP_PKEY> key;
};

constexpr long kSecondsOfADay = 86'400;
constexpr long kClockSkewSeconds = 300;
constexpr char kAuthorityName[] = "rekey-bench authority";
constexpr char kClientName[] = "rekey-bench";
constexpr char kOtherName[] = "other.rekey-bench";
constexpr char kServerAddress[] = "IP:127.0.0.1";

bool extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// Makes a key and a certificate, signed by the authority; without one it is the authority's own.
bool issue(const char* name, const std::string& alternative_name, long serial,
           const Identity* authority, Identity* out_identity) {
  Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  Owned<X509> certificate(X509_new());
  if (key == nullptr || certificate == nullptr) return false;
  X509* issuer = authority == nullptr ? certificate.get() : authority->certificate.get();
  EVP_PKEY* signing = authority == nullptr ? key.get() : authority->key.get();
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const bool made =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kClockSkewSeconds) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kSecondsOfADay) != nullptr &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(name), -1, -1, 0) == 1 &&
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1 &&
      extend(certificate.get(), issuer, NID_basic_constraints,
             authority == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
      extend(certificate.get(), issuer, NID_subject_alt_name, alternative_name.c_str()) &&
      X509_sign(certificate.get(), signing, EVP_sha256()) != 0;
  *out_identity = {std::move(certificate), std::move(key)};
  return made;
}

/// rekeyd knows a caller by its alternative name, before its common one.
bool issue_client(const char* name, long serial, const Identity* authority,
                  Identity* out_identity) {
  return issue(name, std::string("DNS:") + name, serial, authority, out_identity);
}

bool write_certificate(const std::string& path, X509* certificate) {
  const Owned<BIO> file(BIO_new_file(path.c_str(), "w"));
  return file != nullptr && PEM_write_bio_X509(file.get(), certificate) == 1 &&
         BIO_flush(file.get()) == 1;
}

bool write_key(const std::string& path, EVP_PKEY* key) {
  const Owned<BIO> file(BIO_new_file(path.c_str(), "w"));
  return file != nullptr &&
         PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
         BIO_flush(file.get()) == 1;
}

bool write(const Identity& identity, const TlsFiles& files) {
  return write_certificate(files.cert, identity.certificate.get()) &&
         write_key(files.key, identity.key.get());
}

}  // namespace

Status Certificates::make(std::unique_ptr<Certificates>* out_certificates) {
  std::string folder = std::filesystem::temp_directory_path() / "rekey-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return {Code::kInternal,
            "cannot make a folder for certificates: " + std::string(strerror(errno))};
  }
  std::unique_ptr<Certificates> certificates(new Certificates(folder));
  if (Status s = certificates->write_all(); !s.ok()) return s;
  *out_certificates = std::move(certificates);
  return {};
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Status Certificates::write_all() {
  const std::string ca = folder_ / "ca.pem";
  files_.server = {folder_ / "server.pem", folder_ / "server.key", ca};
  files_.client = {folder_ / "client.pem", folder_ / "client.key", ca};
  files_.client_name = kClientName;
  files_.other = {folder_ / "other.pem", folder_ / "other.key", ca};
  files_.other_name = kOtherName;
  Identity authority;
  Identity server;
  Identity client;
  Identity other;
  const bool made = issue(kAuthorityName, kServerAddress, 1, nullptr, &authority) &&
                    issue("rekeyd", kServerAddress, 2, &authority, &server) &&
                    issue_client(kClientName, 3, &authority, &client) &&
                    issue_client(kOtherName, 4, &authority, &other);
  if (!made) return {Code::kInternal, "OpenSSL cannot make certificates"};
  if (!write_certificate(ca, authority.certificate.get()) || !write(server, files_.server) ||
      !write(client, files_.client) || !write(other, files_.other)) {
    return {Code::kInternal, "cannot write certificates to " + folder_.string()};
  }
  return {};
}

}  // namespace rekey::bench
