// SPDX-License-Identifier: Apache-2.0
//
// The vector engine loads and stores whole vectors of columns whose rows are narrower: it must not
// touch an octet beyond them. Here every column ends where a page begins that cannot be touched.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <deque>
#include <string>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

using test::BatchColumns;
using test::BatchShape;

/// GuardedOctets is memory that ends where an untouchable page begins.
class GuardedOctets {
 public:
  explicit GuardedOctets(std::size_t size) : size_(size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t pages = (size + page - 1) / page * page;
    mapped_ = pages + page;
    memory_ = static_cast<std::uint8_t*>(
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    EXPECT_NE(memory_, MAP_FAILED);
    EXPECT_EQ(mprotect(memory_ + pages, page, PROT_NONE), 0);
    octets_ = memory_ + pages - size;
  }
  explicit GuardedOctets(ConstOctets from) : GuardedOctets(from.size()) {
    if (!from.empty()) std::memcpy(octets_, from.data(), from.size());
  }
  GuardedOctets(const GuardedOctets&) = delete;
  GuardedOctets& operator=(const GuardedOctets&) = delete;
  ~GuardedOctets() { munmap(memory_, mapped_); }

  [[nodiscard]] Octets octets() const { return {octets_, size_}; }

 private:
  std::uint8_t* memory_ = nullptr;
  std::uint8_t* octets_ = nullptr;
  std::size_t mapped_ = 0;
  std::size_t size_ = 0;
};

/// Derives a batch with guarded columns. Returns the first difference from OpenSSL's keys.
std::string derive_columns(Engine& engine, const BatchColumns& columns) {
  BatchInput input = columns.input();
  std::deque<GuardedOctets> memory;
  for (ConstOctets* column :
       {&input.pmk, &input.msid, &input.bsid, &input.nonce, &input.cmac_key_count, &input.ak_sn,
        &input.sa_counts, &input.saids}) {
    if (!column->empty()) *column = memory.emplace_back(*column).octets();
  }
  CheckedBatch batch;
  EXPECT_EQ(check_batch(input, &batch), Status());
  test::OwnedResult expected(batch);
  EXPECT_EQ(make_openssl_ecb_engine()->derive(batch, expected.result()), Status());
  BatchResult guarded;
  for (KeyKind kind : kAllKeyKinds) {
    guarded.set_column(kind, memory.emplace_back(batch.result_octets(kind)).octets());
  }
  EXPECT_EQ(engine.derive(batch, guarded), Status());
  test::OwnedResult found(batch);
  for (KeyKind kind : kAllKeyKinds) {
    const Octets column = guarded.column(kind);
    if (!column.empty()) {
      std::memcpy(found.result().column(kind).data(), column.data(), column.size());
    }
  }
  return first_difference(batch, expected, found);
}

std::string derive_guarded(Engine& engine, const BatchShape& shape) {
  return derive_columns(engine, BatchColumns::random(shape, shape.count));
}

class SimdColumns : public testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(Targets, SimdColumns, testing::ValuesIn(simd_targets()),
                         [](const auto& named) { return std::string(named.param); });

TEST_P(SimdColumns, AreNotTouchedBeyondTheirEnds) {
  const auto engine = make_simd_engine(GetParam());
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t count = 1; count <= 70; ++count) {
      ASSERT_EQ(derive_guarded(*engine, {.variant = variant, .count = count}), "") << count;
    }
    for (std::uint32_t sas : {1U, 2U}) {
      for (std::uint32_t count : {16U, 48U}) {
        const BatchShape shape = {.variant = variant,
                                  .count = count,
                                  .sas = test::SaShape::kEqual,
                                  .max_sas = sas,
                                  .tek_counters = 3};
        ASSERT_EQ(derive_guarded(*engine, shape), "") << shape;
      }
    }
  }
}

TEST_P(SimdColumns, OfOneAreNotTouchedBeyondTheirEnds) {
  const auto engine = make_simd_engine(GetParam());
  for (const test::Variant& variant : test::all_variants()) {
    const BatchShape shape = {.variant = variant,
                              .count = 40,
                              .shared_pmk = true,
                              .shared_msid = true,
                              .shared_bsid = true,
                              .shared_nonce = true,
                              .shared_cmac_key_count = true,
                              .shared_ak_sn = true};
    ASSERT_EQ(derive_guarded(*engine, shape), "") << shape;
  }
}

// The keys of many AMSs are stored past the caches, where whole cache lines are: in batches of 64
// more all columns begin with a line, of 65 none, of 68 those of 16-octet keys do and AK does not.
TEST_P(SimdColumns, OfManyAmsHoldTheirKeysWhereverTheyBegin) {
  const auto engine = make_simd_engine(GetParam());
  for (std::uint32_t count : {32'768U + 64, 32'768U + 65, 32'768U + 68}) {
    ASSERT_EQ(derive_guarded(*engine, {.count = count}), "") << count;
  }
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t count : {32'768U + 64, 32'768U + 66}) {
      const BatchShape shape = {.variant = variant, .count = count};
      ASSERT_EQ(derive_guarded(*engine, shape), "") << shape;
    }
  }
}

// Behind an AMS with two associations the TEKs of a group begin in the middle of a cache line.
TEST_P(SimdColumns, OfManyAmsHoldTheTeksOfUnequalOnes) {
  const auto engine = make_simd_engine(GetParam());
  BatchColumns columns =
      BatchColumns::random({.count = 32'768 + 64, .sas = test::SaShape::kEqual, .max_sas = 1}, 1);
  ASSERT_EQ(columns.sa_counts.size(), 32'768U + 64);
  for (const std::size_t item : {std::size_t{100}, std::size_t{20'000}}) {
    columns.sa_counts[item] = 2;
    columns.saids.push_back(static_cast<std::uint8_t>(item));
  }
  EXPECT_EQ(derive_columns(*engine, columns), "");
}

}  // namespace
}  // namespace rekey
