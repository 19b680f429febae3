// SPDX-License-Identifier: Apache-2.0
#include "service/exchange.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "rekey/v1/key_derivation.pb.h"

namespace rekey::bench {
namespace {

constexpr std::uint64_t kSeed = 16;
constexpr std::size_t kTeksAsked = 2;

std::string_view text(ConstOctets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

template <std::size_t Width>
std::string text(const Column<Width>& column, std::size_t count) {
  return std::string(text(column.octets(count)));
}

template <std::size_t Width>
std::string value(const Column<Width>& column, std::size_t item) {
  return std::string(text({column.at(item), Width}));
}

v1::DeriveBatchRequest columns_of(const CheckedBatch& batch) {
  const std::size_t n = batch.count();
  v1::DeriveBatchRequest request;
  request.set_profile(v1::PROFILE_16M_DRAFT);
  request.set_count(batch.count());
  request.set_pmk(text(batch.pmk(), n));
  request.set_msid(text(batch.msid(), n));
  request.set_bsid(text(batch.bsid(), n));
  request.set_nonce(text(batch.nonce(), n));
  request.set_cmac_key_count(text(batch.cmac_key_count(), n));
  request.set_ak_sn(text(batch.ak_sn(), n));
  request.set_saids(std::string(text(batch.saids())));
  return request;
}

v1::DeriveRequest rows_of(const CheckedBatch& batch) {
  v1::DeriveRequest request;
  request.set_profile(v1::PROFILE_16M_DRAFT);
  for (std::size_t i = 0; i < batch.count(); ++i) {
    v1::AmsInput* row = request.add_items();
    row->set_pmk(value(batch.pmk(), i));
    row->set_msid(value(batch.msid(), i));
    row->set_bsid(value(batch.bsid(), i));
    row->set_nonce(value(batch.nonce(), i));
    const std::uint8_t* count = batch.cmac_key_count().at(i);
    row->set_cmac_key_count(static_cast<std::uint32_t>(count[0]) << 8 | count[1]);
    row->set_ak_sn(*batch.ak_sn().at(i));
    row->add_saids(batch.saids()[i]);
  }
  return request;
}

/// Reads a message without taking the buffer, whose slices may be read once more.
template <typename Message>
bool parse(grpc::ByteBuffer buffer, Message* message) {
  return grpc::SerializationTraits<Message>::Deserialize(&buffer, message).ok();
}

template <typename Message>
Status serialise(const Message& message, grpc::ByteBuffer* out_buffer) {
  bool own_buffer = false;
  const grpc::Status status =
      grpc::SerializationTraits<Message>::Serialize(message, out_buffer, &own_buffer);
  if (!status.ok()) return {Code::kInternal, "request: " + status.error_message()};
  return {};
}

Status wrong(const std::string& what) {
  return {Code::kInternal, "rekeyd's answer: expected OpenSSL's keys, found others: " + what};
}

Status check_columns(const v1::DeriveBatchResponse& answer, const BatchResult& expected,
                     std::uint32_t count) {
  const auto differs = [](const std::string& found, ConstOctets column) {
    return found != text(column);
  };
  if (answer.codes() != std::string(count, '\0')) return wrong("a failed AMS");
  if (differs(answer.msid_star(), expected.msid_star)) return wrong("msid_star");
  if (differs(answer.ak(), expected.ak)) return wrong("ak");
  if (differs(answer.akid(), expected.akid)) return wrong("akid");
  if (differs(answer.cmac_key_u(), expected.cmac_key_u)) return wrong("cmac_key_u");
  if (differs(answer.cmac_key_d(), expected.cmac_key_d)) return wrong("cmac_key_d");
  if (differs(answer.teks(), expected.teks)) return wrong("teks");
  return {};
}

/// The same columns, put together from rows.
bool columns_from(const v1::DeriveResponse& rows, v1::DeriveBatchResponse* columns) {
  for (const v1::AmsKeys& keys : rows.items()) {
    if (keys.teks_size() != static_cast<int>(kTeksAsked)) return false;
    columns->mutable_codes()->push_back(static_cast<char>(keys.code()));
    columns->mutable_msid_star()->append(keys.msid_star());
    columns->mutable_ak()->append(keys.ak());
    columns->mutable_akid()->append(keys.akid());
    columns->mutable_cmac_key_u()->append(keys.cmac_key_u());
    columns->mutable_cmac_key_d()->append(keys.cmac_key_d());
    for (const v1::Tek& tek : keys.teks()) columns->mutable_teks()->append(tek.key());
  }
  return true;
}

}  // namespace

Status Exchange::make(Rpc rpc, std::uint32_t ams, Engine& referee,
                      std::unique_ptr<Exchange>* out_exchange) {
  std::unique_ptr<Workload> workload;
  if (Status s = Workload::make(Profile::k16mDraft, ams, kSeed, &workload); !s.ok()) return s;
  std::unique_ptr<Exchange> exchange(new Exchange(rpc, std::move(workload)));
  const CheckedBatch& batch = exchange->workload_->batch();
  if (Status s = referee.derive(batch, exchange->expected_.result()); !s.ok()) return s;
  if (Status s = rpc == Rpc::kRows ? serialise(rows_of(batch), &exchange->request_)
                                   : serialise(columns_of(batch), &exchange->request_);
      !s.ok()) {
    return s;
  }
  *out_exchange = std::move(exchange);
  return {};
}

Status Exchange::check(const grpc::ByteBuffer& answer) const {
  v1::DeriveBatchResponse columns;
  if (rpc_ == Rpc::kRows) {
    v1::DeriveResponse rows;
    if (!parse(answer, &rows)) return wrong("no DeriveResponse");
    if (!columns_from(rows, &columns)) return wrong("the number of TEKs");
  } else if (!parse(answer, &columns)) {
    return wrong("no DeriveBatchResponse");
  }
  return check_columns(columns, expected_.result(), workload_->batch().count());
}

}  // namespace rekey::bench
