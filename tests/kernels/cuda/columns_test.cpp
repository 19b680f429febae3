// SPDX-License-Identifier: Apache-2.0
//
// The kernels alone, each column in memory of its own and of exactly its size: where the runtime
// watches over memory it finds a kernel that leaves its columns, which it could not see inside the
// engine's few large allocations.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/device.h"
#include "cuda/launch.h"
#include "kernels/cuda/device_fixture.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

constexpr std::uint32_t kLanes = cuda::kAbreast;

class CudaColumns : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_TRUE(stream_.create().ok());
  }

  /// Memory of the device, for the length of the test.
  std::uint8_t* column(std::size_t octets) {
    EXPECT_TRUE(memory_.emplace_back().allocate(octets).ok());
    return memory_.back().data();
  }

  std::uint8_t* upload(const void* from, std::size_t octets) {
    if (octets == 0) return nullptr;
    std::uint8_t* to = column(octets);
    EXPECT_EQ(cudaMemcpyAsync(to, from, octets, cudaMemcpyHostToDevice, stream_.get()),
              cudaSuccess);
    return to;
  }

  template <std::size_t Width>
  cuda::InputColumn upload(Column<Width> from, std::uint32_t count) {
    if (from.data == nullptr) return {};
    return {upload(from.data, Width * (from.shared ? 1 : count)),
            from.shared ? 0 : static_cast<std::uint32_t>(Width)};
  }

  void expect_agreement(const BatchShape& shape);

  cuda::Stream stream_;
  std::deque<cuda::DeviceMemory> memory_;
};

void CudaColumns::expect_agreement(const BatchShape& shape) {
  const BatchColumns columns = BatchColumns::random(shape, 1);
  CheckedBatch batch;
  ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
  const OwnedResult expected(batch);
  ASSERT_TRUE(make_openssl_engine()->derive(batch, expected.result()).ok());
  const OwnedResult found(batch);

  const std::uint32_t count = batch.count();
  cuda::AmsColumns ams;
  ams.count = count;
  ams.pmk = upload(batch.pmk(), count);
  ams.msid = upload(batch.msid(), count);
  ams.bsid = upload(batch.bsid(), count);
  ams.nonce = upload(batch.nonce(), count);
  ams.cmac_key_count = upload(batch.cmac_key_count(), count);
  ams.ak_sn = upload(batch.ak_sn(), count);
  std::array<std::uint8_t*, kAllKeyKinds.size()> results{};
  const auto result = [&](KeyKind kind) -> std::uint8_t*& {
    return results[static_cast<std::size_t>(kind)];
  };
  for (KeyKind kind : kAllKeyKinds) {
    if (batch.result_octets(kind) > 0) result(kind) = column(batch.result_octets(kind));
  }
  for (KeyKind kind : kAllKeyKinds) {
    if (kind != KeyKind::kTek) ams.*cuda::result_column(kind) = result(kind);
  }
  const bool with_teks = result(KeyKind::kTek) != nullptr;
  const bool equal_sas = with_teks && shape.sas == SaShape::kOneByDefault;
  if (equal_sas) {
    ams.sas.saids.data = upload(batch.saids().data(), batch.saids().size());
    ams.sas.teks = result(KeyKind::kTek);
    ams.sas.sas_per_item = batch.sa_count(0);
    ams.sas.said_octets = batch.options().said_octets;
    ams.sas.set_counters(batch.tek_counters());
  } else if (with_teks) {
    ams.tek_kin = column(count * kBlockOctets);
  }
  Status status = cuda::launch_ams(batch.profile(), batch.options(), ams, stream_.get());
  ASSERT_TRUE(status.ok()) << status.message();

  std::vector<std::uint32_t> first_sas(count);
  if (with_teks && !equal_sas) {
    for (std::uint32_t item = 1; item < count; ++item) {
      first_sas[item] = first_sas[item - 1] + batch.sa_count(item - 1);
    }
    cuda::TekColumns teks;
    teks.tek_kin = ams.tek_kin;
    teks.first_sas = reinterpret_cast<const std::uint32_t*>(
        upload(first_sas.data(), count * sizeof(std::uint32_t)));
    teks.items = count;
    teks.saids.data = upload(batch.saids().data(), batch.saids().size());
    teks.teks = result(KeyKind::kTek);
    teks.count = batch.total_sas();
    teks.set_counters(batch.tek_counters());
    status = cuda::launch_teks(batch.options().said_octets, teks, stream_.get());
    ASSERT_TRUE(status.ok()) << status.message();
  }
  for (KeyKind kind : kAllKeyKinds) {
    const Octets to = found.result().column(kind);
    if (to.empty()) continue;
    ASSERT_EQ(
        cudaMemcpyAsync(to.data(), result(kind), to.size(), cudaMemcpyDeviceToHost, stream_.get()),
        cudaSuccess);
  }
  status = stream_.synchronize();
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(first_difference(batch, expected, found), "") << shape;
}

TEST_F(CudaColumns, AreNotLeftByAnyVariant) {
  for (const Variant& variant : all_variants()) {
    for (const std::uint32_t count : {1U, 3U, 33U, cuda::kThreadsPerBlock * kLanes + 1}) {
      BatchShape shape;
      shape.variant = variant;
      shape.count = count;
      shape.sas = SaShape::kUnequal;
      shape.tek_counters = 3;
      expect_agreement(shape);
      shape.sas = SaShape::kOneByDefault;
      expect_agreement(shape);
    }
  }
}

TEST_F(CudaColumns, OfOneAreNotLeft) {
  BatchShape shape;
  shape.count = 5;
  shape.shared_pmk = shape.shared_msid = shape.shared_bsid = true;
  shape.shared_nonce = shape.shared_cmac_key_count = shape.shared_ak_sn = true;
  expect_agreement(shape);
}

}  // namespace
}  // namespace rekey::test
