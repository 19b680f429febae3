// SPDX-License-Identifier: Apache-2.0
#include "cuda/tek.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

namespace rekey::cuda {
namespace {

std::vector<std::uint32_t> owners(const std::vector<std::uint32_t>& sa_counts) {
  std::vector<std::uint32_t> first_sas(sa_counts.size());
  std::exclusive_scan(sa_counts.begin(), sa_counts.end(), first_sas.begin(), std::uint32_t{0});
  std::vector<std::uint32_t> found;
  const std::uint32_t total = std::accumulate(sa_counts.begin(), sa_counts.end(), 0U);
  for (std::uint32_t sa = 0; sa < total; ++sa) {
    found.push_back(owner_of(sa, first_sas.data(), static_cast<std::uint32_t>(first_sas.size())));
  }
  return found;
}

TEST(Tek, FindsTheAmsOfEverySecurityAssociation) {
  using Owners = std::vector<std::uint32_t>;
  EXPECT_EQ(owners({1}), (Owners{0}));
  EXPECT_EQ(owners({1, 1, 1}), (Owners{0, 1, 2}));
  EXPECT_EQ(owners({3, 1, 2}), (Owners{0, 0, 0, 1, 2, 2}));
}

TEST(Tek, PassesOverAmssWithoutSecurityAssociations) {
  using Owners = std::vector<std::uint32_t>;
  EXPECT_EQ(owners({0, 2}), (Owners{1, 1}));
  EXPECT_EQ(owners({2, 0, 0, 1, 0}), (Owners{0, 0, 3}));
  EXPECT_EQ(owners({0, 0, 0}), Owners{});
}

}  // namespace
}  // namespace rekey::cuda
