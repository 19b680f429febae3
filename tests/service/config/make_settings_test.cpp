// SPDX-License-Identifier: Apache-2.0
#include "config/make_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "config/setting.h"

namespace rekey::config {
namespace {

using ::testing::HasSubstr;

GivenSettings given(std::initializer_list<std::pair<std::string, std::vector<std::string>>> list) {
  GivenSettings settings;
  for (const auto& [name, texts] : list) settings[name] = {texts, "f.toml: " + name};
  return settings;
}

Status make(const GivenSettings& source, Settings* out_settings) {
  const GivenSettings* sources[] = {&source};
  return make_settings(sources, out_settings);
}

std::string error_of(const GivenSettings& source) {
  Settings settings;
  settings.log_level = "untouched";
  const Status status = make(source, &settings);
  EXPECT_EQ(settings.log_level == "untouched", !status.ok());
  return status.message();
}

const GivenSettings kTls = given({{"tls-cert", {"c"}},
                                  {"tls-key", {"k"}},
                                  {"tls-ca", {"a"}},
                                  {"allow-derive", {"gateway"}},
                                  {"listen", {"0.0.0.0:1"}}});

GivenSettings with(GivenSettings settings, const std::string& name,
                   std::vector<std::string> texts) {
  settings[name] = {std::move(texts), "f.toml: " + name};
  return settings;
}

TEST(Settings, EveryOneIsShownAsItWasTaken) {
  std::set<std::string_view> names;
  for (const Setting& setting : all_settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_EQ(find_setting(setting.name), &setting);
    EXPECT_EQ(setting.value_name.empty(), setting.shape == Shape::kSwitch) << setting.name;
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    Settings settings;
    const std::vector<std::string> shown = setting.show(settings);
    if (shown == std::vector<std::string>{""}) continue;  // not given
    EXPECT_TRUE(setting.take(shown, &settings).ok()) << setting.name;
    EXPECT_EQ(setting.show(settings), shown) << setting.name;
  }
  EXPECT_EQ(find_setting("verfy"), nullptr);
}

TEST(Settings, LaterSourcesWin) {
  const GivenSettings file = given({{"verify", {"off"}}, {"engine", {"simd"}}});
  const GivenSettings flags = given({{"verify", {"all"}}});
  const GivenSettings* sources[] = {&file, &flags};
  Settings settings;
  ASSERT_TRUE(make_settings(sources, &settings).ok());
  EXPECT_EQ(settings.verify, dispatch::Verify::kAll);
  EXPECT_EQ(settings.engine, "simd");
}

TEST(Settings, ErrorsNameWhereExpectedAndFound) {
  EXPECT_EQ(error_of(given({{"verify", {"most"}}})),
            "f.toml: verify: expected off, sampled or all, found 'most'");
  EXPECT_EQ(error_of(given({{"simd-threads", {"0"}}})),
            "f.toml: simd-threads: expected a number from 1 to 1024, found '0'");
  EXPECT_EQ(error_of(given({{"simd-threads", {"-1"}}, {"insecure", {"yes"}}})),
            "f.toml: simd-threads: expected a number from 1 to 1024, found '-1'\n"
            "f.toml: insecure: expected true or false, found 'yes'");
  EXPECT_EQ(error_of(given({{"allow-derive", {"a", ""}}})),
            "f.toml: allow-derive: expected a name, found ''");
}

TEST(Settings, AKeyFileBelongsToAStoreThatIsSealed) {
  Settings settings;
  EXPECT_TRUE(
      make(given({{"contexts-store", {"rocksdb:/d"}}, {"contexts-key-file", {"/k"}}}), &settings)
          .ok());
  EXPECT_EQ(settings.contexts_store.directory, "/d");
  EXPECT_EQ(error_of(given({{"contexts-store", {"memory"}}, {"contexts-key-file", {"/k"}}})),
            "f.toml: contexts-key-file: expected contexts-store rocksdb or redis beside it, found "
            "memory");
}

TEST(Settings, BoundsOfTheQueueAndOfEachCaller) {
  Settings settings;
  ASSERT_EQ(make(given({{"queue-requests", {"7"}},
                        {"queue-octets", {"1099511627776"}},
                        {"caller-items", {"1"}},
                        {"share", {"a:weight=5", "*:rate=9"}}}),
                 &settings)
                .message(),
            "");
  EXPECT_EQ(settings.limits.queue_requests, 7U);
  EXPECT_EQ(settings.limits.queue_items, scheduler::Limits{}.queue_items);
  EXPECT_EQ(settings.limits.queue_octets, 1ULL << 40);
  EXPECT_EQ(settings.limits.caller_items, 1U);
  EXPECT_EQ(settings.shares.of("a").weight, 5U);
  EXPECT_EQ(settings.shares.of("b").items_per_s, 9U);
  EXPECT_EQ(error_of(given({{"caller-requests", {"0"}}, {"share", {"a:weight=0"}}})),
            "f.toml: caller-requests: expected a number from 1 to 1000000, found '0'\n"
            "f.toml: share: expected weight= and a number from 1 to 1000, found 'weight=0'");
  EXPECT_EQ(error_of(given({{"queue-octets", {"1099511627777"}}})),
            "f.toml: queue-octets: expected a number from 1 to 1099511627776, found "
            "'1099511627777'");
}

TEST(Settings, RequiredAuditNeedsAFile) {
  EXPECT_EQ(error_of(given({{"audit-required", {"true"}}})),
            "f.toml: audit-required: expected audit beside it, found no file");
  EXPECT_EQ(error_of(given({{"audit-required", {"true"}}, {"audit", {"a.jsonl"}}})), "");
}

TEST(Settings, CertificatesKeyAndAuthorityBelongTogether) {
  EXPECT_EQ(error_of(kTls), "");
  for (const char* name : {"tls-cert", "tls-key", "tls-ca"}) {
    GivenSettings settings = kTls;
    settings.erase(name);
    EXPECT_EQ(error_of(settings),
              "--" + std::string(name) +
                  ": expected a file, since tls-cert, tls-key and tls-ca belong together, "
                  "found nothing");
  }
}

TEST(Settings, TlsNeedsSomebodyWhoMayCall) {
  GivenSettings settings = kTls;
  settings.erase("allow-derive");
  EXPECT_THAT(error_of(settings), HasSubstr("--allow-derive: expected a name that may call"));
  EXPECT_THAT(error_of(with(kTls, "allow-derive", {})),
              HasSubstr("f.toml: allow-derive: expected a name that may call"));
  EXPECT_EQ(error_of(with(settings, "allow-operate", {"ops"})), "");
}

TEST(Settings, RolesWithoutTlsWouldProtectNothing) {
  EXPECT_THAT(error_of(given({{"allow-operate", {"ops"}}})),
              HasSubstr("f.toml: allow-operate: expected tls-cert, tls-key and tls-ca beside it"));
}

TEST(Settings, PlaintextBeyondThisMachineMustBeAskedForByName) {
  EXPECT_THAT(error_of(given({{"listen", {"10.0.0.1:1"}}})), HasSubstr("--insecure"));
  EXPECT_EQ(error_of(given({{"listen", {"10.0.0.1:1"}}, {"insecure", {"true"}}})), "");
  EXPECT_EQ(error_of(with(kTls, "insecure", {"true"})),
            "f.toml: insecure: expected plaintext, found tls-cert, tls-key and tls-ca");
}

}  // namespace
}  // namespace rekey::config
