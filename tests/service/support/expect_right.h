// SPDX-License-Identifier: Apache-2.0
//
// Compares an answer with the referee's.
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "rekey/engines.h"
#include "rekey/v1/key_derivation.pb.h"
#include "service/support/parsed_columns.h"

namespace rekey::test {

/// Expects that the keys of an answer in columns are the referee's.
inline void expect_right(const v1::DeriveBatchRequest& request,
                         const v1::DeriveBatchResponse& response) {
  ParsedColumns parsed(request);
  ASSERT_EQ(parsed.status.message(), "");
  wire::ColumnsAnswer answer(parsed.request.batch());
  ASSERT_TRUE(make_openssl_engine()->derive(parsed.request.batch(), answer.result()).ok());
  v1::DeriveBatchResponse expected = message_of(parsed.request, std::move(answer));
  *expected.mutable_served() = response.served();
  EXPECT_EQ(response.SerializeAsString(), expected.SerializeAsString());
}

}  // namespace rekey::test
