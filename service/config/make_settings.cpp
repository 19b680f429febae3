// SPDX-License-Identifier: Apache-2.0
#include "config/make_settings.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "config/setting.h"
#include "process/cores.h"

namespace rekey::config {
namespace {

/// All cores up to 16: a batch of the largest request gains little from more.
unsigned default_simd_threads() { return std::min(usable_cores(), 16U); }

class Maker {
 public:
  explicit Maker(std::span<const GivenSettings* const> sources) {
    for (const GivenSettings* source : sources) {
      for (const auto& [name, given] : *source) given_.insert_or_assign(name, given);
    }
    settings_.simd_threads = default_simd_threads();
  }

  Status make(Settings* out_settings) {
    for (const Setting& setting : all_settings()) {
      const auto given = given_.find(setting.name);
      if (given == given_.end()) continue;
      if (Status s = setting.take(given->second.texts, &settings_); !s.ok()) {
        wrong(setting.name, s.message());
      }
    }
    if (errors_.empty()) check_security();
    if (settings_.audit_required && settings_.audit.empty()) {
      wrong("audit-required", "expected audit beside it, found no file");
    }
    if (!settings_.contexts_key_file.empty() && !settings_.contexts_store.is_sealed()) {
      wrong("contexts-key-file", "expected contexts-store rocksdb or redis beside it, found " +
                                     settings_.contexts_store.to_string());
    }
    if (!errors_.empty()) return Status::invalid_argument(errors_);
    *out_settings = std::move(settings_);
    return {};
  }

 private:
  void wrong(std::string_view name, const std::string& message) {
    const auto given = given_.find(name);
    if (!errors_.empty()) errors_ += "\n";
    errors_ += given == given_.end() ? "--" + std::string(name) : given->second.where;
    errors_ += ": " + message;
  }

  void check_security() {
    const security::TlsFiles& tls = settings_.tls;
    for (const auto& [name, file] :
         {std::pair{"tls-cert", &tls.cert}, std::pair{"tls-key", &tls.key},
          std::pair{"tls-ca", &tls.ca}}) {
      if (!tls.none() && file->empty()) {
        wrong(name,
              "expected a file, since tls-cert, tls-key and tls-ca belong together, found nothing");
      }
    }
    const bool plaintext = tls.none();
    const bool any_role =
        std::ranges::any_of(settings_.roles, [](const auto& names) { return !names.empty(); });
    if (plaintext && any_role) {
      for (const Role& role : kRoles) {
        if (!settings_.roles[static_cast<std::size_t>(role.role)].empty()) {
          wrong(role.setting,
                "expected tls-cert, tls-key and tls-ca beside it, since names come from "
                "certificates, found plaintext");
        }
      }
    }
    if (!plaintext && !any_role) {
      wrong("allow-derive",
            "expected a name that may call, beside tls-cert, tls-key and tls-ca, found none");
    }
    if (!plaintext && settings_.insecure) {
      wrong("insecure", "expected plaintext, found tls-cert, tls-key and tls-ca");
    }
    if (plaintext && !settings_.insecure && !settings_.listen.is_loopback()) {
      wrong("listen",
            "expected a loopback address, since keys would cross the network in "
            "plaintext, found '" +
                settings_.listen.to_string() +
                "'. Give tls-cert, tls-key and tls-ca; or allow plaintext with --insecure");
    }
  }

  struct Role {
    security::Role role;
    std::string_view setting;
  };
  static constexpr Role kRoles[] = {{security::Role::kDerive, "allow-derive"},
                                    {security::Role::kContexts, "allow-contexts"},
                                    {security::Role::kOperate, "allow-operate"}};

  GivenSettings given_;
  Settings settings_;
  std::string errors_;
};

}  // namespace

Status make_settings(std::span<const GivenSettings* const> sources, Settings* out_settings) {
  return Maker(sources).make(out_settings);
}

}  // namespace rekey::config
