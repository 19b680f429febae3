// SPDX-License-Identifier: Apache-2.0
//
// What the vector engine leaves on the stack it has used: no key.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <unordered_set>
#include <vector>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

using test::BatchColumns;
using test::BatchShape;

using Windows = std::unordered_set<std::uint64_t>;

std::uint64_t window_at(const std::uint8_t* octets) {
  std::uint64_t window = 0;
  std::memcpy(&window, octets, sizeof(window));
  return window;
}

void add_windows(ConstOctets octets, Windows* windows) {
  for (std::size_t i = 0; i + sizeof(std::uint64_t) <= octets.size(); ++i) {
    windows->insert(window_at(octets.data() + i));
  }
}

[[gnu::noinline]] Status derive_deeply(Engine& engine, const CheckedBatch& batch,
                                       const BatchResult& result) {
  return engine.derive(batch, result);
}

constexpr std::size_t kDeep = std::size_t{64} * 1024;

/// What was made before leaves keys there too.
[[gnu::noinline]] void clear_dead_stack() {
  volatile std::uint8_t below[kDeep];
  for (volatile std::uint8_t& octet : below) octet = 0;
}

/// Copies what lies below the caller's frame, without a call that would write there.
[[gnu::noinline, gnu::no_sanitize("address"), gnu::no_sanitize("thread")]] void copy_dead_stack(
    std::vector<std::uint8_t>* out_octets) {
  const volatile std::uint8_t* below =
      static_cast<const std::uint8_t*>(__builtin_frame_address(0)) - out_octets->size();
  std::uint8_t* to = out_octets->data();
  const std::size_t size = out_octets->size();
  for (std::size_t i = 0; i < size; ++i) to[i] = below[i];
}

class SimdDeadStack : public testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(Targets, SimdDeadStack, testing::ValuesIn(simd_targets()),
                         [](const auto& named) { return std::string(named.param); });

TEST_P(SimdDeadStack, HoldsNoKey) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer keeps frames elsewhere, or larger ones";
#endif
  const auto engine = make_simd_engine(GetParam());
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t count : {1U, 16U, 33U, 100U}) {
      for (test::SaShape sas : {test::SaShape::kOneByDefault, test::SaShape::kUnequal}) {
        const BatchShape shape = {.variant = variant, .count = count, .sas = sas};
        const BatchColumns columns = BatchColumns::random(shape, count);
        CheckedBatch batch;
        ASSERT_EQ(check_batch(columns.input(), &batch), Status());
        test::OwnedResult result(batch);
        std::vector<std::uint8_t> dead(kDeep);
        clear_dead_stack();
        ASSERT_EQ(derive_deeply(*engine, batch, result.result()), Status());
        copy_dead_stack(&dead);

        Windows secret;
        add_windows(columns.pmk, &secret);
        for (KeyKind kind : kAllKeyKinds) add_windows(result.result().column(kind), &secret);
        secret.erase(0);
        for (std::size_t i = 0; i + sizeof(std::uint64_t) <= dead.size(); ++i) {
          ASSERT_FALSE(secret.contains(window_at(dead.data() + i)))
              << shape << ": " << dead.size() - i << " octets below";
        }
      }
    }
  }
}

}  // namespace
}  // namespace rekey
