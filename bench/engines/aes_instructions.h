// SPDX-License-Identifier: Apache-2.0
//
// How fast this machine's AES instructions are when nothing else is in their way: what no engine
// that uses them can exceed.
#pragma once

#include <span>
#include <string_view>

namespace rekey::bench {

/// AesInstruction is one encryption round on a whole register.
struct AesInstruction {
  std::string_view name;
  unsigned blocks;                ///< AES blocks in a register
  unsigned instructions_per_run;  ///< that run() executes
  void (*run)();                  ///< independent chains in registers, enough to fill the pipeline

  /// AES rounds on blocks that one run() makes.
  [[nodiscard]] constexpr double block_rounds_per_run() const {
    return static_cast<double>(blocks) * instructions_per_run;
  }
};

inline constexpr std::string_view kAesenc128 = "AESENC-128";
inline constexpr std::string_view kVaesenc512 = "VAESENC-512";

/// aes_instructions returns those that this machine has; none on machines other than x86-64.
std::span<const AesInstruction> aes_instructions();

/// instruction_of_simd_target returns the name of the instruction that the simd engine's code for a
/// target spends its time in; empty for targets that emulate AES and for those of other machines.
std::string_view instruction_of_simd_target(std::string_view target);

}  // namespace rekey::bench
