// SPDX-License-Identifier: Apache-2.0
//
// Compares an answer with the referee's.
#pragma once

#include <gtest/gtest.h>

#include "rekey/engines.h"
#include "rekey/v1/key_derivation.pb.h"
#include "wire/columns.h"

namespace rekey::test {

/// Expects that the keys of an answer in columns are the referee's.
inline void expect_right(const v1::DeriveBatchRequest& request,
                         const v1::DeriveBatchResponse& response) {
  wire::ColumnsRequest checked;
  ASSERT_EQ(wire::check_columns(request, &checked).message(), "");
  v1::DeriveBatchResponse expected;
  const BatchResult result = wire::begin_columns_response(request, checked.batch, &expected);
  ASSERT_TRUE(make_openssl_engine()->derive(checked.batch, result).ok());
  *expected.mutable_served() = response.served();
  EXPECT_EQ(response.SerializeAsString(), expected.SerializeAsString());
}

}  // namespace rekey::test
