// SPDX-License-Identifier: Apache-2.0
//
// Derives instruction by instruction under several keys, all else being equal, on the processor
// itself: so also with the instructions that Valgrind lacks. Linux on x86-64.
//
//   trace_probe --list      prints the names of all subjects, one a line
//   trace_probe --targets   prints the vector engine's targets, one a line
//   trace_probe SUBJECT     traces one
//
// For every way to derive it prints `path MODULE ADDRESS`, the first instruction that is executed
// under one key and not under another, if there is any; and `registers MODULE ADDRESS NAME...` for
// every instruction before which general registers differ from key to key. Whether it makes an
// address of one of them is for its reader to find out. Then `steps N`.
//
// Exit code: 0; 77 where single steps are not to be had; 1 with a reason.
#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/constant_time/doubles.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

constexpr int kKeys = 3;
constexpr std::uint32_t kItems = 20;  // more than go abreast, and not a multiple
constexpr int kSkipped = 77;

// In the order of gregset_t.
constexpr std::array kRegisterNames = {"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
                                       "rdi", "rsi", "rbp", "rbx", "rdx", "rax", "rcx", "rsp"};
static_assert(REG_R8 == 0 && REG_RSP + 1 == kRegisterNames.size());

/// Step is the processor before one instruction.
struct Step {
  std::uint64_t rip;
  std::array<std::uint64_t, kRegisterNames.size()> registers;
};

/// Recorder is what the signal handler works on: the steps under the first key, and how those under
/// later keys differ.
struct Recorder {
  static constexpr std::size_t kCapacity = 2'000'000;

  Step* steps = nullptr;
  std::uint16_t* differing = nullptr;  ///< a bit for each register
  bool first = true;
  std::size_t at = 0;
  std::size_t length = 0;  ///< of the first trace
  std::uint64_t diverged_at = 0;

  void on_step(const greg_t* registers) {
    if (at >= kCapacity || diverged_at != 0) return;
    const auto rip = static_cast<std::uint64_t>(registers[REG_RIP]);
    Step& step = steps[at];
    if (!first && (at >= length || step.rip != rip)) {
      diverged_at = rip;
      return;
    }
    if (first) step.rip = rip;
    for (std::size_t r = 0; r < kRegisterNames.size(); ++r) {
      const auto value = static_cast<std::uint64_t>(registers[r]);
      if (first) step.registers[r] = value;
      if (step.registers[r] != value) differing[at] |= static_cast<std::uint16_t>(1U << r);
    }
    ++at;
  }
};

Recorder recorder;

void handle_trap(int, siginfo_t*, void* context) {
  recorder.on_step(static_cast<ucontext_t*>(context)->uc_mcontext.gregs);
}

template <typename T>
T* reserve(std::size_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no memory for the trace");
  return static_cast<T*>(memory);
}

void install_recorder() {
  recorder.steps = reserve<Step>(Recorder::kCapacity);
  recorder.differing = reserve<std::uint16_t>(Recorder::kCapacity);
  // Frames with 512-bit registers are large.
  constexpr std::size_t kStackOctets = 1 << 16;
  const stack_t stack = {reserve<std::uint8_t>(kStackOctets), 0, kStackOctets};
  struct sigaction action = {};
  action.sa_sigaction = handle_trap;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  if (sigaltstack(&stack, nullptr) != 0 || sigaction(SIGTRAP, &action, nullptr) != 0) {
    throw std::runtime_error("the trap handler could not be installed");
  }
}

constexpr std::uint64_t kTrapFlag = 0x100;

// The red zone below the stack pointer is the compiler's.
[[gnu::always_inline]] inline void begin_steps() {
  asm volatile(
      "lea -128(%%rsp), %%rsp\n\tpushfq\n\torq %0, (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp"
      :
      : "i"(kTrapFlag)
      : "cc", "memory");
}
[[gnu::always_inline]] inline void end_steps() {
  asm volatile(
      "lea -128(%%rsp), %%rsp\n\tpushfq\n\tandq %0, (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp"
      :
      : "i"(~kTrapFlag)
      : "cc", "memory");
}

/// Whether the derivation is being stepped through.
bool stepping = false;

struct Place {
  std::string module;
  std::uint64_t address = 0;  ///< as in the module's file

  auto operator<=>(const Place&) const = default;
};

Place place_of(std::uint64_t rip) {
  Dl_info info;
  link_map* map = nullptr;
  if (dladdr1(reinterpret_cast<void*>(rip), &info, reinterpret_cast<void**>(&map),
              RTLD_DL_LINKMAP) == 0) {
    throw std::runtime_error("an instruction was executed that is in no module");
  }
  const bool program = map->l_name[0] == '\0';
  return {program ? "/proc/self/exe" : map->l_name, rip - map->l_addr};
}

void print_place(const char* what, const Place& place) {
  const std::unique_ptr<char, decltype(&free)> path(realpath(place.module.c_str(), nullptr), free);
  std::printf("%s %s %llx", what, path ? path.get() : place.module.c_str(),
              static_cast<unsigned long long>(place.address));
}

void print_differences() {
  if (recorder.diverged_at != 0) {
    print_place("path", place_of(recorder.diverged_at));
    std::puts("");
  }
  std::map<std::uint64_t, std::uint16_t> differing;
  for (std::size_t i = 0; i < recorder.length; ++i) {
    if (recorder.differing[i] != 0) differing[recorder.steps[i].rip] |= recorder.differing[i];
  }
  for (const auto& [rip, registers] : differing) {
    print_place("registers", place_of(rip));
    for (std::size_t r = 0; r < kRegisterNames.size(); ++r) {
      if ((registers >> r & 1) != 0) std::printf(" %s", kRegisterNames[r]);
    }
    std::puts("");
  }
  std::printf("steps %zu\n", recorder.length);
}

/// Fills the column as key number `key` wants it: one PMK, zeros, then random ones.
void fill_pmks(int key, std::vector<std::uint8_t>* pmks) {
  std::mt19937 random(static_cast<std::uint32_t>(key));
  for (std::size_t i = 0; i < pmks->size(); ++i) {
    const auto octet = static_cast<std::uint8_t>(random());
    (*pmks)[i] = key == 0 ? kFixedPmk[i % kPmkOctets] : key == 1 ? std::uint8_t{0} : octet;
  }
}

/// Derives one batch under every key, from and to the same memory. Returns false where single steps
/// are not to be had.
bool trace(Engine& engine, const BatchShape& shape) {
  BatchColumns columns = BatchColumns::random(shape, shape.count);
  CheckedBatch batch;
  if (!check_batch(columns.input(), &batch).ok())
    throw std::runtime_error("the batch is malformed");
  const OwnedResult result(batch);
  // Binds the functions it calls, and brings the allocator to rest.
  Status status = engine.derive(batch, result.result());

  std::fill_n(recorder.differing, recorder.length, std::uint16_t{0});
  recorder.first = true;
  recorder.diverged_at = 0;
  for (int key = 0; key < kKeys && status.ok() && recorder.diverged_at == 0; ++key) {
    fill_pmks(key, &columns.pmk);
    recorder.at = 0;
    stepping = true;
    begin_steps();
    status = engine.derive(batch, result.result());
    end_steps();
    stepping = false;
    if (recorder.first) recorder.length = recorder.at;
    recorder.first = false;
  }
  if (!status.ok()) throw std::runtime_error(status.message());
  if (recorder.length == Recorder::kCapacity) throw std::runtime_error("the trace is too long");
  print_differences();
  return recorder.length > 0;
}

struct Subject {
  std::string name;
  std::function<std::unique_ptr<Engine>()> make;
};

std::vector<Subject> subjects() {
  std::vector<Subject> subjects;
  for (std::string_view target : simd_targets()) {
    subjects.push_back(
        {"simd_" + std::string(target), [target] { return make_simd_engine(target); }});
  }
  for (auto make : {make_early_exit_engine, make_table_lookup_engine, make_branch_free_engine}) {
    subjects.push_back({"double_" + std::string(make()->name()), make});
  }
  return subjects;
}

int run(const Subject& subject) {
  install_recorder();
  const std::unique_ptr<Engine> engine = subject.make();
  for (Profile profile : kAllProfiles) {
    const BatchShape shape = {.variant = {.profile = profile}, .count = kItems};
    if (!trace(*engine, shape)) {
      std::puts("SKIPPED: this machine does not let a program step through itself");
      return kSkipped;
    }
  }
  return 0;
}

int probe(std::string_view argument) {
  if (argument == "--targets") {
    for (std::string_view target : simd_targets()) std::puts(std::string(target).c_str());
    return 0;
  }
  for (const Subject& subject : subjects()) {
    if (argument == subject.name) return run(subject);
    if (argument == "--list") std::puts(subject.name.c_str());
  }
  if (argument != "--list") throw std::runtime_error("no subject of this name; try --list");
  return 0;
}

}  // namespace
}  // namespace rekey::test

/// Takes the place of OpenSSL's in this program, and wipes in one go: it would be most of the
/// steps.
extern "C" void OPENSSL_cleanse(void* octets, std::size_t size) {
  using rekey::test::stepping;
  if (stepping) rekey::test::end_steps();
  std::memset(octets, 0, size);
  asm volatile("" : : "r"(octets) : "memory");
  if (stepping) rekey::test::begin_steps();
}

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: trace_probe --list | --targets | SUBJECT");
    return rekey::test::probe(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
