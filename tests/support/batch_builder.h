// SPDX-License-Identifier: Apache-2.0
//
// Batches of any shape with contents from a seed: what differential tests feed all engines alike.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <vector>

#include "rekey/batch.h"

namespace rekey::test {

/// Variant is a profile under one choice of its options.
struct Variant {
  Profile profile = Profile::k16mDraft;
  ProfileOptions options = {};

  bool operator==(const Variant&) const = default;
};

/// all_variants returns every profile under every choice of its options.
std::vector<Variant> all_variants();

/// output_subsets returns every set of the profile's keys that is not empty.
std::vector<KeySet> output_subsets(Profile profile);

/// SaShape says how the security associations of a batch are spread. Profiles without TEKs ignore
/// it.
enum class SaShape : std::uint8_t {
  kOneByDefault,  ///< no counts column: one SA each
  kNone,          ///< a counts column of zeros
  kUnequal,       ///< 0 to max_sas each
  kEqual,         ///< max_sas each
};

inline constexpr std::array kAllSaShapes = {SaShape::kOneByDefault, SaShape::kNone,
                                            SaShape::kUnequal, SaShape::kEqual};

/// BatchShape is everything about a batch but the octets in its columns.
struct BatchShape {
  Variant variant = {};
  std::uint32_t count = 1;
  // Columns of one value for all.
  bool shared_pmk = false;
  bool shared_msid = false;
  bool shared_bsid = false;
  bool shared_nonce = false;
  bool shared_cmac_key_count = false;
  bool shared_ak_sn = false;
  SaShape sas = SaShape::kOneByDefault;
  std::uint32_t max_sas = 4;       ///< at most kMaxSasPerAms
  std::uint32_t tek_counters = 0;  ///< at most kMaxTekCounters; 0: the default
  KeySet outputs = {};             ///< empty: all
  /// Share of items that are made bad: an AK_SN above 15 (unless shared), or one SAID twice where
  /// there are two.
  unsigned bad_percent = 0;
};

/// Writes the shape for failure messages.
std::ostream& operator<<(std::ostream& out, const BatchShape& shape);

/// BatchColumns owns the input columns of one batch.
class BatchColumns {
 public:
  /// random fills the columns of a batch of `shape`; equal seeds give equal octets.
  static BatchColumns random(const BatchShape& shape, std::uint64_t seed);

  /// Refers to this object.
  [[nodiscard]] BatchInput input() const;

  /// One item as a batch of its own.
  [[nodiscard]] BatchColumns item(std::size_t item) const;

  Variant variant;
  std::uint32_t count = 0;
  std::vector<std::uint8_t> pmk, msid, bsid, nonce, cmac_key_count, ak_sn, sa_counts, saids;
  std::vector<std::uint16_t> tek_counters;
  KeySet outputs;
};

}  // namespace rekey::test
