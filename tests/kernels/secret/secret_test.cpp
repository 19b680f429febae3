// SPDX-License-Identifier: Apache-2.0
#include "rekey/secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <ostream>
#include <utility>
#include <vector>

#include "rekey/trace.h"

namespace rekey {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(Printable<int>);
static_assert(!Printable<Secret<16>>);
static_assert(!Printable<SecretBuffer>);
static_assert(!Printable<TraceStep>);
static_assert(!Printable<Octets>);
static_assert(!Printable<ConstOctets>);

// A copy of a buffer of secrets would be one more place to wipe.
static_assert(!std::is_copy_constructible_v<SecretBuffer>);
static_assert(!std::is_copy_assignable_v<SecretBuffer>);
static_assert(!std::is_convertible_v<std::size_t, SecretBuffer>);

/// WatchedMemory looks at a piece while it is given back.
class WatchedMemory final : public std::pmr::memory_resource {
 public:
  int given_back = 0;
  bool all_were_zero = true;

 private:
  void* do_allocate(std::size_t octets, std::size_t alignment) override {
    return std::pmr::new_delete_resource()->allocate(octets, alignment);
  }
  void do_deallocate(void* piece, std::size_t octets, std::size_t alignment) override {
    ++given_back;
    all_were_zero &= std::ranges::all_of(ConstOctets(static_cast<std::uint8_t*>(piece), octets),
                                         [](std::uint8_t octet) { return octet == 0; });
    std::pmr::new_delete_resource()->deallocate(piece, octets, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

void fill(Octets octets) { std::ranges::fill(octets, std::uint8_t{0x5A}); }

TEST(Wipe, ZeroesEveryOctetAndNoOther) {
  std::vector<std::uint8_t> octets(18, 0x5A);
  wipe(Octets(octets).subspan(1, 16));
  EXPECT_EQ(octets.front(), 0x5A);
  EXPECT_EQ(octets.back(), 0x5A);
  EXPECT_THAT(std::vector(octets.begin() + 1, octets.end() - 1), ::testing::Each(0));
  wipe({});
}

TEST(EqualConstantTime, ComparesAllOctets) {
  const std::vector<std::uint8_t> key = {1, 2, 3, 4};
  EXPECT_TRUE(equal_constant_time(key, std::vector<std::uint8_t>{1, 2, 3, 4}));
  for (std::size_t i = 0; i < key.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<std::uint8_t> other = key;
      other[i] = static_cast<std::uint8_t>(other[i] ^ 1 << bit);
      EXPECT_FALSE(equal_constant_time(key, other));
    }
  }
}

TEST(EqualConstantTime, OfDifferentLengthsIsFalse) {
  const std::vector<std::uint8_t> key = {1, 2, 3, 4};
  EXPECT_FALSE(equal_constant_time(key, ConstOctets(key).first(3)));
  EXPECT_FALSE(equal_constant_time(key, {}));
  EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(Secret, StartsZeroedAndComparesByValue) {
  Secret<20> left, right;
  EXPECT_THAT(left.octets(), ::testing::Each(0));
  EXPECT_TRUE(left == right);
  right.octets()[19] = 1;
  EXPECT_FALSE(left == right);
  left = right;
  EXPECT_TRUE(left == right);
}

TEST(Secret, IsWipedWhenDestroyed) {
  alignas(Secret<32>) std::uint8_t place[sizeof(Secret<32>)];
  auto* secret = new (place) Secret<32>;
  fill(secret->octets());
  secret->~Secret();
  // Volatile: what stands in memory now, whatever the compiler thinks of a dead object.
  const volatile std::uint8_t* octets = place;
  for (std::size_t i = 0; i < sizeof place; ++i) EXPECT_EQ(octets[i], 0);
}

TEST(SecretBuffer, StartsZeroed) {
  const SecretBuffer buffer(100);
  EXPECT_EQ(buffer.size(), 100U);
  EXPECT_THAT(buffer.octets(), ::testing::Each(0));
  EXPECT_TRUE(SecretBuffer().octets().empty());
  EXPECT_TRUE(SecretBuffer(0).octets().empty());
}

TEST(SecretBuffer, IsWipedBeforeItIsFreed) {
  WatchedMemory memory;
  {
    SecretBuffer buffer(1000, &memory);
    fill(buffer.octets());
  }
  EXPECT_EQ(memory.given_back, 1);
  EXPECT_TRUE(memory.all_were_zero);
}

TEST(SecretBuffer, IsWipedWhenAssignedTo) {
  WatchedMemory memory;
  SecretBuffer buffer(1000, &memory);
  fill(buffer.octets());
  WatchedMemory other;
  buffer = SecretBuffer(7, &other);
  EXPECT_EQ(memory.given_back, 1);
  EXPECT_TRUE(memory.all_were_zero);
  EXPECT_EQ(buffer.size(), 7U);
  EXPECT_EQ(other.given_back, 0) << "taken over, with the memory it is from";
  buffer = {};
  EXPECT_EQ(other.given_back, 1);
}

// Where large pages begin, so that the system can give them.
TEST(SecretBuffer, LiesOnLargePagesWhenItIsLong) {
  constexpr std::size_t kLargePage = std::size_t{2} << 20;
  for (const std::size_t octets : {kLargePage, kLargePage + 1, 5 * kLargePage - 1}) {
    SecretBuffer buffer(octets);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.octets().data()) % kLargePage, 0U) << octets;
    EXPECT_EQ(buffer.octets().size(), octets);
    EXPECT_TRUE(std::ranges::all_of(buffer.octets(), [](std::uint8_t o) { return o == 0; }));
    fill(buffer.octets());
  }
}

TEST(SecretBuffer, MovesWithoutCopying) {
  SecretBuffer buffer(1000);
  fill(buffer.octets());
  const std::uint8_t* octets = buffer.octets().data();
  SecretBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.octets().data(), octets);
  EXPECT_THAT(moved.octets(), ::testing::Each(0x5A));
  EXPECT_TRUE(buffer.octets().empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(buffer.size(), 0U);

  SecretBuffer& self = moved;
  moved = std::move(self);
  EXPECT_THAT(moved.octets(), ::testing::Each(0x5A));
}

}  // namespace
}  // namespace rekey
