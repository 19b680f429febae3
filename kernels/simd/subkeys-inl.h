// SPDX-License-Identifier: Apache-2.0
//
// The CMAC subkeys (RFC 4493, section 2.3) of a group.
#if defined(REKEY_SIMD_SUBKEYS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_SUBKEYS_INL_H_
#undef REKEY_SIMD_SUBKEYS_INL_H_
#else
#define REKEY_SIMD_SUBKEYS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// Returns every block times x^Power in GF(2^128), for a Power of 1 or 2.
template <int Power>
HWY_INLINE Vector times_x(Vector blocks) {
  static_assert(Power == 1 || Power == 2);
  constexpr std::uint8_t kNone = 0x80;  // a shuffle index that yields a zero octet
  alignas(kBlockOctets) static constexpr std::uint8_t kReverse[kBlockOctets] = {
      15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  // The bits shifted out of a half come in again elsewhere: those of the low half at the bottom of
  // the high one, those of the high half, as multiples of x^128 = x^7 + x^2 + x + 1, in the two
  // lowest octets. A second shuffle looks them up: kOut brings them to the places where they come
  // in, kTables holds what comes in, and kTable says where in kTables to begin.
  alignas(kBlockOctets) static constexpr std::uint8_t kOut[kBlockOctets] = {
      8, 8,     kNone, kNone, kNone, kNone, kNone, kNone,
      0, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
  alignas(kBlockOctets) static constexpr std::uint8_t kTable[kBlockOctets] = {
      0, 4,     kNone, kNone, kNone, kNone, kNone, kNone,
      8, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
  alignas(kBlockOctets) static constexpr std::uint8_t kTables[kBlockOctets] = {
      0x00, 0x87, 0x0e, 0x89, 0, 0, 1, 1, 0, 1, 2, 3, 0, 0, 0, 0};
  const OctetTag octets;
  const DoubleWordTag halves;
  const Vector reverse = hn::LoadDup128(octets, kReverse);
  const auto x = hn::BitCast(halves, hn::TableLookupBytes(blocks, reverse));
  const Vector out = hn::BitCast(octets, hn::ShiftRight<64 - Power>(x));
  const Vector index = hn::Or(hn::TableLookupBytesOr0(out, hn::LoadDup128(octets, kOut)),
                              hn::LoadDup128(octets, kTable));
  const Vector in = hn::TableLookupBytesOr0(hn::LoadDup128(octets, kTables), index);
  const Vector product = hn::Xor(hn::BitCast(octets, hn::ShiftLeft<Power>(x)), in);
  return hn::TableLookupBytes(product, reverse);
}

/// Writes one subkey of every lane: K1 for a Power of 1, K2 for 2. `l` is AES of the zero block.
template <int Power>
REKEY_SIMD_INLINE void derive_subkey(const Group& l, Group* out_subkey) {
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) {
    out_subkey->vectors[i] = times_x<Power>(l.vectors[i]);
  }
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_SUBKEYS_INL_H_
