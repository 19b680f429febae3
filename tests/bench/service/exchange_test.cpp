// SPDX-License-Identifier: Apache-2.0
//
// What is sent, what a right and a wrong answer are, and that echoes are as large as answers.
#include "service/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/service/wire_messages.h"
#include "engines/workload.h"
#include "rekey/batch.h"
#include "rekey/engines.h"
#include "rekey/v1/key_derivation.pb.h"
#include "service/echo_copy.h"

namespace rekey::bench {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kAms = 5;

ConstOctets octets(const std::string& field) {
  return {reinterpret_cast<const std::uint8_t*>(field.data()), field.size()};
}

std::string text(ConstOctets octets) { return {octets.begin(), octets.end()}; }

/// What a right rekeyd answers.
v1::DeriveBatchResponse answer_to(const v1::DeriveBatchRequest& request) {
  BatchInput input;
  input.count = request.count();
  input.pmk = octets(request.pmk());
  input.msid = octets(request.msid());
  input.bsid = octets(request.bsid());
  input.nonce = octets(request.nonce());
  input.cmac_key_count = octets(request.cmac_key_count());
  input.ak_sn = octets(request.ak_sn());
  input.saids = octets(request.saids());
  CheckedBatch batch;
  EXPECT_TRUE(check_batch(input, &batch).ok());
  const ResultColumns keys(batch);
  EXPECT_TRUE(make_openssl_ecb_engine()->derive(batch, keys.result()).ok());
  v1::DeriveBatchResponse answer;
  answer.set_profile(v1::PROFILE_16M_DRAFT);
  answer.set_count(batch.count());
  answer.set_codes(std::string(batch.count(), '\0'));
  answer.set_msid_star(text(keys.result().msid_star));
  answer.set_ak(text(keys.result().ak));
  answer.set_akid(text(keys.result().akid));
  answer.set_cmac_key_u(text(keys.result().cmac_key_u));
  answer.set_cmac_key_d(text(keys.result().cmac_key_d));
  answer.set_teks(text(keys.result().teks));
  return answer;
}

v1::DeriveResponse rows_of(const v1::DeriveBatchResponse& columns) {
  v1::DeriveResponse rows;
  for (std::size_t i = 0; i < kAms; ++i) {
    v1::AmsKeys* keys = rows.add_items();
    keys->set_msid_star(columns.msid_star().substr(i * 6, 6));
    keys->set_ak(columns.ak().substr(i * 20, 20));
    keys->set_akid(columns.akid().substr(i * 8, 8));
    keys->set_cmac_key_u(columns.cmac_key_u().substr(i * 16, 16));
    keys->set_cmac_key_d(columns.cmac_key_d().substr(i * 16, 16));
    for (std::size_t tek = 2 * i; tek < 2 * i + 2; ++tek) {
      keys->add_teks()->set_key(columns.teks().substr(tek * 16, 16));
    }
  }
  return rows;
}

class ExchangeTest : public testing::Test {
 protected:
  void make(Rpc rpc) {
    const auto referee = make_openssl_engine();
    ASSERT_TRUE(Exchange::make(rpc, kAms, *referee, &exchange_).ok());
  }

  std::unique_ptr<Exchange> exchange_;
};

TEST_F(ExchangeTest, AcceptsColumnsOfRightKeysAlone) {
  make(Rpc::kColumns);
  auto answer = answer_to(parsed<v1::DeriveBatchRequest>(exchange_->request()));
  EXPECT_EQ(exchange_->check(serialised(answer)), Status());
  answer.mutable_cmac_key_d()->back() ^= 1;
  EXPECT_THAT(exchange_->check(serialised(answer)).message(), HasSubstr("cmac_key_d"));
}

TEST_F(ExchangeTest, RefusesAFailedAms) {
  make(Rpc::kStream);
  auto answer = answer_to(parsed<v1::DeriveBatchRequest>(exchange_->request()));
  answer.mutable_codes()->at(2) = 3;
  EXPECT_THAT(exchange_->check(serialised(answer)).message(), HasSubstr("a failed AMS"));
}

TEST_F(ExchangeTest, AsksForTheSameAmssInRowsAndAcceptsRightKeysAlone) {
  make(Rpc::kColumns);
  const auto columns = parsed<v1::DeriveBatchRequest>(exchange_->request());
  make(Rpc::kRows);
  const auto request = parsed<v1::DeriveRequest>(exchange_->request());
  ASSERT_EQ(request.items_size(), static_cast<int>(kAms));
  const v1::AmsInput& last = request.items(kAms - 1);
  EXPECT_EQ(last.pmk(), columns.pmk().substr(20 * (kAms - 1)));
  EXPECT_EQ(last.cmac_key_count(),
            256U * static_cast<std::uint8_t>(columns.cmac_key_count().at(2 * kAms - 2)) +
                static_cast<std::uint8_t>(columns.cmac_key_count().at(2 * kAms - 1)));

  auto answer = rows_of(answer_to(columns));
  EXPECT_EQ(exchange_->check(serialised(answer)), Status());
  answer.mutable_items(3)->mutable_teks(1)->mutable_key()->front() ^= 1;
  EXPECT_THAT(exchange_->check(serialised(answer)).message(), HasSubstr("teks"));
  answer.mutable_items(3)->mutable_teks()->RemoveLast();
  EXPECT_THAT(exchange_->check(serialised(answer)).message(), HasSubstr("number of TEKs"));
}

TEST_F(ExchangeTest, EchoesAreAsLargeAsAnswers) {
  make(Rpc::kColumns);
  const auto request = parsed<v1::DeriveBatchRequest>(exchange_->request());
  const v1::DeriveBatchResponse answer = answer_to(request);
  v1::DeriveBatchResponse columns;
  echo_columns(request, &columns);
  EXPECT_EQ(columns.ByteSizeLong(), answer.ByteSizeLong());

  make(Rpc::kRows);
  v1::DeriveResponse rows;
  echo_rows(parsed<v1::DeriveRequest>(exchange_->request()), &rows);
  v1::DeriveBatchResponse from_rows;
  for (const v1::AmsKeys& keys : rows.items()) {
    EXPECT_EQ(keys.teks_size(), 2);
    from_rows.mutable_ak()->append(keys.ak());
    from_rows.mutable_akid()->append(keys.akid());
  }
  EXPECT_EQ(from_rows.ak().size(), answer.ak().size());
  EXPECT_EQ(from_rows.akid().size(), answer.akid().size());
}

TEST(EchoRaw, MakesEvery44OctetsOfSeveralSlices99) {
  const std::string octets = "0123456789abcdefghijABCDEFGHIJ0123456789ABCD";
  const grpc::Slice slices[] = {grpc::Slice(octets.substr(0, 7)), grpc::Slice(octets.substr(7))};
  grpc::ByteBuffer answer;
  echo_raw(grpc::ByteBuffer(slices, 2), &answer);
  grpc::Slice found;
  ASSERT_TRUE(answer.DumpToSingleSlice(&found).ok());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(found.begin()), found.size()),
            octets + octets + octets.substr(0, 11));
}

}  // namespace
}  // namespace rekey::bench
