// SPDX-License-Identifier: Apache-2.0
#include "engines/jobs_by_key.h"
#include "engines/openssl_objects.h"
#include "engines/openssl_ways.h"

namespace rekey::bench {
namespace {

class OpensslReused final : public MacWay {
 public:
  OpensslReused() {
    const OpensslCmac cmac;
    if (cmac.available()) context_ = cmac.new_context();
  }

  [[nodiscard]] std::string name() const override { return "openssl-reused"; }
  [[nodiscard]] std::string description() const override {
    return "one EVP_MAC_CTX, keyed once for each Kin, " + openssl_version();
  }
  [[nodiscard]] Status available() const override {
    return openssl_status(context_ && ecb_.available());
  }
  [[nodiscard]] std::size_t abreast() const override { return 1; }

  bool mac(ConstOctets keys, std::span<MacList> lists) override {
    return jobs_by_key_.for_each(keys, lists, [&](ConstOctets key, std::span<MacJob* const> jobs) {
      const std::uint8_t* new_key = key.data();
      for (const MacJob* job : jobs) {
        std::size_t octets = 0;
        // Without a key the context starts again under the key it has.
        if (EVP_MAC_init(context_.get(), new_key, new_key == nullptr ? 0 : key.size(), nullptr) !=
                1 ||
            EVP_MAC_update(context_.get(), job->message, job->octets) != 1 ||
            EVP_MAC_final(context_.get(), job->mac, &octets, kBlockOctets) != 1) {
          return false;
        }
        new_key = nullptr;
      }
      return true;
    });
  }
  bool encrypt(ConstOctets keys, Octets blocks) override { return ecb_.encrypt_each(keys, blocks); }

 private:
  OpensslOwned<EVP_MAC_CTX> context_;
  OpensslEcb ecb_;
  JobsByKey jobs_by_key_;
};

}  // namespace

std::unique_ptr<MacWay> make_openssl_reused() { return std::make_unique<OpensslReused>(); }

}  // namespace rekey::bench
