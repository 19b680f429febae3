// SPDX-License-Identifier: Apache-2.0
#include "security/access.h"

#include <gtest/gtest.h>

namespace rekey::security {
namespace {

constexpr char kDerive[] = "/rekey.v1.KeyDerivation/DeriveBatch";
constexpr char kContexts[] = "/rekey.v1.KeyContexts/Establish";
constexpr char kDrain[] = "/rekey.v1.Admin/Drain";
constexpr char kCapabilities[] = "/rekey.v1.Admin/GetCapabilities";
constexpr char kHealth[] = "/grpc.health.v1.Health/Check";
constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
constexpr char kUnknown[] = "/some.other.Service/Call";

RoleNames one_name_each() { return {{{"gateway.example"}, {"contexts.example"}, {"ops.example"}}}; }

bool may(const Access& access, std::string_view rpc, std::vector<std::string_view> names) {
  return access.refusal(rpc, names).empty();
}

TEST(Access, EachRoleOpensItsServiceAndNoOther) {
  const Access access(one_name_each());
  struct Case {
    std::string_view name;
    std::string_view opens;
  };
  for (const Case& c : {Case{"gateway.example", kDerive}, Case{"contexts.example", kContexts},
                        Case{"ops.example", kDrain}}) {
    for (const std::string_view rpc :
         {std::string_view(kDerive), std::string_view(kContexts), std::string_view(kDrain)}) {
      EXPECT_EQ(may(access, rpc, {c.name}), rpc == c.opens) << c.name << ' ' << rpc;
    }
    EXPECT_TRUE(may(access, kCapabilities, {c.name})) << c.name;
    EXPECT_TRUE(may(access, kReflection, {c.name})) << c.name;
    EXPECT_EQ(may(access, kUnknown, {c.name}), c.opens == kDrain) << c.name;
  }
}

TEST(Access, WithoutARoleOnlyHealthIsOpen) {
  const Access access(one_name_each());
  for (const char* rpc : {kDerive, kContexts, kDrain, kCapabilities, kReflection, kUnknown, ""}) {
    EXPECT_FALSE(may(access, rpc, {"stranger.example"})) << rpc;
    EXPECT_FALSE(may(access, rpc, {})) << rpc;
  }
  EXPECT_TRUE(may(access, kHealth, {}));
}

TEST(Access, AnyNameOfTheCertificateCounts) {
  const Access access(one_name_each());
  EXPECT_TRUE(may(access, kDerive, {"10.0.0.1", "gateway.example"}));
  EXPECT_TRUE(may(access, kDrain, {"ops.example", "gateway.example"}));
}

TEST(Access, NamesAreComparedWhole) {
  const Access access(one_name_each());
  for (const char* name : {"gateway.exampl", "gateway.example.evil", "evil.gateway.example", "",
                           "GATEWAY.example", "*", "*.example"}) {
    EXPECT_FALSE(may(access, kDerive, {name})) << name;
  }
}

TEST(Access, ARefusalSaysWhoWhatAndWhichRole) {
  const Access access(one_name_each());
  const std::vector<std::string_view> names = {"gateway.example"};
  EXPECT_EQ(access.refusal(kDrain, names),
            "gateway.example may not call /rekey.v1.Admin/Drain: that takes the role operate");
  EXPECT_EQ(access.refusal(kCapabilities, {}),
            "a certificate without a name may not call /rekey.v1.Admin/GetCapabilities: that takes "
            "the role derive or contexts or operate");
}

TEST(Access, ReplacedNamesHoldFromThenOn) {
  Access access(one_name_each());
  access.replace({{{"other.example"}, {}, {}}});
  EXPECT_FALSE(may(access, kDerive, {"gateway.example"}));
  EXPECT_TRUE(may(access, kDerive, {"other.example"}));
  EXPECT_FALSE(may(access, kDrain, {"ops.example"}));
}

}  // namespace
}  // namespace rekey::security
