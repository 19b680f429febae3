// SPDX-License-Identifier: Apache-2.0
//
// Machines on which the GPU engine cannot run, or not at once: what it says is what
// `rekeyctl capabilities` shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "cuda/context_rows.h"
#include "cuda/workspace.h"
#include "kernels/cuda/device_fixture.h"
#include "kernels/cuda/engine_checks.h"
#include "kernels/cuda/runtime_double.h"
#include "rekey/engines.h"
#include "rekey/resident.h"
#include "support/contexts_model.h"

namespace rekey::test {
namespace {

using ::testing::HasSubstr;

/// Each test finds the machine as it is, and changes it before it makes an engine.
class Availability : public DeviceTest {
 protected:
  void TearDown() override {
    EXPECT_EQ(runtime_double().held - held_before_, 0) << "something was not given back";
    runtime_double() = {};
  }

  /// What an engine made now gives as the reason that it is out; empty when it is not.
  static std::string reason() {
    const auto engine = make_cuda_engine();
    const std::string reason = engine->unavailable_reason();
    const Status admission = admit(*engine);
    if (reason.empty()) {
      EXPECT_TRUE(admission.ok()) << admission.message();
    } else {
      EXPECT_EQ(admission, Status(Code::kUnavailable, "cuda: " + reason));
    }
    return reason;
  }

  std::int64_t held_before_ = runtime_double().held;
};

TEST_F(Availability, IsThereOnThisMachine) { EXPECT_EQ(reason(), ""); }

TEST_F(Availability, NeedsADriver) {
  runtime_double().device_count_error = cudaErrorInsufficientDriver;
  runtime_double().driver_version = 0;
  EXPECT_EQ(reason(), "no CUDA device (no NVIDIA driver is installed)");
}

TEST_F(Availability, NeedsADriverThatIsNewEnough) {
  runtime_double().device_count_error = cudaErrorInsufficientDriver;
  runtime_double().driver_version = 11020;
  EXPECT_THAT(reason(), HasSubstr("the NVIDIA driver supports CUDA 11.2, this build needs CUDA 1"));
}

TEST_F(Availability, NeedsADevice) {
  runtime_double().device_count_error = cudaErrorNoDevice;
  runtime_double().driver_version = 13000;
  EXPECT_EQ(reason(), "no CUDA device (the NVIDIA driver sees none)");
}

TEST_F(Availability, NeedsAnArchitectureOfThisBuild) {
  runtime_double().capability = 70;
  EXPECT_THAT(reason(), HasSubstr(" has compute capability 7.0, "));
  EXPECT_THAT(reason(), HasSubstr(" or later is needed"));
}

TEST_F(Availability, NeedsFreeMemory) {
  const cuda::Tuning as_shipped;
  const std::size_t needed = as_shipped.workspaces * cuda::Workspace::device_octets(as_shipped);
  runtime_double().free_octets = needed;
  EXPECT_EQ(reason(), "");
  runtime_double().free_octets = needed - 1;
  EXPECT_THAT(reason(), HasSubstr(" MiB of device memory are needed, "));
  EXPECT_THAT(reason(), HasSubstr(" are free"));
}

TEST_F(Availability, ResidentContextsNeedFreeMemory) {
  const auto engine = make_cuda_engine();
  const ContextsShape shape = {.capacity = 1'000'000, .most_sas = 1};
  const std::size_t needed = (std::size_t{shape.capacity} + 1) * cuda::row_octets(1);
  std::unique_ptr<ResidentContexts> set;
  runtime_double().free_octets = needed - 1;
  EXPECT_EQ(engine->open_contexts(shape, &set).code(), Code::kUnavailable);
  EXPECT_EQ(set, nullptr);
  const Status refused = engine->open_contexts(shape, &set);
  EXPECT_THAT(refused.message(), HasSubstr("cuda: 62 MiB of device memory are needed, 61 of "));
  runtime_double().free_octets = needed;
  EXPECT_EQ(engine->open_contexts(shape, &set), Status());
}

TEST_F(Availability, ResidentContextsNeedTheEngine) {
  runtime_double().device_count_error = cudaErrorNoDevice;
  std::unique_ptr<ResidentContexts> set;
  EXPECT_EQ(make_cuda_engine()->open_contexts({.capacity = 1}, &set).code(), Code::kUnavailable);
  EXPECT_EQ(set, nullptr);
}

TEST_F(Availability, IsOutWhileAnotherProcessHasTheDeviceToItself) {
  const std::uint64_t before = runtime_double().calls;
  EXPECT_EQ(reason(), "");
  bool refused = false;
  // The runtime refuses at whichever call first needs the device's context.
  for (std::uint64_t call = 3; call <= 6; ++call) {
    runtime_double().failing_call = runtime_double().calls + call;
    runtime_double().lost = true;
    runtime_double().error = cudaErrorDevicesUnavailable;
    const std::string found = reason();
    runtime_double().failing_call = 0;
    refused |= found.find("another process has it to itself") != std::string::npos;
    EXPECT_NE(found, "");
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(reason(), "") << "the other process is gone";
  EXPECT_GT(runtime_double().calls, before);
}

TEST_F(Availability, SharesADeviceWithOtherEngines) {
  const auto other = make_cuda_engine();
  EXPECT_EQ(other->unavailable_reason(), "");
  EXPECT_EQ(reason(), "");
}

TEST_F(Availability, AllocatesNothingAfterTheStart) {
  const auto engine = cuda::make_engine(kSmallChunks);
  const std::int64_t at_start = runtime_double().allocations;
  EXPECT_TRUE(admit(*engine).ok());
  expect_agreement_on_sizes(*engine, {1, 3 * kSmallChunks.chunk_items + 1});
  EXPECT_EQ(runtime_double().allocations, at_start);
  ContextsModel contexts(*engine, {.capacity = 500, .most_sas = 2}, 1);
  const std::int64_t with_contexts = runtime_double().allocations;
  EXPECT_EQ(with_contexts, at_start + 1) << "one for all rows";
  EXPECT_EQ(contexts.live(3, 400), "");
  EXPECT_EQ(runtime_double().allocations, with_contexts);
}

TEST_F(Availability, ComesBackByTheKnownAnswers) {
  const auto engine = cuda::make_engine(kSmallChunks);
  runtime_double().failing_call = runtime_double().calls + 20;
  const Status failed = admit(*engine);
  EXPECT_EQ(failed.code(), Code::kFailedPrecondition);
  EXPECT_THAT(failed.message(), HasSubstr("unspecified launch failure"));
  runtime_double().failing_call = 0;
  const Status again = admit(*engine);
  EXPECT_TRUE(again.ok()) << again.message();
}

TEST_F(Availability, IsOneEngineForEachDevice) {
  int devices = 0;
  ASSERT_EQ(cudaGetDeviceCount(&devices), cudaSuccess);
  const std::uint64_t counts_before = runtime_double().device_counts;
  const auto engines = make_cuda_engines();
  EXPECT_EQ(runtime_double().device_counts, counts_before + 1) << "once for all";
  ASSERT_EQ(engines.size(), static_cast<std::size_t>(devices));
  for (std::size_t i = 0; i < engines.size(); ++i) {
    EXPECT_EQ(engines[i]->name(), i == 0 ? "cuda" : "cuda:" + std::to_string(i));
    const Status admission = admit(*engines[i]);
    EXPECT_TRUE(admission.ok()) << admission.message();
    ContextsModel contexts(*engines[i], {.capacity = 50, .most_sas = 2}, i);
    EXPECT_EQ(contexts.live(1, 40), "");
  }
  EXPECT_EQ(cuda::make_engine(kSmallChunks, devices)->unavailable_reason(),
            "no CUDA device of number " + std::to_string(devices));
}

}  // namespace
}  // namespace rekey::test
