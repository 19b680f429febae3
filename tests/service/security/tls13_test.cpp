// SPDX-License-Identifier: Apache-2.0
#include "security/tls13.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>

namespace rekey::security {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

TEST(Tls13, OlderVersionsStayOffWhateverALibraryAsksFor) {
  ASSERT_TRUE(require_tls13().ok());
  ASSERT_TRUE(require_tls13().ok()) << "twice does no harm";
  const Context context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  // As gRPC does.
  ASSERT_EQ(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION), 1);
  const auto options = SSL_CTX_get_options(context.get());
  EXPECT_NE(options & SSL_OP_NO_TLSv1_2, 0U);
  EXPECT_NE(options & SSL_OP_NO_TLSv1_1, 0U);
  EXPECT_EQ(options & SSL_OP_NO_TLSv1_3, 0U);
}

}  // namespace
}  // namespace rekey::security
