// SPDX-License-Identifier: Apache-2.0
//
// A request in rows, from the octets of its message to its answer.
#include "fuzz/fuzz_target.h"
#include "wire/rows.h"
#include "wire/wipe.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rekey;
  v1::DeriveRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  wire::RowsRequest rows;
  const Status status = rows.load(request);
  if (!status.ok()) {
    fuzz::require(!status.message().empty(), "an error says why");
    return 0;
  }
  if (rows.batch().count() > 0) {
    const BatchResult result = rows.begin_results();
    for (const KeyKind kind : kAllKeyKinds) {
      fuzz::require(result.column(kind).size() == rows.batch().result_octets(kind),
                    "every column fits");
    }
  }
  v1::DeriveResponse response = rows.answer_head();
  const WipedOctets answer = rows.answer();
  fuzz::require(response.MergeFromString(
                    {reinterpret_cast<const char*>(answer.octets().data()), answer.size()}),
                "the answer is a message");
  fuzz::require(response.items_size() == request.items_size(), "every row is answered");
  for (int row = 0; row < response.items_size(); ++row) {
    fuzz::require((response.items(row).code() == 0) == response.items(row).message().empty(),
                  "a row says why exactly when it is bad");
    fuzz::require(response.items(row).reference() == request.items(row).reference(),
                  "the reference is echoed");
  }
  wire::wipe_secrets(&request);
  wire::wipe_secrets(&response);
  return 0;
}
