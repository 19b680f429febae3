// SPDX-License-Identifier: Apache-2.0
//
// A record of an AMS as a store gave it back: what is read is written the same way, and can live
// on.
#include <algorithm>

#include "contexts/due.h"
#include "contexts/life.h"
#include "contexts/record.h"
#include "fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rekey;
  using namespace rekey::contexts;
  Ams ams;
  const Status status = decode_record({data, size}, &ams);
  if (!status.ok()) {
    fuzz::require(!status.message().empty(), "an error says why");
    return 0;
  }
  const SecretBuffer again = encode_record(ams);
  fuzz::require(std::ranges::equal(again.octets(), ConstOctets(data, size)),
                "there is one encoding of an AMS");
  const Millis due = next_due(ams);
  const Outcome outcome = pass_time({}, ams, due == kNever ? ams.latest : due);
  if (outcome.ams) {
    Ams back;
    fuzz::require(decode_record(encode_record(*outcome.ams).octets(), &back).ok(),
                  "what becomes of it is an AMS");
  }
  return 0;
}
