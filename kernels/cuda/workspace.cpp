// SPDX-License-Identifier: Apache-2.0
#include "cuda/workspace.h"

namespace rekey::cuda {

Status Workspace::allocate(const Tuning& tuning, const Stream& stream) {
  const std::size_t items = tuning.chunk_items;
  const std::size_t teks = tuning.chunk_teks;
  constexpr std::size_t kMaxSaidOctets = 2;
  struct Size {
    DeviceBuffer& buffer;
    std::size_t octets;
  };
  // With one counter a chunk of TEKs has as many SAs as TEKs.
  const Size sizes[] = {{pmk, items * kPmkOctets},
                        {msid, items * kMsidOctets},
                        {bsid, items * kBsidOctets},
                        {nonce, items * kNonceOctets},
                        {cmac_key_count, items * kCmacKeyCountOctets},
                        {ak_sn, items * kAkSnOctets},
                        {sa_counts, items},
                        {saids, teks * kMaxSaidOctets},
                        {tek_kin, items * kBlockOctets},
                        {first_sas, items * sizeof(std::uint32_t)},
                        {scan_scratch, kScanScratchOctets}};
  for (const Size& size : sizes) {
    if (Status s = size.buffer.allocate(size.octets, stream); !s.ok()) return s;
  }
  for (KeyKind kind : kAllKeyKinds) {
    const std::size_t octets = (kind == KeyKind::kTek ? teks : items) * key_octets(kind);
    if (Status s = keys(kind).allocate(octets, stream); !s.ok()) return s;
  }
  return {};
}

Status Workspace::wipe() {
  for (DeviceBuffer* buffer : {&pmk, &msid, &bsid, &nonce, &cmac_key_count, &ak_sn, &sa_counts,
                               &saids, &tek_kin, &first_sas, &scan_scratch}) {
    if (Status s = buffer->wipe(); !s.ok()) return s;
  }
  for (DeviceBuffer& buffer : keys_) {
    if (Status s = buffer.wipe(); !s.ok()) return s;
  }
  return {};
}

}  // namespace rekey::cuda
