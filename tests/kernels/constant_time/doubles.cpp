// SPDX-License-Identifier: Apache-2.0
#include "kernels/constant_time/doubles.h"

#include <numeric>
#include <string_view>

namespace rekey::test {
namespace {

using Pmk = std::span<const std::uint8_t, kPmkOctets>;
using Ak = std::span<std::uint8_t, kAkOctets>;

struct EarlyExit {
  static constexpr std::string_view kName = "early_exit";

  static void derive(Pmk pmk, Ak ak) {
    std::size_t alike = 0;
    while (alike < kPmkOctets && pmk[alike] == kFixedPmk[alike]) ++alike;
    ak[0] = static_cast<std::uint8_t>(alike);
  }
};

struct TableLookup {
  static constexpr std::string_view kName = "table_lookup";

  static void derive(Pmk pmk, Ak ak) {
    static const std::array<std::uint8_t, 256> kTable = [] {
      std::array<std::uint8_t, 256> table;
      std::iota(table.rbegin(), table.rend(), std::uint8_t{0});
      return table;
    }();
    for (std::size_t i = 0; i < kPmkOctets; ++i) ak[i] = kTable[pmk[i]];
  }
};

struct BranchFree {
  static constexpr std::string_view kName = "branch_free";

  static void derive(Pmk pmk, Ak ak) {
    std::uint8_t differing_bits = 0;
    for (std::size_t i = 0; i < kPmkOctets; ++i) {
      differing_bits |= static_cast<std::uint8_t>(pmk[i] ^ kFixedPmk[i]);
      ak[i] = differing_bits;
    }
  }
};

template <typename Derivation>
class Double final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return Derivation::kName; }
  [[nodiscard]] std::string description() const override { return "a double"; }
  [[nodiscard]] std::string unavailable_reason() const override { return {}; }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override {
    for (std::size_t item = 0; item < batch.count(); ++item) {
      Derivation::derive(Pmk(batch.pmk().at(item), kPmkOctets),
                         Ak(result.ak.data() + item * kAkOctets, kAkOctets));
    }
    return {};
  }

  Status cmac_all(const CmacBatch&, Octets) override {
    return {Code::kInternal, "a double has no CMAC"};
  }
};

}  // namespace

std::unique_ptr<Engine> make_early_exit_engine() { return std::make_unique<Double<EarlyExit>>(); }

std::unique_ptr<Engine> make_table_lookup_engine() {
  return std::make_unique<Double<TableLookup>>();
}

std::unique_ptr<Engine> make_branch_free_engine() { return std::make_unique<Double<BranchFree>>(); }

}  // namespace rekey::test
