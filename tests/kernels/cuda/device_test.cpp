// SPDX-License-Identifier: Apache-2.0
//
// The compiled engine on a device.
#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "cuda/device.h"
#include "cuda/launch.h"
#include "cuda/workspace.h"
#include "kernels/cuda/device_fixture.h"
#include "kernels/cuda/engine_checks.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

class CudaDevice : public DeviceTest {};

TEST_F(CudaDevice, IsNamed) {
  EXPECT_EQ(engine_->name(), "cuda");
  EXPECT_THAT(engine_->description(), ::testing::HasSubstr("compute capability"));
}

TEST_F(CudaDevice, ReproducesTheKnownAnswers) {
  const Status small_chunks = admit(*engine_);
  EXPECT_TRUE(small_chunks.ok()) << small_chunks.message();
  const Status as_shipped = admit(*make_cuda_engine());
  EXPECT_TRUE(as_shipped.ok()) << as_shipped.message();
}

TEST_F(CudaDevice, AgreesOnEveryVariant) { expect_agreement_on_every_variant(*engine_); }

TEST_F(CudaDevice, AgreesOnEverySubsetOfOutputs) {
  expect_agreement_on_every_subset_of_outputs(*engine_);
}

TEST_F(CudaDevice, AgreesOnUnequalSecurityAssociations) {
  expect_agreement_on_unequal_sas(*engine_);
}

TEST_F(CudaDevice, AgreesOnEqualSecurityAssociations) { expect_agreement_on_equal_sas(*engine_); }

TEST_F(CudaDevice, AgreesOnColumnsOfOne) { expect_agreement_on_columns_of_one(*engine_); }

TEST_F(CudaDevice, AgreesAroundTheSizesOfWarpBlockAndChunk) {
  constexpr std::uint32_t kWarp = 32;
  constexpr std::uint32_t kBlock = cuda::kThreadsPerBlock * cuda::kAbreast;
  constexpr std::uint32_t kChunk = kSmallChunks.chunk_items;
  expect_agreement_on_sizes(
      *engine_, {0, 1, kWarp - 1, kWarp, kWarp + 1, kBlock - 1, kBlock, kBlock + 1, kChunk - 1,
                 kChunk, kChunk + 1, 2 * kChunk, 2 * kChunk + 1});
}

TEST_F(CudaDevice, AgreesWhenColumnsOfOneServeSeveralChunks) {
  BatchShape shape;
  shape.count = kSmallChunks.chunk_items + 1;
  shape.shared_pmk = shape.shared_bsid = shape.shared_cmac_key_count = true;
  EXPECT_EQ(disagreement(*engine_, shape, 1), "");
}

TEST_F(CudaDevice, AgreesInChunksAsShipped) {
  BatchShape shape;
  shape.count = 1000;
  shape.sas = SaShape::kUnequal;
  shape.bad_percent = 1;
  EXPECT_EQ(disagreement(*make_cuda_engine(), shape, 1), "");
}

TEST_F(CudaDevice, AgreesWhenOneOfThousandsHasTheMostSecurityAssociations) {
  for (const std::uint32_t rich : {0U, 1234U, 1999U}) {
    BatchShape shape;
    shape.count = 2000;
    shape.sas = SaShape::kNone;
    BatchColumns columns = BatchColumns::random(shape, rich);
    for (std::uint32_t item = 0; item < shape.count; ++item) {
      columns.sa_counts[item] = item == rich ? kMaxSasPerAms : 1;
      for (unsigned sa = 0; sa < columns.sa_counts[item]; ++sa) {
        columns.saids.push_back(static_cast<std::uint8_t>(item + sa));
      }
    }
    EXPECT_EQ(disagreement(*engine_, columns), "");
    EXPECT_EQ(disagreement(*make_cuda_engine(), columns), "");
  }
}

TEST_F(CudaDevice, DerivesABatchLargerThanAllItsMemory) {
  constexpr cuda::Tuning kOneSmallChunk = {.chunk_items = 64,
                                           .chunk_teks = cuda::kMaxTeksPerAms,
                                           .workspaces = 1,
                                           .workspaces_of_a_batch = 1};
  BatchShape shape;
  shape.count = 5000;
  const BatchColumns columns = BatchColumns::random(shape, 1);
  CheckedBatch batch;
  ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
  std::size_t octets = 0;
  for (KeyKind kind : kAllKeyKinds) octets += batch.result_octets(kind);
  ASSERT_GT(octets, cuda::Workspace::device_octets(kOneSmallChunk));
  EXPECT_EQ(disagreement(*cuda::make_engine(kOneSmallChunk), columns), "");
}

TEST_F(CudaDevice, RefusesAMessageLargerThanAllItsMemory) {
  const std::size_t most = cuda::Workspace::transfer_octets(kSmallChunks);
  const std::vector<std::uint8_t> key(kBlockOctets);
  const std::vector<std::uint8_t> message(most);
  std::vector<std::uint8_t> mac(kBlockOctets, 0xa5);
  const Status status = engine_->cmac({1, key, message, message.size()}, mac);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), ::testing::HasSubstr("message_octets: expected at most "));
  EXPECT_THAT(mac, ::testing::Each(0));
}

TEST_F(CudaDevice, ComputesMacsOfEveryLength) {
  const auto referee = make_openssl_engine();
  std::mt19937 random(4493);
  const auto draw = [&](std::size_t octets) {
    std::vector<std::uint8_t> drawn(octets);
    for (std::uint8_t& octet : drawn) octet = static_cast<std::uint8_t>(random());
    return drawn;
  };
  for (std::size_t length : {0, 1, 15, 16, 17, 31, 32, 33, 40, 64, 1000}) {
    const std::uint32_t count = length == 33 ? kSmallChunks.chunk_items + 1 : 3;
    const auto keys = draw(count * kBlockOctets);
    const auto messages = draw(count * length);
    const CmacBatch batch = {count, keys, messages, length};
    std::vector<std::uint8_t> expected(count * kBlockOctets);
    std::vector<std::uint8_t> found(count * kBlockOctets);
    ASSERT_TRUE(referee->cmac(batch, expected).ok());
    const Status status = engine_->cmac(batch, found);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(to_hex(found), to_hex(expected)) << "messages of " << length << " octets";
  }
}

/// Host memory that the device copies to on its own, while the host goes on.
class PinnedOctets {
 public:
  explicit PinnedOctets(ConstOctets octets) : size_(octets.size()) {
    EXPECT_EQ(cudaMallocHost(&memory_, size_), cudaSuccess);
    std::copy(octets.begin(), octets.end(), this->octets().begin());
  }
  PinnedOctets(const PinnedOctets&) = delete;
  PinnedOctets& operator=(const PinnedOctets&) = delete;
  ~PinnedOctets() { EXPECT_EQ(cudaFreeHost(memory_), cudaSuccess); }

  [[nodiscard]] Octets octets() { return {static_cast<std::uint8_t*>(memory_), size_}; }

 private:
  void* memory_ = nullptr;
  std::size_t size_;
};

TEST_F(CudaDevice, CopiesPinnedColumnsDirectlyAndIsDoneWithThemWhenItReturns) {
  BatchShape shape;
  shape.count = 2 * kSmallChunks.chunk_items + 1;
  shape.sas = SaShape::kUnequal;
  shape.outputs = {KeyKind::kAk, KeyKind::kTek};
  BatchColumns columns = BatchColumns::random(shape, 1);
  CheckedBatch batch;
  ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
  const OwnedResult expected(batch);
  ASSERT_TRUE(make_openssl_engine()->derive(batch, expected.result()).ok());

  PinnedOctets pmk(columns.pmk);
  PinnedOctets saids(columns.saids);
  PinnedOctets ak(std::vector<std::uint8_t>(batch.result_octets(KeyKind::kAk)));
  PinnedOctets teks(std::vector<std::uint8_t>(batch.result_octets(KeyKind::kTek)));
  BatchInput input = columns.input();
  input.pmk = pmk.octets();
  input.saids = saids.octets();
  CheckedBatch pinned_batch;
  ASSERT_TRUE(check_batch(input, &pinned_batch).ok());
  BatchResult result;
  result.ak = ak.octets();
  result.teks = teks.octets();
  cuda::Tuning tuning = kSmallChunks;
  tuning.direct_octets = 1;
  const Status status = cuda::make_engine(tuning)->derive(pinned_batch, result);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(to_hex(result.ak), to_hex(expected.column(KeyKind::kAk)));
  EXPECT_EQ(to_hex(result.teks), to_hex(expected.column(KeyKind::kTek)));
}

TEST_F(CudaDevice, ServesSeveralThreadsAtOnce) {
  constexpr std::size_t kThreads = 6;
  const auto engine = cuda::make_engine({.chunk_items = 50,
                                         .chunk_teks = cuda::kMaxTeksPerAms,
                                         .workspaces = 2,
                                         .workspaces_of_a_batch = 2});
  std::vector<std::string> found(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&found, &engine, i] {
      BatchShape shape;
      shape.variant.profile = kAllProfiles[i % kAllProfiles.size()];
      shape.count = static_cast<std::uint32_t>(20 + 100 * i);
      for (std::uint64_t seed = 0; seed < 3 && found[i].empty(); ++seed) {
        found[i] = disagreement(*engine, shape, seed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(found, ::testing::Each(""));
}

TEST_F(CudaDevice, CountsTheSecurityAssociationsOfTheLargestChunk) {
  std::mt19937 random(15);
  std::vector<std::uint8_t> counts(cuda::Tuning{}.chunk_items);
  for (std::uint8_t& count : counts) count = static_cast<std::uint8_t>(random());
  std::vector<std::uint32_t> expected(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), expected.begin(), std::uint32_t{0});

  cuda::Stream stream;
  ASSERT_TRUE(stream.create().ok());
  cuda::DeviceMemory input, output, scratch;
  std::vector<std::uint32_t> found(counts.size());
  const std::size_t found_octets = found.size() * sizeof found[0];
  ASSERT_TRUE(input.allocate(counts.size()).ok());
  ASSERT_TRUE(output.allocate(found_octets).ok());
  ASSERT_TRUE(scratch.allocate(cuda::kScanScratchOctets).ok());
  ASSERT_EQ(cudaMemcpyAsync(input.data(), counts.data(), counts.size(), cudaMemcpyHostToDevice,
                            stream.get()),
            cudaSuccess);
  auto* first_sas = reinterpret_cast<std::uint32_t*>(output.data());
  const auto scan = [&](std::size_t scratch_octets) {
    return cuda::scan_sa_counts(input.data(), static_cast<std::uint32_t>(counts.size()), first_sas,
                                scratch.data(), scratch_octets, stream.get());
  };
  const Status status = scan(cuda::kScanScratchOctets);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(
      cudaMemcpyAsync(found.data(), first_sas, found_octets, cudaMemcpyDeviceToHost, stream.get()),
      cudaSuccess);
  ASSERT_TRUE(stream.synchronize().ok());
  EXPECT_EQ(found, expected);

  const Status without_scratch = scan(0);
  EXPECT_EQ(without_scratch.code(), Code::kInternal);
  EXPECT_THAT(without_scratch.message(), ::testing::HasSubstr("thrust::exclusive_scan"));
}

}  // namespace
}  // namespace rekey::test
