// SPDX-License-Identifier: Apache-2.0
//
// A request in columns, from the octets of its message to the room for its answer.
#include "wire/columns.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "fuzz/fuzz_target.h"

namespace {

using namespace rekey;

bool same(ConstOctets column, const std::string& field) {
  return std::ranges::equal(column, field, {}, {},
                            [](char c) { return static_cast<std::uint8_t>(c); });
}

/// What Protocol Buffers find in the message, as far as it came into the batch.
void require_same(const CheckedBatch& batch, const v1::DeriveBatchRequest& message) {
  const std::size_t n = batch.count();
  fuzz::require(n == message.count(), "every AMS is in the batch");
  if (n == 0) return;
  fuzz::require(
      same(batch.pmk().octets(n), message.pmk()) && same(batch.msid().octets(n), message.msid()) &&
          same(batch.bsid().octets(n), message.bsid()) &&
          same(batch.nonce().octets(n), message.nonce()) &&
          same(batch.cmac_key_count().octets(n), message.cmac_key_count()) &&
          same(batch.ak_sn().octets(n), message.ak_sn()) && same(batch.saids(), message.saids()),
      "the columns are the message's");
}

std::uint32_t announced_by(const void* octets, std::size_t size, int piece) {
  google::protobuf::io::ArrayInputStream stream(octets, static_cast<int>(size), piece);
  return wire::announced_count(&stream);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  v1::DeriveBatchRequest message;
  const bool parses = message.ParseFromArray(data, static_cast<int>(size));
  // gRPC hands messages over in pieces of any size.
  const int piece = size == 0 ? 1 : 1 + data[size / 2] % 64;
  google::protobuf::io::ArrayInputStream octets(data, static_cast<int>(size), piece);
  announced_by(data, size, piece);
  wire::ColumnsRequest columns;
  const bool is_taken = columns.parse(&octets, size).ok();
  // Not the other way round: tags of more than 32 bits are passed over in unknown groups.
  fuzz::require(is_taken || !parses, "what Protocol Buffers take is taken");
  if (!parses) return 0;
  fuzz::require(columns.count() == message.count() && columns.sequence() == message.sequence(),
                "the rest of the message is the same");
  const std::string in_order = message.SerializeAsString();
  fuzz::require(announced_by(in_order.data(), in_order.size(), piece) == message.count(),
                "a message in the order of its fields says its count before its columns");
  const Status status = columns.check();
  if (!status.ok()) {
    fuzz::require(!status.message().empty(), "an error says why");
    return 0;
  }
  const CheckedBatch& batch = columns.batch();
  require_same(batch, message);
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
  wire::ColumnsAnswer answer(batch);
  for (const KeyKind kind : kAllKeyKinds) {
    const Octets column = answer.result().column(kind);
    fuzz::require(column.size() == batch.result_octets(kind), "every column fits");
    std::ranges::fill(column, 1);
  }
  const WipedOctets encoded = answer.take();
  v1::DeriveBatchResponse response;
  fuzz::require(response.ParseFromArray(encoded.octets().data(), static_cast<int>(encoded.size())),
                "an answer is a message");
  fuzz::require(response.codes().size() == batch.count(), "every AMS has a code");
  return 0;
}
