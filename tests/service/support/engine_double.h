// SPDX-License-Identifier: Apache-2.0
//
// An engine that derives with OpenSSL, the fast way, and then does whatever a test wants.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "rekey/engines.h"

namespace rekey::test {

/// Behaviour is a function that may be replaced while other threads call it.
class Behaviour {
 public:
  using Function = std::function<Status(const CheckedBatch&, const BatchResult&)>;

  Behaviour& operator=(Function function) {
    const std::lock_guard lock(mutex_);
    function_ = std::move(function);
    return *this;
  }
  Status operator()(const CheckedBatch& batch, const BatchResult& result) const {
    Function function;
    {
      const std::lock_guard lock(mutex_);
      function = function_;
    }
    return function ? function(batch, result) : Status();
  }

 private:
  mutable std::mutex mutex_;
  Function function_;
};

/// EngineDouble misbehaves on demand.
class EngineDouble final : public Engine {
 public:
  explicit EngineDouble(std::string name)
      : name_(std::move(name)), inner_(make_openssl_ecb_engine()) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return "a test double"; }
  [[nodiscard]] std::string unavailable_reason() const override { return absent; }

  std::string absent;  ///< why it is unavailable; to be set before the engine is used
  /// Runs after a right derivation; may change the result.
  Behaviour then;
  std::atomic<int> derivations = 0;
  std::atomic<int> calls = 0;        ///< derivations and batches of MACs
  std::atomic<int> wrong_call = -1;  ///< the number of the call of which every octet is wrong

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override {
    ++derivations;
    if (Status s = inner_->derive(batch, result); !s.ok()) return s;
    if (calls++ == wrong_call) {
      for (KeyKind kind : kAllKeyKinds) spoil(result.column(kind));
    }
    return then(batch, result);
  }
  Status cmac_all(const CmacBatch& batch, Octets macs) override {
    if (Status s = inner_->cmac(batch, macs); !s.ok()) return s;
    if (calls++ == wrong_call) spoil(macs);
    return {};
  }

 private:
  static void spoil(Octets octets) {
    for (std::uint8_t& octet : octets) octet ^= 0x80;
  }

  std::string name_;
  std::unique_ptr<Engine> inner_;
};

inline Status fail(const CheckedBatch&, const BatchResult&) {
  return {Code::kInternal, "broken on purpose"};
}

/// Flips the last bit of the last AK, or does nothing where there is none.
inline Status flip_a_bit(const CheckedBatch&, const BatchResult& result) {
  if (!result.ak.empty()) result.ak.back() ^= 1;
  return {};
}

/// Gate holds threads back until it is opened.
class Gate {
 public:
  /// Blocks until open().
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  /// Blocks until `threads` have come to the gate.
  void wait_for_arrivals(int threads) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= threads; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

}  // namespace rekey::test
