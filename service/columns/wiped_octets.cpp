// SPDX-License-Identifier: Apache-2.0
#include "columns/wiped_octets.h"

#include "rekey/secret.h"

namespace rekey {

WipedOctets::WipedOctets(std::size_t size) : octets_(new std::uint8_t[size], Free{size}) {}

void WipedOctets::Free::operator()(std::uint8_t* octets) const { free_wiped(octets, size); }

void free_wiped(void* octets, std::size_t size) {
  auto* first = static_cast<std::uint8_t*>(octets);
  wipe({first, size});
  delete[] first;
}

}  // namespace rekey
