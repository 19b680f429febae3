// SPDX-License-Identifier: Apache-2.0
//
// Compiles a step of a hierarchy, at build time, into what a block engine needs: the padded CMAC
// blocks with the octets that never change, where each value goes in them, and where each result is
// found in T(0) | T(1) | ... (key-derivation specification, section 1).
#pragma once

#include <cstddef>
#include <cstdint>

#include "profile/hierarchy.h"
#include "rekey/octets.h"

namespace rekey::profile {

inline constexpr std::size_t kMaxBlocks = 3;       ///< CMAC blocks of one message
inline constexpr std::size_t kMaxEvaluations = 3;  ///< T(i) of one step
inline constexpr std::size_t kMaxFields = 6;       ///< values and parts of values in one block

/// Field copies `octets` octets of `value`, from `value_offset` on, to `block_offset` of a block.
struct Field {
  Value value = Value::kNone;
  std::uint8_t value_offset = 0;
  std::uint8_t block_offset = 0;
  std::uint8_t octets = 0;
};

/// Block is one 16-octet block of a padded message. T(i) differs from T(0) in octet 3 of block 0
/// alone, which holds i.
struct Block {
  std::uint8_t constant[kBlockOctets] = {};  ///< zero where a field goes
  Field fields[kMaxFields] = {};
  std::uint8_t field_count = 0;
};

/// Cut says which octets of T(0) | T(1) | ... are one result.
struct Cut {
  Value value = Value::kNone;
  std::uint8_t offset = 0;
  std::uint8_t octets = 0;
};

/// StepLayout is a compiled step.
struct StepLayout {
  Function function = Function::kDot16Kdf;
  Value key = Value::kNone;
  std::uint8_t key_offset = 0;  ///< of Kin in the key: the rightmost 16 octets
  bool key_zero_extended =
      false;  ///< Kin is the key followed by zero octets (MSID | 10 zero octets)
  Block blocks[kMaxBlocks] = {};
  std::uint8_t block_count = 0;
  bool last_block_complete = false;   ///< CMAC: the last block takes subkey K1, otherwise K2
  std::uint8_t evaluations = 0;       ///< T(0) to T(evaluations - 1)
  std::uint8_t first_evaluation = 0;  ///< evaluations of all steps of the AMS before this one
  Cut cuts[kMaxStepResults] = {};
  std::uint8_t cut_count = 0;
};

namespace internal {

/// Lays octets one after the other over the blocks of a message.
class BlockWriter {
 public:
  constexpr explicit BlockWriter(StepLayout* layout) : layout_(layout) {}

  constexpr void constant(std::uint8_t octet) {
    layout_->blocks[position_ / kBlockOctets].constant[position_ % kBlockOctets] = octet;
    ++position_;
  }

  constexpr void big_endian_32(std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
      constant(static_cast<std::uint8_t>(number >> shift));
  }

  constexpr void value(Value value, std::size_t octets) {
    for (std::size_t done = 0; done < octets;) {
      Block& block = layout_->blocks[position_ / kBlockOctets];
      const std::size_t room = kBlockOctets - position_ % kBlockOctets;
      const std::size_t piece = octets - done < room ? octets - done : room;
      block.fields[block.field_count++] = {value, static_cast<std::uint8_t>(done),
                                           static_cast<std::uint8_t>(position_ % kBlockOctets),
                                           static_cast<std::uint8_t>(piece)};
      done += piece;
      position_ += piece;
    }
  }

  constexpr void part(const Part& part, const ProfileOptions& options) {
    for (char letter : part.text) constant(static_cast<std::uint8_t>(letter));
    value(part.value, value_octets(part.value, options));
  }

  [[nodiscard]] constexpr std::size_t position() const { return position_; }

 private:
  StepLayout* layout_;
  std::size_t position_ = 0;
};

}  // namespace internal

/// compile lays out one step.
constexpr StepLayout compile(const Step& step, const ProfileOptions& options) {
  StepLayout layout;
  layout.function = step.function;
  layout.key = step.key;
  const std::size_t key_octets = value_octets(step.key, options);
  layout.key_zero_extended = key_octets < kBlockOctets;
  layout.key_offset =
      layout.key_zero_extended ? 0 : static_cast<std::uint8_t>(key_octets - kBlockOctets);

  std::size_t result_octets = 0;
  for (Value value : step.results) result_octets += value_octets(value, options);

  internal::BlockWriter writer(&layout);
  if (step.function == Function::kAes128Ecb) {
    std::size_t message_octets = 0;
    for (const Part& part : step.message) {
      message_octets += part.text.size() + value_octets(part.value, options);
    }
    for (std::size_t i = message_octets; i < kBlockOctets; ++i) writer.constant(0);
    for (const Part& part : step.message) writer.part(part, options);
  } else {
    writer.big_endian_32(0);
    for (const Part& part : step.message) writer.part(part, options);
    writer.big_endian_32(static_cast<std::uint32_t>(result_octets * 8));
    layout.last_block_complete = writer.position() % kBlockOctets == 0;
    if (!layout.last_block_complete) writer.constant(0x80);
  }
  layout.block_count =
      static_cast<std::uint8_t>((writer.position() + kBlockOctets - 1) / kBlockOctets);
  layout.evaluations = static_cast<std::uint8_t>((result_octets + kBlockOctets - 1) / kBlockOctets);

  // The cut keeps the right end of T(0) | T(1) | ...
  std::size_t offset = layout.evaluations * kBlockOctets - result_octets;
  for (Value value : step.results) {
    if (value == Value::kNone) break;
    const std::size_t octets = value_octets(value, options);
    layout.cuts[layout.cut_count++] = {value, static_cast<std::uint8_t>(offset),
                                       static_cast<std::uint8_t>(octets)};
    offset += octets;
  }
  return layout;
}

/// HierarchyLayout is a compiled hierarchy.
struct HierarchyLayout {
  StepLayout ams_steps[kMaxSteps] = {};
  std::size_t ams_step_count = 0;
  std::uint8_t evaluations = 0;  ///< T(i) of all steps of the AMS
  StepLayout tek_step = {};
  bool has_teks = false;
  bool msid_star_is_msid = false;
};

/// compile lays out a whole hierarchy.
constexpr HierarchyLayout compile(const Hierarchy& hierarchy, const ProfileOptions& options) {
  HierarchyLayout layout;
  for (std::size_t i = 0; i < hierarchy.ams_step_count; ++i) {
    StepLayout& step = layout.ams_steps[layout.ams_step_count++];
    step = compile(hierarchy.ams_steps[i], options);
    step.first_evaluation = layout.evaluations;
    layout.evaluations = static_cast<std::uint8_t>(layout.evaluations + step.evaluations);
  }
  layout.has_teks = hierarchy.has_teks();
  if (layout.has_teks) layout.tek_step = compile(hierarchy.tek_step, options);
  layout.msid_star_is_msid = hierarchy.msid_star_is_msid;
  return layout;
}

}  // namespace rekey::profile
