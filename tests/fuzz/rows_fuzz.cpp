// SPDX-License-Identifier: Apache-2.0
//
// A request in rows, from the octets of its message to its answer.
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstring>

#include "fuzz/fuzz_target.h"
#include "wire/rows.h"

namespace {

using namespace rekey;

/// What Protocol Buffers find in a good row, as it came into the batch.
void require_same(const CheckedBatch& batch, std::size_t item, const v1::AmsInput& row) {
  const auto same = [](const std::uint8_t* octets, const std::string& field) {
    return field.empty() || std::memcmp(octets, field.data(), field.size()) == 0;
  };
  fuzz::require(same(batch.pmk().at(item), row.pmk()) && same(batch.msid().at(item), row.msid()) &&
                    same(batch.bsid().at(item), row.bsid()) &&
                    same(batch.nonce().at(item), row.nonce()),
                "the columns are the message's");
  const std::uint8_t* count = batch.cmac_key_count().at(item);
  fuzz::require((static_cast<unsigned>(count[0]) << 8 | count[1]) == row.cmac_key_count() &&
                    *batch.ak_sn().at(item) == row.ak_sn() &&
                    (batch.sa_counts().empty() ||
                     batch.sa_count(item) == static_cast<std::uint32_t>(row.saids_size())),
                "the numbers are the message's");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  v1::DeriveRequest request;
  const bool parses = request.ParseFromArray(data, static_cast<int>(size));
  // gRPC hands messages over in pieces of any size.
  const int piece = size == 0 ? 1 : 1 + data[size / 2] % 64;
  google::protobuf::io::ArrayInputStream octets(data, static_cast<int>(size), piece);
  wire::RowsRequest rows;
  const bool is_taken = rows.parse(&octets, size).ok();
  // Not the other way round: tags of more than 32 bits are passed over in unknown groups.
  fuzz::require(is_taken || !parses, "what Protocol Buffers take is taken");
  if (!parses) return 0;
  fuzz::require(rows.count() == static_cast<std::uint32_t>(request.items_size()),
                "every row is counted");
  const Status status = rows.check();
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
  std::size_t good = 0;
  for (int row = 0; row < response.items_size(); ++row) {
    fuzz::require((response.items(row).code() == 0) == response.items(row).message().empty(),
                  "a row says why exactly when it is bad");
    fuzz::require(response.items(row).reference() == request.items(row).reference(),
                  "the reference is echoed");
    if (response.items(row).code() != 0) continue;
    require_same(rows.batch(), good++, request.items(row));
  }
  return 0;
}
