// SPDX-License-Identifier: Apache-2.0
#include "engines/openssl_objects.h"
#include "engines/openssl_ways.h"

namespace rekey::bench {
namespace {

class OpensslLoop final : public MacWay {
 public:
  [[nodiscard]] std::string name() const override { return "openssl-loop"; }
  [[nodiscard]] std::string description() const override {
    return "a new EVP_MAC_CTX for every MAC, " + openssl_version();
  }
  [[nodiscard]] Status available() const override {
    return openssl_status(cmac_.available() && ecb_.available());
  }
  [[nodiscard]] std::size_t abreast() const override { return 1; }

  bool mac(ConstOctets keys, std::span<MacList> lists) override {
    for (const MacList& list : lists) {
      for (const MacJob& job : list) {
        const auto context = cmac_.new_context();
        std::size_t octets = 0;
        if (!context ||
            EVP_MAC_init(context.get(), &keys[job.key * kBlockOctets], kBlockOctets, nullptr) !=
                1 ||
            EVP_MAC_update(context.get(), job.message, job.octets) != 1 ||
            EVP_MAC_final(context.get(), job.mac, &octets, kBlockOctets) != 1) {
          return false;
        }
      }
    }
    return true;
  }
  bool encrypt(ConstOctets keys, Octets blocks) override { return ecb_.encrypt_each(keys, blocks); }

 private:
  OpensslCmac cmac_;
  OpensslEcb ecb_;
};

}  // namespace

std::unique_ptr<MacWay> make_openssl_loop() { return std::make_unique<OpensslLoop>(); }

}  // namespace rekey::bench
