// SPDX-License-Identifier: Apache-2.0
//
// Every call of the CUDA runtime fails in turn, once or for good: what an engine does from its
// making to its end is repeated until the failing call is past the last one. Each time is a process
// of its own, because the runtime and Thrust remember what they were once told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cuda/cuda_engine.h"
#include "kernels/cuda/runtime_double.h"
#include "rekey/engines.h"
#include "rekey/resident.h"
#include "support/batch_builder.h"
#include "support/contexts_model.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

constexpr cuda::Tuning kTinyChunks = {.chunk_items = 4,
                                      .chunk_teks = cuda::kMaxTeksPerAms,
                                      .workspaces = 3,
                                      .workspaces_of_a_batch = 3,
                                      .direct_octets = 1};

bool all_zero(ConstOctets octets) {
  return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0; });
}

/// Whether a failure of `call` is what `message` tells of.
bool tells_of(const std::string& message, const std::string& call) {
  const auto says = [&](const std::string& words) {
    return message.find(words) != std::string::npos;
  };
  // Thrust does not name its calls, and to users it matters what is missing.
  return says(call) || says("thrust::exclusive_scan") ||
         (call == "cudaGetDeviceCount" && says("no CUDA device"));
}

/// What an engine does from its making to its end, while one call fails. The complaints are about
/// what must never happen.
class Life {
 public:
  /// Returns the complaints.
  std::string run() {
    engine_ = cuda::make_engine(kTinyChunks);
    const std::string reason = engine_->unavailable_reason();
    if (!reason.empty()) {
      told(reason);
    } else {
      derive(14, SaShape::kUnequal);  // four chunks on three workspaces
      cmac();
      contexts();
      if (!runtime_double().lost) {
        const bool failed = !runtime_double().failed.empty();
        const int told_before = told_;
        derive(5, SaShape::kOneByDefault);
        cmac();
        contexts();
        if (failed && told_ > told_before) complain("a failure came again");
      }
    }
    const std::size_t failed_before = runtime_double().failed.size();
    set_.reset();
    if (failed_before == 0 && !runtime_double().failed.empty()) failed_at_the_end_ = true;
    engine_.reset();
    if (runtime_double().held != 0) {
      complain(std::to_string(runtime_double().held) + " things were not given back");
    }
    return complaints_;
  }

  /// How often a failure was told of.
  [[nodiscard]] int told() const { return told_; }
  /// Whether the first failure came when a set of AMSs ended, which has nobody to tell.
  [[nodiscard]] bool failed_at_the_end() const { return failed_at_the_end_; }

 private:
  void complain(const std::string& complaint) { complaints_ += complaint + "; "; }

  void told(const std::string& message) {
    ++told_;
    const std::vector<std::string>& failed = runtime_double().failed;
    if (std::ranges::none_of(failed, [&](const auto& call) { return tells_of(message, call); })) {
      complain("what failed is not in: " + message);
    }
  }

  void failed(const Status& status) {
    if (status.code() != Code::kInternal) complain("a failure has the wrong code");
    told(status.message());
  }

  void derive(std::uint32_t count, SaShape sas) {
    BatchShape shape;
    shape.count = count;
    shape.sas = sas;
    const BatchColumns columns = BatchColumns::random(shape, 1);
    CheckedBatch batch;
    if (!check_batch(columns.input(), &batch).ok()) return complain("no batch");
    const OwnedResult expected(batch);
    if (!make_openssl_engine()->derive(batch, expected.result()).ok()) return complain("no keys");
    const OwnedResult found(batch);
    const Status status = engine_->derive(batch, found.result());
    if (status.ok()) {
      if (const std::string difference = first_difference(batch, expected, found);
          !difference.empty()) {
        complain("a wrong key: " + difference);
      }
      return;
    }
    failed(status);
    for (KeyKind kind : kAllKeyKinds) {
      if (!all_zero(found.column(kind))) complain("something of a failed batch was handed out");
    }
  }

  void cmac() {
    const std::vector<std::uint8_t> keys(2 * kBlockOctets, 0x11);
    const std::vector<std::uint8_t> messages(2 * 20, 0x22);
    const CmacBatch batch = {2, keys, messages, 20};
    std::vector<std::uint8_t> expected(2 * kBlockOctets);
    if (!make_openssl_engine()->cmac(batch, expected).ok()) return complain("no MAC");
    std::vector<std::uint8_t> found(2 * kBlockOctets, OwnedResult::kUnwritten);
    const Status status = engine_->cmac(batch, found);
    if (status.ok()) {
      if (found != expected) complain("a wrong MAC");
      return;
    }
    failed(status);
    if (!all_zero(found)) complain("something of a failed MAC was handed out");
  }

  /// AMSs that stay on the device are added, derived and removed: more than one chunk has room for.
  void contexts() {
    if (set_ == nullptr) {
      if (Status s = engine_->open_contexts({.capacity = 6, .most_sas = 3}, &set_); !s.ok()) {
        return told(s.message());
      }
    }
    BatchShape shape;
    shape.count = 6;
    shape.sas = SaShape::kUnequal;
    shape.max_sas = 3;
    const BatchColumns columns = BatchColumns::random(shape, 3);
    CheckedContexts contexts;
    if (!check_contexts(set_->shape(), context_input(columns), &contexts).ok()) {
      return complain("no contexts");
    }
    std::vector<ContextHandle> handles(shape.count);
    if (const Status status = set_->add(contexts, handles); !status.ok()) {
      if (set_->size() != 0) complain("AMSs that were not added are there");
      return failed(status);
    }
    handover(columns, handles);
    std::vector<Code> codes(shape.count);
    const Status status = set_->remove(handles, codes);
    if (set_->size() != 0) complain("AMSs that were removed are there");
    if (!status.ok()) failed(status);
  }

  void handover(const BatchColumns& columns, std::span<const ContextHandle> handles) {
    CheckedBatch batch;
    if (!check_batch(columns.input(), &batch).ok()) return complain("no batch");
    const OwnedResult expected(batch);
    if (!make_openssl_engine()->derive(batch, expected.result()).ok()) return complain("no keys");
    CheckedHandover handover;
    if (!check_handover(set_->shape(), {handles, columns.bsid, columns.cmac_key_count, {}, {}},
                        &handover)
             .ok()) {
      return complain("no handover");
    }
    const OwnedResult found(batch);
    std::vector<Code> codes(handles.size());
    const Status status = set_->derive(handover, found.result(), codes);
    if (status.ok()) {
      if (!first_difference(batch, expected, found).empty()) complain("a wrong key of a context");
      return;
    }
    failed(status);
    for (KeyKind kind : kAllKeyKinds) {
      if (!all_zero(found.column(kind))) complain("something of a failed handover was handed out");
    }
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<ResidentContexts> set_;
  std::string complaints_;
  int told_ = 0;
  bool failed_at_the_end_ = false;
};

/// What came of one life.
struct Outcome {
  std::string failed_call;  ///< the first; empty when the failing call was past the last one
  bool told = false;        ///< or there was nobody to tell
  std::string complaints;
};

/// Lives in a process of its own, of which this one has made no CUDA call yet.
Outcome live(std::uint64_t failing_call, bool lost) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return {"", false, "pipe: " + std::string(std::strerror(errno))};
  const pid_t child = fork();
  if (child == 0) {
    close(pipe_ends[0]);
    runtime_double().failing_call = failing_call;
    runtime_double().lost = lost;
    Life life;
    const std::string complaints = life.run();
    const std::vector<std::string>& failed = runtime_double().failed;
    const std::string text = (failed.empty() ? "" : failed.front()) + "\n" +
                             (life.told() > 0 || life.failed_at_the_end() ? "told" : "") + "\n" +
                             complaints;
    const bool written = write(pipe_ends[1], text.data(), text.size()) > 0;
    std::exit(written ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  close(pipe_ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got; (got = read(pipe_ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    return {"", false, "the process ended with " + std::to_string(status)};
  }
  const std::size_t first = text.find('\n');
  const std::size_t second = text.find('\n', first + 1);
  return {text.substr(0, first), second > first + 1, text.substr(second + 1)};
}

class Faults : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    // Asking for a device here would spoil the children.
    if (std::getenv("REKEY_EXPECT_DEVICE") == nullptr) {
      GTEST_SKIP() << "no device is promised: REKEY_EXPECT_DEVICE is not set";
    }
  }
};

TEST_P(Faults, OfEveryCallInTurnHarmNothing) {
  const bool lost = GetParam();
  // What only gives back, or makes the thread's device again what it was, has nobody to tell.
  const std::set<std::string> silent = {"cudaStreamDestroy", "cudaEventDestroy", "cudaFree",
                                        "cudaFreeHost", "cudaGetDevice"};
  std::set<std::string> failed;
  std::uint64_t calls = 0;
  for (;;) {
    const Outcome outcome = live(++calls, lost);
    ASSERT_EQ(outcome.complaints, "") << "call " << calls << ", " << outcome.failed_call;
    if (outcome.failed_call.empty()) break;
    failed.insert(outcome.failed_call);
    EXPECT_TRUE(outcome.told || silent.contains(outcome.failed_call))
        << "nobody was told that call " << calls << " failed: " << outcome.failed_call;
  }
  EXPECT_THAT(failed, ::testing::IsSupersetOf(
                          {"cudaGetDeviceCount", "cudaGetDeviceProperties", "cudaGetDevice",
                           "cudaFuncGetAttributes", "cudaMemGetInfo", "cudaStreamCreateWithFlags",
                           "cudaEventCreateWithFlags", "cudaMalloc", "cudaHostAlloc",
                           "cudaMemcpyAsync", "cudaLaunchKernel", "cudaMemsetAsync",
                           "cudaPointerGetAttributes", "cudaEventRecord", "cudaEventSynchronize",
                           "cudaStreamDestroy", "cudaEventDestroy", "cudaFree", "cudaFreeHost"}));
  RecordProperty("calls", static_cast<int>(calls - 1));
}

INSTANTIATE_TEST_SUITE_P(OnceAndForGood, Faults, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "ForGood" : "Once"; });

}  // namespace
}  // namespace rekey::test
