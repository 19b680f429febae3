// SPDX-License-Identifier: Apache-2.0
//
// A batch of AMSs in columns. The caller owns all memory: a batch only refers to it.
//
// With n the number of AMSs, an input column holds n values of its width, or one value that serves
// all. Security associations are flat: `sa_counts` says how many each AMS has, `saids` holds them
// one AMS after the other. One bad item never spoils its neighbours: it gets a code of its own and
// its octets are zero in every result column.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "rekey/key_kind.h"
#include "rekey/octets.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey {

/// BatchInput is what a caller hands in, unchecked.
struct BatchInput {
  Profile profile = Profile::k16mDraft;
  ProfileOptions options;
  std::uint32_t count = 0;     ///< AMSs; 0 is an empty batch, not an error
  ConstOctets pmk;             ///< 20 octets each
  ConstOctets msid;            ///< 6 octets each
  ConstOctets bsid;            ///< 6 octets each
  ConstOctets nonce;           ///< 8 octets each; empty where takes_nonce() is false
  ConstOctets cmac_key_count;  ///< 2 octets each, big-endian
  ConstOctets ak_sn;           ///< 1 octet each, values 0 to 15
  ConstOctets sa_counts;  ///< 1 octet an AMS; empty: one SA each, or none where no TEK is derived
  ConstOctets saids;      ///< said_octets each, flat
  std::span<const std::uint16_t> tek_counters;  ///< COUNTER_TEK values, at most 16; empty: 0 and 1
  KeySet outputs;                               ///< empty: every kind the profile yields
};

/// BatchResult is where an engine writes. Every span has exactly the size
/// CheckedBatch::result_octets() gives for its kind: 0 for kinds that are not among the outputs.
struct BatchResult {
  Octets msid_star, ak, akid, cmac_key_u, cmac_key_d, kek;
  Octets teks;  ///< flat: AMS, then SA, then counter

  [[nodiscard]] Octets column(KeyKind kind) const;
  void set_column(KeyKind kind, Octets octets);
};

/// Column is one checked input column: `Width` octets a value, one value for all when `shared`.
template <std::size_t Width>
struct Column {
  const std::uint8_t* data = nullptr;
  bool shared = false;

  [[nodiscard]] const std::uint8_t* at(std::size_t item) const {
    return data + (shared ? 0 : item * Width);
  }
  /// All octets of the column of `count` items; none where it has no data.
  [[nodiscard]] ConstOctets octets(std::size_t count) const {
    if (data == nullptr) return {};
    return {data, shared ? Width : count * Width};
  }
};

/// CheckedBatch is a BatchInput that was found well formed, with a code for every item. It refers
/// to the input's columns, which must outlive it. Only check_batch() makes one that is not empty.
class CheckedBatch {
 public:
  [[nodiscard]] Profile profile() const { return input_.profile; }
  [[nodiscard]] const ProfileOptions& options() const { return input_.options; }
  [[nodiscard]] std::uint32_t count() const { return input_.count; }

  [[nodiscard]] Column<kPmkOctets> pmk() const { return column<kPmkOctets>(input_.pmk); }
  [[nodiscard]] Column<kMsidOctets> msid() const { return column<kMsidOctets>(input_.msid); }
  [[nodiscard]] Column<kBsidOctets> bsid() const { return column<kBsidOctets>(input_.bsid); }
  /// Null data where the hierarchy takes no nonce.
  [[nodiscard]] Column<kNonceOctets> nonce() const { return column<kNonceOctets>(input_.nonce); }
  [[nodiscard]] Column<kCmacKeyCountOctets> cmac_key_count() const {
    return column<kCmacKeyCountOctets>(input_.cmac_key_count);
  }
  [[nodiscard]] Column<kAkSnOctets> ak_sn() const { return column<kAkSnOctets>(input_.ak_sn); }

  /// One count an AMS; empty when every AMS has as many as sa_count() says of any.
  [[nodiscard]] ConstOctets sa_counts() const { return input_.sa_counts; }
  /// Security associations of one AMS.
  [[nodiscard]] std::uint32_t sa_count(std::size_t item) const {
    return input_.sa_counts.empty() ? default_sa_count_ : input_.sa_counts[item];
  }
  /// Security associations of `items` AMSs from `first` on together.
  [[nodiscard]] std::size_t sa_count(std::size_t first, std::size_t items) const {
    if (input_.sa_counts.empty()) return items * default_sa_count_;
    const ConstOctets counts = input_.sa_counts.subspan(first, items);
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  }
  /// Security associations of all AMSs together, those of failed items included.
  [[nodiscard]] std::uint32_t total_sas() const { return total_sas_; }
  /// total_sas() values of options().said_octets, big-endian.
  [[nodiscard]] ConstOctets saids() const { return input_.saids; }
  /// 1 to 16 values; the default 0, 1 is spelled out.
  [[nodiscard]] std::span<const std::uint16_t> tek_counters() const {
    return {tek_counters_.data(), tek_counters_size_};
  }
  /// Never empty, unless count() is 0: the default is spelled out.
  [[nodiscard]] KeySet outputs() const { return input_.outputs; }

  /// One code an item: kOk or kInvalidArgument.
  [[nodiscard]] std::span<const Code> codes() const { return codes_; }
  [[nodiscard]] std::uint32_t failed() const { return failed_; }
  /// Why an item failed: names the field, what was expected and what was found. Empty for a good
  /// item.
  [[nodiscard]] std::string item_message(std::size_t item) const;

  /// Octets of one result column: 0 when `kind` is not among the outputs.
  [[nodiscard]] std::size_t result_octets(KeyKind kind) const;

  /// part returns `items` AMSs from `first` on as a batch of their own. It refers to the same
  /// columns.
  [[nodiscard]] CheckedBatch part(std::uint32_t first, std::uint32_t items) const;

 private:
  friend Status check_batch(const BatchInput& input, CheckedBatch* out_batch);

  void check_items();

  template <std::size_t Width>
  [[nodiscard]] Column<Width> column(ConstOctets octets) const {
    // An empty span may point anywhere.
    return {octets.empty() ? nullptr : octets.data(), octets.size() == Width};
  }

  BatchInput input_;
  std::uint32_t default_sa_count_ = 0;
  std::uint32_t total_sas_ = 0;
  std::array<std::uint16_t, kMaxTekCounters> tek_counters_{};
  std::size_t tek_counters_size_ = 0;
  std::vector<Code> codes_;
  std::uint32_t failed_ = 0;
};

/// check_batch checks everything that can be wrong with a batch before anything is derived.
///
/// A batch that is malformed as a whole (a column of the wrong length, an option or output that the
/// profile does not have, more TEKs than kMaxBatchTeks) is refused with kInvalidArgument naming the
/// field, the expected and the found length, and `*out_batch` is left alone. A bad item (AK_SN
/// above 15, a SAID twice in one AMS) only sets that item's code.
Status check_batch(const BatchInput& input, CheckedBatch* out_batch);

}  // namespace rekey
