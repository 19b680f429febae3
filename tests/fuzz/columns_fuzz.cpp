// SPDX-License-Identifier: Apache-2.0
//
// A request in columns, from the octets of its message to the room for its answer.
#include <algorithm>

#include "fuzz/fuzz_target.h"
#include "wire/columns.h"
#include "wire/wipe.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rekey;
  v1::DeriveBatchRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  wire::ColumnsRequest columns;
  const Status status = wire::check_columns(request, &columns);
  if (!status.ok()) {
    fuzz::require(!status.message().empty(), "an error says why");
    return 0;
  }
  const CheckedBatch& batch = columns.batch;
  fuzz::require(batch.count() == request.count(), "every AMS is in the batch");
  const bool has_nonce = batch.nonce().data != nullptr;
  fuzz::require(batch.count() == 0 || has_nonce == takes_nonce(batch.profile(), batch.options()),
                "engines see a nonce exactly when there is one");
  // Columns of one value serve any number of AMSs: the answer to a few octets can be large.
  constexpr std::uint32_t kMostItems = 1'000;
  for (std::size_t item = 0; item < std::min(batch.count(), kMostItems); ++item) {
    fuzz::require((batch.codes()[item] == Code::kOk) == batch.item_message(item).empty(),
                  "an item says why exactly when it is bad");
  }
  if (batch.count() > kMostItems || batch.result_octets(KeyKind::kTek) > 1 << 20) return 0;
  v1::DeriveBatchResponse response;
  const BatchResult result = wire::begin_columns_response(request, batch, &response);
  for (const KeyKind kind : kAllKeyKinds) {
    fuzz::require(result.column(kind).size() == batch.result_octets(kind), "every column fits");
  }
  fuzz::require(response.codes().size() == batch.count(), "every AMS has a code");
  wire::wipe_secrets(&request);
  wire::wipe_secrets(&response);
  return 0;
}
