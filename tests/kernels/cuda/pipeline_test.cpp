// SPDX-License-Identifier: Apache-2.0
//
// In which order an engine hands its work to the runtime: copies can only hide behind kernels when
// nothing waits in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cuda/device.h"
#include "cuda/workspace.h"
#include "kernels/cuda/device_fixture.h"
#include "kernels/cuda/runtime_double.h"
#include "rekey/engines.h"
#include "rekey/resident.h"
#include "support/batch_builder.h"
#include "support/contexts_model.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

class CudaPipeline : public DeviceTest {
 protected:
  /// The calls about streams while `engine_` derives `chunks` chunks.
  static std::vector<StreamCall> calls_of(std::uint32_t chunks) {
    BatchShape shape;
    shape.count = chunks * kSmallChunks.chunk_items;
    const BatchColumns columns = BatchColumns::random(shape, 1);
    CheckedBatch batch;
    EXPECT_TRUE(check_batch(columns.input(), &batch).ok());
    const OwnedResult result(batch);
    runtime_double().stream_calls.clear();
    const Status status = engine_->derive(batch, result.result());
    EXPECT_TRUE(status.ok()) << status.message();
    return runtime_double().stream_calls;
  }

  static bool waits(const StreamCall& call) {
    return call.name == "cudaEventSynchronize" || call.name == "cudaStreamSynchronize";
  }
};

TEST_F(CudaPipeline, HandsOutThreeChunksOnThreeStreamsBeforeItWaitsForTheFirst) {
  const std::vector<StreamCall> calls = calls_of(7);
  const auto first_wait = std::ranges::find_if(calls, waits);
  ASSERT_NE(first_wait, calls.end());
  std::map<cudaStream_t, std::vector<std::string>> before;
  for (auto call = calls.begin(); call != first_wait; ++call) {
    before[call->stream].push_back(call->name);
  }
  EXPECT_EQ(before.size(), 3U);
  for (const auto& [stream, names] : before) {
    EXPECT_EQ(names.front(), "upload");
    EXPECT_THAT(names, ::testing::IsSupersetOf({"cudaLaunchKernel", "download"}));
    EXPECT_EQ(names.back(), "cudaEventRecord");
  }
  EXPECT_EQ(first_wait->stream, calls.front().stream) << "the oldest is waited for first";
}

TEST_F(CudaPipeline, KeepsTwoChunksGoingWhileItWaitsForOne) {
  std::set<cudaStream_t> going;
  std::size_t waits_seen = 0;
  for (const StreamCall& call : calls_of(7)) {
    if (call.name == "cudaEventRecord") going.insert(call.stream);
    if (!waits(call)) continue;
    EXPECT_EQ(call.name, "cudaEventSynchronize") << "only events are waited for";
    EXPECT_EQ(going.size(), std::min<std::size_t>(3, 7 - waits_seen));
    EXPECT_EQ(going.erase(call.stream), 1U);
    ++waits_seen;
  }
  EXPECT_EQ(waits_seen, 7U) << "one wait a chunk";
}

TEST_F(CudaPipeline, CopiesOnceInAndOnceOutPerChunk) {
  const std::vector<StreamCall> calls = calls_of(5);
  EXPECT_EQ(std::ranges::count(calls, "upload", &StreamCall::name), 5);
  EXPECT_EQ(std::ranges::count(calls, "download", &StreamCall::name), 5);
}

TEST_F(CudaPipeline, LeavesLargePinnedColumnsToTheDevice) {
  cuda::Tuning tuning = kSmallChunks;
  tuning.direct_octets = kSmallChunks.chunk_items * kAkOctets;
  const auto engine = cuda::make_engine(tuning);
  BatchShape shape;
  shape.count = 2 * kSmallChunks.chunk_items;
  shape.outputs = {KeyKind::kAk, KeyKind::kCmacKeyU};
  const BatchColumns columns = BatchColumns::random(shape, 1);
  cuda::PinnedMemory pmk, ak, cmac_key;
  ASSERT_TRUE(pmk.allocate(columns.pmk.size()).ok());
  ASSERT_TRUE(ak.allocate(shape.count * kAkOctets).ok());
  ASSERT_TRUE(cmac_key.allocate(shape.count * kCmacKeyOctets).ok());
  std::ranges::copy(columns.pmk, pmk.data());
  BatchInput input = columns.input();
  input.pmk = {pmk.data(), columns.pmk.size()};
  CheckedBatch batch;
  ASSERT_TRUE(check_batch(input, &batch).ok());
  BatchResult result;
  result.ak = {ak.data(), shape.count * kAkOctets};
  result.cmac_key_u = {cmac_key.data(), shape.count * kCmacKeyOctets};

  runtime_double().stream_calls.clear();
  const Status status = engine->derive(batch, result);
  ASSERT_TRUE(status.ok()) << status.message();
  const OwnedResult expected(batch);
  ASSERT_TRUE(make_openssl_engine()->derive(batch, expected.result()).ok());
  EXPECT_TRUE(std::ranges::equal(result.ak, expected.column(KeyKind::kAk)));
  EXPECT_TRUE(std::ranges::equal(result.cmac_key_u, expected.column(KeyKind::kCmacKeyU)));
  const auto copies_at = [](const void* host) {
    return std::ranges::count(runtime_double().stream_calls, host, &StreamCall::host);
  };
  const std::size_t second = kSmallChunks.chunk_items;
  EXPECT_EQ(copies_at(pmk.data()), 1);
  EXPECT_EQ(copies_at(pmk.data() + second * kPmkOctets), 1);
  EXPECT_EQ(copies_at(ak.data()), 1);
  EXPECT_EQ(copies_at(ak.data() + second * kAkOctets), 1);
  EXPECT_EQ(copies_at(cmac_key.data()), 0) << "a part of it is too small";
}

TEST_F(CudaPipeline, SendsTwelveOctetsOfAnAmsThatIsOnTheDevice) {
  constexpr std::uint32_t kAmss = kSmallChunks.chunk_items;
  std::unique_ptr<ResidentContexts> set;
  ASSERT_EQ(engine_->open_contexts({.capacity = kAmss, .most_sas = 1}, &set), Status());
  BatchShape shape;
  shape.count = kAmss;
  const BatchColumns columns = BatchColumns::random(shape, 1);
  CheckedContexts contexts;
  ASSERT_EQ(check_contexts(set->shape(), context_input(columns), &contexts), Status());
  std::vector<ContextHandle> handles(kAmss);
  ASSERT_EQ(set->add(contexts, handles), Status());
  CheckedHandover handover;
  ASSERT_EQ(check_handover(set->shape(), {handles, columns.bsid, columns.cmac_key_count, {}, {}},
                           &handover),
            Status());
  CheckedBatch batch;
  ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
  const OwnedResult result(batch);
  std::vector<Code> codes(kAmss);

  runtime_double().stream_calls.clear();
  ASSERT_EQ(set->derive(handover, result.result(), codes), Status());
  std::size_t sent = 0;
  for (const StreamCall& call : runtime_double().stream_calls) {
    if (call.name == "upload") sent += call.octets;
    EXPECT_NE(call.stream, nullptr) << call.name;
  }
  constexpr std::size_t kHandle = 4;
  EXPECT_EQ(sent, cuda::Workspace::room_octets(kAmss * kHandle) +
                      cuda::Workspace::room_octets(kAmss * kBsidOctets) +
                      cuda::Workspace::room_octets(kAmss * kCmacKeyCountOctets));
}

TEST_F(CudaPipeline, NeverUsesTheDefaultStream) {
  for (const StreamCall& call : calls_of(5)) {
    EXPECT_NE(call.stream, nullptr) << call.name;
    EXPECT_NE(call.stream, cudaStreamLegacy) << call.name;
    EXPECT_NE(call.stream, cudaStreamPerThread) << call.name;
  }
}

}  // namespace
}  // namespace rekey::test
