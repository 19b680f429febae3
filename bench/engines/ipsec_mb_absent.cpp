// SPDX-License-Identifier: Apache-2.0
//
// Stands in for ipsec_mb.cpp where the library is missing.
#include "engines/ipsec_mb.h"

#include <utility>

namespace rekey::bench {
namespace {

class Absent final : public MacWay {
 public:
  explicit Absent(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return "absent"; }
  [[nodiscard]] Status available() const override {
    return {Code::kUnavailable, name_ + ": built without intel-ipsec-mb (libipsec-mb-dev)"};
  }
  [[nodiscard]] std::size_t abreast() const override { return 1; }
  bool mac(ConstOctets, std::span<MacList>) override { return false; }
  bool encrypt(ConstOctets, Octets) override { return false; }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<MacWay> make_ipsec_mb_cmac() { return std::make_unique<Absent>("ipsec-mb"); }
std::unique_ptr<MacWay> make_ipsec_mb_cbc() { return std::make_unique<Absent>("ipsec-mb-cbc"); }

}  // namespace rekey::bench
