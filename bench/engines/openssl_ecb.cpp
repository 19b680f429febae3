// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "engines/cmac_by_hand.h"
#include "engines/jobs_by_key.h"
#include "engines/openssl_objects.h"
#include "engines/openssl_ways.h"

namespace rekey::bench {
namespace {

class OpensslEcbWay final : public MacWay {
 public:
  [[nodiscard]] std::string name() const override { return "openssl-ecb"; }
  [[nodiscard]] std::string description() const override {
    return "CMAC by hand over AES-128-ECB, keyed once for each Kin, " + openssl_version();
  }
  [[nodiscard]] Status available() const override { return openssl_status(ecb_.available()); }
  [[nodiscard]] std::size_t abreast() const override { return 64; }

  bool mac(ConstOctets keys, std::span<MacList> lists) override {
    return jobs_by_key_.for_each(keys, lists, [&](ConstOctets key, std::span<MacJob* const> jobs) {
      return jobs.empty() || mac_under(key, jobs);
    });
  }
  bool encrypt(ConstOctets keys, Octets blocks) override { return ecb_.encrypt_each(keys, blocks); }

 private:
  bool mac_under(ConstOctets key, std::span<MacJob* const> jobs);
  std::uint8_t* block(std::size_t i) { return blocks_.data() + i * kBlockOctets; }
  bool encrypt_first(std::size_t count) {
    return ecb_.encrypt(Octets(blocks_).first(count * kBlockOctets));
  }

  OpensslEcb ecb_;
  JobsByKey jobs_by_key_;
  std::vector<std::uint8_t> blocks_;  ///< what goes through AES together
};

/// Messages of one block wait for the subkeys; the first blocks of longer ones do not, and go
/// through AES with the block that the subkeys come from.
bool OpensslEcbWay::mac_under(ConstOctets key, std::span<MacJob* const> jobs) {
  if (!ecb_.set_key(key)) return false;
  blocks_.resize(std::max(blocks_.size(), (jobs.size() + 1) * kBlockOctets));
  std::memset(block(0), 0, kBlockOctets);
  std::size_t count = 1;
  std::size_t calls = 2;
  for (MacJob* job : jobs) {
    if (job->blocks() == 1) continue;
    std::memcpy(block(count++), job->block(0), kBlockOctets);
    calls = std::max(calls, job->blocks());
  }
  if (!encrypt_first(count)) return false;
  std::uint8_t k1[kBlockOctets];
  std::uint8_t k2[kBlockOctets];
  double_block(block(0), k1);
  double_block(k1, k2);
  count = 1;
  for (MacJob* job : jobs) {
    close_message(job, k1, k2);
    if (job->blocks() > 1) xor_block(job->block(1), block(count++));
  }
  for (std::size_t call = 1; call < calls; ++call) {
    const auto in_play = [call](const MacJob* job) {
      return call < std::max<std::size_t>(job->blocks(), 2);
    };
    count = 0;
    for (MacJob* job : jobs) {
      if (!in_play(job)) continue;
      std::memcpy(block(count++), job->block(job->blocks() == 1 ? 0 : call), kBlockOctets);
    }
    if (!encrypt_first(count)) return false;
    count = 0;
    for (MacJob* job : jobs) {
      if (!in_play(job)) continue;
      if (call + 1 < job->blocks()) {
        xor_block(job->block(call + 1), block(count++));
      } else {
        std::memcpy(job->mac, block(count++), kBlockOctets);
      }
    }
  }
  return true;
}

}  // namespace

std::unique_ptr<MacWay> make_openssl_ecb() { return std::make_unique<OpensslEcbWay>(); }

}  // namespace rekey::bench
