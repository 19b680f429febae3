// SPDX-License-Identifier: Apache-2.0
//
// No key stays on the device or in the pinned memory that it copies to and from. The program stands
// between the engine and the CUDA runtime where memory is allocated and freed, and looks through
// all of it for keys.
#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "kernels/cuda/device_fixture.h"
#include "kernels/cuda/runtime_double.h"
#include "rekey/engines.h"
#include "rekey/resident.h"
#include "support/batch_builder.h"
#include "support/contexts_model.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

/// The runtime's memory as the engine left it: what is allocated, and what was when it was freed.
class RuntimeMemory {
 public:
  void allocated(void* memory, std::size_t octets) {
    const std::lock_guard lock(mutex_);
    sizes_[memory] = octets;
  }

  void freed(void* memory) {
    const std::lock_guard lock(mutex_);
    const auto found = sizes_.find(memory);
    if (found == sizes_.end()) return;
    freed_.push_back(read(found->first, found->second));
    sizes_.erase(found);
  }

  /// Everything of both kinds.
  std::vector<std::vector<std::uint8_t>> contents() {
    const std::lock_guard lock(mutex_);
    std::vector<std::vector<std::uint8_t>> contents = freed_;
    for (const auto& [memory, octets] : sizes_) contents.push_back(read(memory, octets));
    return contents;
  }

 private:
  static std::vector<std::uint8_t> read(const void* memory, std::size_t octets) {
    std::vector<std::uint8_t> contents(octets);
    EXPECT_EQ(cudaMemcpy(contents.data(), memory, octets, cudaMemcpyDefault), cudaSuccess);
    return contents;
  }

  std::mutex mutex_;
  std::map<void*, std::size_t> sizes_;
  std::vector<std::vector<std::uint8_t>> freed_;
};

RuntimeMemory& runtime_memory() {
  static RuntimeMemory memory;
  return memory;
}

class DeviceWipe : public DeviceTest {
 protected:
  static void SetUpTestSuite() {
    runtime_double().on_allocated = [](void* memory, std::size_t octets) {
      runtime_memory().allocated(memory, octets);
    };
    runtime_double().on_freed = [](void* memory) { runtime_memory().freed(memory); };
    DeviceTest::SetUpTestSuite();
  }

  /// How many buffers hold `key` somewhere.
  static std::ptrdiff_t buffers_with(ConstOctets key) {
    const auto contents = runtime_memory().contents();
    return std::count_if(contents.begin(), contents.end(), [&](const auto& octets) {
      return std::search(octets.begin(), octets.end(), key.begin(), key.end()) != octets.end();
    });
  }
};

TEST_F(DeviceWipe, SeesAKeyThatStays) {
  const std::vector<std::uint8_t> key = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
  void* memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 100), cudaSuccess);
  ASSERT_EQ(cudaMemcpy(memory, key.data(), key.size(), cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_EQ(buffers_with(key), 1);
  ASSERT_EQ(cudaFree(memory), cudaSuccess);
  EXPECT_EQ(buffers_with(key), 1);
}

TEST_F(DeviceWipe, SeesAKeyThatStaysInPinnedMemory) {
  const std::vector<std::uint8_t> key = {1, 6, 1, 8, 0, 3, 3, 9, 8, 8, 7, 4, 9, 8, 9, 4};
  void* memory = nullptr;
  ASSERT_EQ(cudaHostAlloc(&memory, 100, cudaHostAllocDefault), cudaSuccess);
  std::copy(key.begin(), key.end(), static_cast<std::uint8_t*>(memory));
  EXPECT_EQ(buffers_with(key), 1);
  ASSERT_EQ(cudaFreeHost(memory), cudaSuccess);
  EXPECT_EQ(buffers_with(key), 1);
}

TEST_F(DeviceWipe, NoKeyOfABatchStays) {
  for (const Variant& variant : all_variants()) {
    BatchShape shape;
    shape.variant = variant;
    shape.count = kSmallChunks.chunk_items + 2;
    const BatchColumns columns = BatchColumns::random(shape, 7);
    CheckedBatch batch;
    ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
    const OwnedResult result(batch);
    ASSERT_TRUE(engine_->derive(batch, result.result()).ok());
    for (const std::size_t item : {std::size_t{0}, std::size_t{shape.count - 1}}) {
      EXPECT_EQ(buffers_with({batch.pmk().at(item), kPmkOctets}), 0) << shape;
      for (KeyKind kind : kAllKeyKinds) {
        if (!batch.outputs().contains(kind)) continue;
        const ConstOctets key = kind == KeyKind::kTek ? result.tek(item) : result.key(kind, item);
        EXPECT_EQ(buffers_with(key), 0) << to_string(kind) << " of " << shape;
      }
    }
  }
}

TEST_F(DeviceWipe, NoKeyOfABatchThatFailedStays) {
  BatchShape shape;
  shape.count = kSmallChunks.chunk_items + 2;
  shape.sas = SaShape::kUnequal;
  const BatchColumns columns = BatchColumns::random(shape, 11);
  CheckedBatch batch;
  ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
  const OwnedResult expected(batch);
  ASSERT_TRUE(make_openssl_engine()->derive(batch, expected.result()).ok());
  const OwnedResult result(batch);
  int failures = 0;
  for (bool past_the_last = false; !past_the_last;) {
    runtime_double().failing_call = runtime_double().calls + ++failures;
    const Status status = engine_->derive(batch, result.result());
    past_the_last = runtime_double().calls < runtime_double().failing_call;
    runtime_double().failing_call = 0;
    ASSERT_EQ(status.ok(), past_the_last) << "call " << failures;
    for (const std::size_t item : {std::size_t{0}, std::size_t{shape.count - 1}}) {
      EXPECT_EQ(buffers_with({batch.pmk().at(item), kPmkOctets}), 0) << "call " << failures;
      EXPECT_EQ(buffers_with(expected.key(KeyKind::kAk, item)), 0) << "call " << failures;
      EXPECT_EQ(buffers_with(expected.tek(item)), 0) << "call " << failures;
    }
  }
  EXPECT_GT(failures, 10);
}

/// Adds AMSs to `set`, and returns their handles.
std::vector<ContextHandle> add(ResidentContexts& set, const BatchColumns& columns) {
  CheckedContexts contexts;
  EXPECT_EQ(check_contexts(set.shape(), context_input(columns), &contexts), Status());
  std::vector<ContextHandle> handles(columns.count);
  EXPECT_EQ(set.add(contexts, handles), Status());
  return handles;
}

ConstOctets pmk_of(const BatchColumns& columns, std::size_t item) {
  return ConstOctets(columns.pmk).subspan(item * kPmkOctets, kPmkOctets);
}

TEST_F(DeviceWipe, OnlyThePmkOfARegisteredAmsStaysAndOnlyOnTheDevice) {
  constexpr std::uint32_t kAmss = kSmallChunks.chunk_items + 2;
  std::unique_ptr<ResidentContexts> set;
  ASSERT_EQ(engine_->open_contexts({.capacity = kAmss, .most_sas = 1}, &set), Status());
  BatchShape shape;
  shape.count = kAmss;
  const BatchColumns columns = BatchColumns::random(shape, 13);
  const std::vector<ContextHandle> handles = add(*set, columns);
  for (std::size_t item : {0U, kAmss - 1}) EXPECT_EQ(buffers_with(pmk_of(columns, item)), 1);

  CheckedHandover handover;
  ASSERT_EQ(check_handover(set->shape(), {handles, columns.bsid, columns.cmac_key_count, {}, {}},
                           &handover),
            Status());
  CheckedBatch batch;
  ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
  const OwnedResult result(batch);
  std::vector<Code> codes(kAmss);
  ASSERT_EQ(set->derive(handover, result.result(), codes), Status());
  for (std::size_t item : {0U, kAmss - 1}) {
    EXPECT_EQ(buffers_with(pmk_of(columns, item)), 1);
    EXPECT_EQ(buffers_with(result.key(KeyKind::kAk, item)), 0);
    EXPECT_EQ(buffers_with(result.tek(item)), 0);
  }

  ASSERT_EQ(set->remove(std::span(handles).first(1), std::span(codes).first(1)), Status());
  EXPECT_EQ(buffers_with(pmk_of(columns, 0)), 0) << "removed";
  EXPECT_EQ(buffers_with(pmk_of(columns, kAmss - 1)), 1) << "still there";
  set.reset();
  EXPECT_EQ(buffers_with(pmk_of(columns, kAmss - 1)), 0) << "the set is gone";
}

TEST_F(DeviceWipe, NoPmkStaysWhenARemovalFailedOnceAndTheNextSucceeds) {
  std::unique_ptr<ResidentContexts> set;
  ASSERT_EQ(engine_->open_contexts({.capacity = 3, .most_sas = 1}, &set), Status());
  BatchShape shape;
  shape.count = 3;
  int failures = 0;
  for (bool past_the_last = false; !past_the_last;) {
    const BatchColumns columns = BatchColumns::random(shape, 100 + failures);
    const std::vector<ContextHandle> handles = add(*set, columns);
    std::vector<Code> codes(handles.size());
    runtime_double().failing_call = runtime_double().calls + ++failures;
    const Status status = set->remove(handles, codes);
    past_the_last = runtime_double().calls < runtime_double().failing_call;
    runtime_double().failing_call = 0;
    EXPECT_EQ(status.ok(), past_the_last) << "call " << failures;
    EXPECT_THAT(codes, ::testing::Each(Code::kOk)) << "they are removed all the same";
    EXPECT_EQ(set->size(), 0U);
    EXPECT_EQ(set->remove({}, {}), Status()) << "call " << failures;
    for (std::size_t item = 0; item < 3; ++item) {
      EXPECT_EQ(buffers_with(pmk_of(columns, item)), 0) << "call " << failures;
    }
  }
  EXPECT_GT(failures, 5);
}

TEST_F(DeviceWipe, NoPmkStaysOfAmssThatCouldNotBeAdded) {
  std::unique_ptr<ResidentContexts> set;
  ASSERT_EQ(engine_->open_contexts({.capacity = 3, .most_sas = 1}, &set), Status());
  BatchShape shape;
  shape.count = 3;
  const BatchColumns columns = BatchColumns::random(shape, 17);
  CheckedContexts contexts;
  ASSERT_EQ(check_contexts(set->shape(), context_input(columns), &contexts), Status());
  int failures = 0;
  for (bool past_the_last = false; !past_the_last;) {
    std::vector<ContextHandle> handles(3, ContextHandle{1, 1, 1});
    runtime_double().failing_call = runtime_double().calls + ++failures;
    const Status status = set->add(contexts, handles);
    past_the_last = runtime_double().calls < runtime_double().failing_call;
    runtime_double().failing_call = 0;
    EXPECT_EQ(status.ok(), past_the_last) << "call " << failures;
    if (past_the_last) continue;
    EXPECT_THAT(handles, ::testing::Each(ContextHandle()));
    EXPECT_EQ(set->size(), 0U);
    for (std::size_t item = 0; item < 3; ++item) {
      EXPECT_EQ(buffers_with(pmk_of(columns, item)), 0) << "call " << failures;
    }
  }
  EXPECT_GT(failures, 5);
}

TEST_F(DeviceWipe, NoPmkStaysInASetThatEndsWhileACallFails) {
  BatchShape shape;
  shape.count = 3;
  int failures = 0;
  for (bool past_the_last = false; !past_the_last;) {
    std::unique_ptr<ResidentContexts> set;
    ASSERT_EQ(engine_->open_contexts({.capacity = 3, .most_sas = 1}, &set), Status());
    const BatchColumns columns = BatchColumns::random(shape, 200 + failures);
    add(*set, columns);
    runtime_double().failing_call = runtime_double().calls + ++failures;
    set.reset();
    past_the_last = runtime_double().calls < runtime_double().failing_call;
    runtime_double().failing_call = 0;
    for (std::size_t item = 0; item < 3; ++item) {
      EXPECT_EQ(buffers_with(pmk_of(columns, item)), 0) << "call " << failures;
    }
  }
  EXPECT_GT(failures, 2);
}

TEST_F(DeviceWipe, NoKeyOfAMacStays) {
  const std::vector<std::uint8_t> key = {2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5};
  std::vector<std::uint8_t> mac(kBlockOctets);
  ASSERT_TRUE(engine_->cmac({1, key, {}, 0}, mac).ok());
  EXPECT_EQ(buffers_with(key), 0);
  EXPECT_EQ(buffers_with(mac), 0);
}

}  // namespace
}  // namespace rekey::test
