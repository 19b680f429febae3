// SPDX-License-Identifier: Apache-2.0
#include "engines/ipsec_mb.h"

#include <intel-ipsec-mb.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "engines/cmac_by_hand.h"

namespace rekey::bench {
namespace {

struct ManagerFree {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};

/// ScheduledKey is an AES-128 key as the library takes it.
struct ScheduledKey {
  alignas(16) std::uint8_t rounds[11 * kBlockOctets];
  alignas(16) std::uint8_t k1[kBlockOctets];
  alignas(16) std::uint8_t k2[kBlockOctets];
};

/// What both ways share: key schedules, and AES in bursts.
class IpsecMb : public MacWay {
 public:
  IpsecMb() : manager_(alloc_mb_mgr(0)) {
    static constexpr std::uint8_t kZeroIv[kBlockOctets] = {};
    for (IMB_JOB& job : cbc_jobs_) {
      job.iv = kZeroIv;
      job.iv_len_in_bytes = kBlockOctets;
    }
    if (!manager_) return;
    IMB_ARCH arch = IMB_ARCH_NONE;
    init_mb_mgr_auto(manager_.get(), &arch);
    ready_ = imb_get_errno(manager_.get()) == 0;
    arch_ = arch;
  }

  [[nodiscard]] Status available() const override {
    if (ready_) return {};
    return {Code::kUnavailable, name() + ": intel-ipsec-mb cannot run on this machine"};
  }
  [[nodiscard]] std::size_t abreast() const override { return IMB_MAX_BURST_SIZE; }

  bool mac(ConstOctets keys, std::span<MacList> lists) final {
    schedule(keys);
    for (ScheduledKey& key : keys_) {
      IMB_AES_CMAC_SUBKEY_GEN_128(manager_.get(), key.rounds, key.k1, key.k2);
    }
    for (MacList& list : lists) {
      for (std::size_t first = 0; first < list.size(); first += IMB_MAX_BURST_SIZE) {
        const std::size_t count = std::min<std::size_t>(IMB_MAX_BURST_SIZE, list.size() - first);
        if (!mac_burst(std::span(list).subspan(first, count))) return false;
      }
    }
    return true;
  }

  bool encrypt(ConstOctets keys, Octets blocks) final {
    schedule(keys);
    for (std::size_t first = 0; first < keys_.size(); first += IMB_MAX_BURST_SIZE) {
      const std::size_t count = std::min<std::size_t>(IMB_MAX_BURST_SIZE, keys_.size() - first);
      for (std::size_t i = 0; i < count; ++i) {
        set_cbc_job(i, keys_[first + i], &blocks[(first + i) * kBlockOctets], kBlockOctets);
      }
      if (!run_cbc_jobs(count)) return false;
    }
    return true;
  }

 protected:
  /// Computes at most IMB_MAX_BURST_SIZE MACs of equally many blocks.
  virtual bool mac_burst(std::span<MacJob> jobs) = 0;

  [[nodiscard]] IMB_MGR* manager() { return manager_.get(); }
  [[nodiscard]] const ScheduledKey& key(const MacJob& job) const { return keys_[job.key]; }

  /// Job i encrypts `octets` octets in place, from a zero initialization vector.
  void set_cbc_job(std::size_t i, const ScheduledKey& key, std::uint8_t* text, std::size_t octets) {
    IMB_JOB& job = cbc_jobs_[i];
    job.enc_keys = key.rounds;
    job.src = text;
    job.dst = text;
    job.msg_len_to_cipher_in_bytes = octets;
  }
  bool run_cbc_jobs(std::size_t count) {
    return IMB_SUBMIT_CIPHER_BURST_NOCHECK(manager_.get(), cbc_jobs_.data(),
                                           static_cast<std::uint32_t>(count), IMB_CIPHER_CBC,
                                           IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES) == count;
  }
  [[nodiscard]] std::string version() const {
    return std::string("intel-ipsec-mb ") + imb_get_version_str();
  }

 private:
  void schedule(ConstOctets keys) {
    // IMB_AES_KEYEXP_128 would compute the schedule of decryption as well.
    const auto expand = arch_ == IMB_ARCH_AVX512 ? aes_keyexp_128_enc_avx512
                        : arch_ == IMB_ARCH_AVX2 ? aes_keyexp_128_enc_avx2
                        : arch_ == IMB_ARCH_AVX  ? aes_keyexp_128_enc_avx
                                                 : aes_keyexp_128_enc_sse;
    keys_.resize(keys.size() / kBlockOctets);
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      expand(&keys[k * kBlockOctets], keys_[k].rounds);
    }
  }

  std::unique_ptr<IMB_MGR, ManagerFree> manager_;
  IMB_ARCH arch_ = IMB_ARCH_NONE;
  bool ready_ = false;
  std::vector<ScheduledKey> keys_;
  std::array<IMB_JOB, IMB_MAX_BURST_SIZE> cbc_jobs_{};
};

class IpsecMbCmac final : public IpsecMb {
 public:
  [[nodiscard]] std::string name() const override { return "ipsec-mb"; }
  [[nodiscard]] std::string description() const override {
    return "bursts of 128 CMACs, " + version();
  }

 protected:
  bool mac_burst(std::span<MacJob> jobs) override {
    const auto count = static_cast<std::uint32_t>(jobs.size());
    std::array<IMB_JOB*, IMB_MAX_BURST_SIZE> burst;
    if (IMB_GET_NEXT_BURST(manager(), count, burst.data()) != count) return false;
    for (std::uint32_t i = 0; i < count; ++i) {
      IMB_JOB& job = *burst[i];
      const ScheduledKey& scheduled = key(jobs[i]);
      job.cipher_mode = IMB_CIPHER_NULL;
      job.cipher_direction = IMB_DIR_ENCRYPT;
      job.chain_order = IMB_ORDER_HASH_CIPHER;
      job.hash_alg = IMB_AUTH_AES_CMAC;
      job.src = jobs[i].message;
      job.hash_start_src_offset_in_bytes = 0;
      job.msg_len_to_hash_in_bytes = jobs[i].octets;
      job.auth_tag_output = jobs[i].mac;
      job.auth_tag_output_len_in_bytes = kBlockOctets;
      job.u.CMAC._key_expanded = scheduled.rounds;
      job.u.CMAC._skey1 = scheduled.k1;
      job.u.CMAC._skey2 = scheduled.k2;
    }
    // The last messages wait for company that does not come until they are flushed.
    std::uint32_t done = IMB_SUBMIT_BURST_NOCHECK(manager(), count, burst.data());
    while (done < count) {
      const std::uint32_t flushed = IMB_FLUSH_BURST(manager(), count - done, burst.data());
      if (flushed == 0) return false;
      done += flushed;
    }
    return true;
  }
};

class IpsecMbCbc final : public IpsecMb {
 public:
  [[nodiscard]] std::string name() const override { return "ipsec-mb-cbc"; }
  [[nodiscard]] std::string description() const override {
    return "CMAC by hand over bursts of 128 AES-CBC, " + version();
  }

 protected:
  bool mac_burst(std::span<MacJob> jobs) override {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const ScheduledKey& scheduled = key(jobs[i]);
      close_message(&jobs[i], scheduled.k1, scheduled.k2);
      set_cbc_job(i, scheduled, jobs[i].message, jobs[i].blocks() * kBlockOctets);
    }
    if (!run_cbc_jobs(jobs.size())) return false;
    for (MacJob& job : jobs) std::memcpy(job.mac, job.block(job.blocks() - 1), kBlockOctets);
    return true;
  }
};

}  // namespace

std::unique_ptr<MacWay> make_ipsec_mb_cmac() { return std::make_unique<IpsecMbCmac>(); }
std::unique_ptr<MacWay> make_ipsec_mb_cbc() { return std::make_unique<IpsecMbCbc>(); }

}  // namespace rekey::bench
