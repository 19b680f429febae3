// SPDX-License-Identifier: Apache-2.0
//
// Finds the inputs of a group of AMSs as adjacent rows: in the columns themselves or, where a load
// would reach beyond the end of a column and where one value serves all, in a padded copy.
#if defined(REKEY_SIMD_INPUTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_INPUTS_INL_H_
#undef REKEY_SIMD_INPUTS_INL_H_
#else
#define REKEY_SIMD_INPUTS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "rekey/batch.h"
#include "simd/recipes.h"
#include "simd/rows-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// PaddedRows is where the values of one column are copied for one group of AMSs.
template <std::size_t Width>
struct PaddedRows {
  std::uint8_t octets[kAbreast * Width + kBlockOctets];

  /// Fills all rows with a value that serves all.
  void fill(const std::uint8_t* value) {
    for (std::size_t i = 0; i < kAbreast; ++i) std::memcpy(octets + i * Width, value, Width);
    std::memset(octets + kAbreast * Width, 0, kBlockOctets);
  }
  /// Copies `live` rows; the others are zero.
  void copy(const std::uint8_t* rows, std::size_t live) {
    std::memcpy(octets, rows, live * Width);
    std::memset(octets + live * Width, 0, sizeof(octets) - live * Width);
  }
};

/// GroupInputs points to the inputs of a group: kAbreast adjacent rows for each input slot, from
/// the start of each of which 16 octets can be read (of PMK: 20).
class GroupInputs {
 public:
  /// Starts out for groups of a batch, of which the shared values are taken.
  explicit GroupInputs(const CheckedBatch& batch) {
    begin(batch.pmk(), kPmkSlot, &pmk_);
    begin(batch.msid(), kMsidSlot, &msid_);
    begin(batch.bsid(), kBsidSlot, &bsid_);
    begin(batch.nonce(), kNonceSlot, &nonce_);
    begin(batch.cmac_key_count(), kCmacKeyCountSlot, &cmac_key_count_);
    begin(batch.ak_sn(), kAkSnSlot, &ak_sn_);
  }

  /// Points to AMSs `first` and on. The rows beyond the end of the batch have no meaning.
  HWY_INLINE void point_to(const CheckedBatch& batch, std::size_t first) {
    if (batch.count() - first < kAbreast + kBlockOctets) {
      point_near_end(batch, first);
      return;
    }
    locate(first, rows_);
  }

  /// Says which AMSs come after the present ones: `first` and on, of which the batch has
  /// kAbreast + kBlockOctets or more.
  HWY_INLINE void announce(std::size_t first) { locate(first, next_rows_); }
  /// Points to the AMSs that were announced.
  HWY_INLINE void point_to_announced() {
    for (std::size_t slot = 0; slot < kInputSlots; ++slot) rows_[slot] = next_rows_[slot];
  }

  /// Asks for the memory of two groups of AMSs, `first` and on, which are to follow soon.
  static HWY_INLINE void prefetch(const CheckedBatch& batch, std::size_t first) {
    prefetch_rows(batch.pmk(), first);
    prefetch_rows(batch.msid(), first);
    prefetch_rows(batch.bsid(), first);
    prefetch_rows(batch.nonce(), first);
    prefetch_rows(batch.cmac_key_count(), first);
  }

  /// Null where the hierarchy takes no such input.
  [[nodiscard]] HWY_INLINE const std::uint8_t* rows(std::size_t slot) const { return rows_[slot]; }
  /// The rows of the AMSs that were announced.
  [[nodiscard]] HWY_INLINE const std::uint8_t* next_rows(std::size_t slot) const {
    return next_rows_[slot];
  }

 private:
  template <std::size_t Width>
  static HWY_INLINE void prefetch_rows(const Column<Width>& column, std::size_t first) {
    if (column.shared || column.data == nullptr) return;
    prefetch_octets<PrefetchFor::kReading, 2 * kAbreast * Width>(column.data + first * Width);
  }

  template <std::size_t Width>
  void begin(const Column<Width>& column, std::size_t slot, PaddedRows<Width>* padded) {
    const bool is_shared = column.shared && column.data != nullptr;
    if (is_shared) padded->fill(column.data);
    columns_[slot] = is_shared ? padded->octets : column.data;
    varies_[slot] = column.shared || column.data == nullptr ? 0 : ~std::size_t{0};
  }

  /// Finds the rows of AMSs `first` and on in the columns.
  HWY_INLINE void locate(std::size_t first, const std::uint8_t** out_rows) const {
    for_constants<kInputSlots>([&](auto slot) REKEY_SIMD_LAMBDA {
      out_rows[slot] = columns_[slot] + (first & varies_[slot]) * kInputOctets[slot];
    });
  }

  /// Vectors of rows would reach beyond the end of some column: such columns are copied.
  HWY_NOINLINE void point_near_end(const CheckedBatch& batch, std::size_t first) {
    locate(first, rows_);
    const std::size_t left = batch.count() - first;
    copy_if_needed(kPmkSlot, left, &pmk_);
    copy_if_needed(kMsidSlot, left, &msid_);
    copy_if_needed(kBsidSlot, left, &bsid_);
    copy_if_needed(kNonceSlot, left, &nonce_);
    copy_if_needed(kCmacKeyCountSlot, left, &cmac_key_count_);
    copy_if_needed(kAkSnSlot, left, &ak_sn_);
  }

  template <std::size_t Width>
  HWY_INLINE void copy_if_needed(std::size_t slot, std::size_t left, PaddedRows<Width>* padded) {
    constexpr std::size_t kRowsBeyond = Width < kBlockOctets ? (kBlockOctets - 1) / Width : 0;
    if (varies_[slot] == 0 || left >= kAbreast + kRowsBeyond) return;
    padded->copy(rows_[slot], std::min(left, kAbreast));
    rows_[slot] = padded->octets;
  }

  const std::uint8_t* columns_[kInputSlots];
  std::size_t varies_[kInputSlots];  ///< all ones: a row for each AMS; 0: none, or one for all
  const std::uint8_t* rows_[kInputSlots];
  const std::uint8_t* next_rows_[kInputSlots];
  PaddedRows<kPmkOctets> pmk_;
  PaddedRows<kMsidOctets> msid_;
  PaddedRows<kBsidOctets> bsid_;
  PaddedRows<kNonceOctets> nonce_;
  PaddedRows<kCmacKeyCountOctets> cmac_key_count_;
  PaddedRows<kAkSnOctets> ak_sn_;
};

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_INPUTS_INL_H_
