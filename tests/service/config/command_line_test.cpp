// SPDX-License-Identifier: Apache-2.0
#include "config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "config/setting.h"

namespace rekey::config {
namespace {

using ::testing::HasSubstr;

struct Parsed {
  bool runs = false;
  int exit_code = -1;
  CommandLine line;
  Settings options;
  std::string out;
  std::string err;
};

Parsed parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "rekeyd");
  Parsed parsed;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  parsed.runs = CommandLine::parse(static_cast<int>(arguments.size()), arguments.data(),
                                   &parsed.line, &parsed.exit_code);
  parsed.out = testing::internal::GetCapturedStdout();
  parsed.err = testing::internal::GetCapturedStderr();
  if (!parsed.runs) return parsed;
  if (const Status status = parsed.line.load(&parsed.options); !status.ok()) {
    parsed.runs = false;
    parsed.exit_code = kExitUsage;
    parsed.err = status.message();
  }
  return parsed;
}

/// A configuration file that is removed again.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text)
      : path_(std::filesystem::path(testing::TempDir()) /
              ("rekeyd-" + std::to_string(::getpid()) + ".toml")) {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest() { forget_environment(); }
  ~CommandLineTest() override { forget_environment(); }

 private:
  static void forget_environment() {
    for (const Setting& setting : all_settings()) {
      if (setting.environment != nullptr) ::unsetenv(setting.environment);
    }
  }
};

TEST_F(CommandLineTest, DefaultsAreSafe) {
  const Parsed parsed = parse({});
  ASSERT_TRUE(parsed.runs);
  EXPECT_EQ(parsed.options.listen.to_string(), "127.0.0.1:7316");
  EXPECT_EQ(parsed.options.verify, dispatch::Verify::kSampled);
  EXPECT_EQ(parsed.options.engine, "auto");
  EXPECT_EQ(parsed.options.log_level, "info");
  EXPECT_EQ(parsed.options.simd_threads, std::clamp(std::thread::hardware_concurrency(), 1U, 16U));
}

TEST_F(CommandLineTest, FlagsAreTaken) {
  const Parsed parsed = parse({"--listen", "[::1]:0", "--verify", "all", "--engine", "simd",
                               "--log-level", "debug", "--simd-threads", "3", "--check-config"});
  EXPECT_TRUE(parsed.line.check_config);
  ASSERT_TRUE(parsed.runs);
  EXPECT_EQ(parsed.options.listen.to_string(), "[::1]:0");
  EXPECT_EQ(parsed.options.verify, dispatch::Verify::kAll);
  EXPECT_EQ(parsed.options.engine, "simd");
  EXPECT_EQ(parsed.options.log_level, "debug");
  EXPECT_EQ(parsed.options.simd_threads, 3U);
  EXPECT_EQ(parse({"--verify", "off"}).options.verify, dispatch::Verify::kOff);
}

TEST_F(CommandLineTest, HelpAndVersionExitWithZero) {
  const Parsed help = parse({"--help"});
  EXPECT_FALSE(help.runs);
  EXPECT_EQ(help.exit_code, 0);
  for (const char* text : {"--listen", "--verify", "--engine", "--insecure", "--config",
                           "--log-level", "--simd-threads", "--tls-cert", "--allow-derive",
                           "--check-config", "REKEY_ENGINE", "127.0.0.1:7316", "Exit codes"}) {
    EXPECT_THAT(help.out, HasSubstr(text));
  }
  const Parsed version = parse({"--version"});
  EXPECT_FALSE(version.runs);
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, HasSubstr("rekeyd 0."));
}

TEST_F(CommandLineTest, WrongUsageExitsWithTwoAndSaysWhy) {
  const std::vector<std::vector<const char*>> wrong = {
      {"--no-such-flag"},
      {"--verify", "some"},
      {"--engine", "abacus"},
      {"--listen"},
      {"--listen", "localhost"},
      {"--config", "/no/such/file"},
      {"stray"},
      {"--verify", "off", "--verify"},
      {"--log-level", "loud"},
      {"--simd-threads", "0"},
      {"--simd-threads", "1025"},
      {"--simd-threads", "few"},
      {"--queue-items", "0"},
      {"--share", "gateway"},
  };
  for (const auto& arguments : wrong) {
    const Parsed parsed = parse(arguments);
    EXPECT_FALSE(parsed.runs) << arguments[0];
    EXPECT_EQ(parsed.exit_code, 2) << arguments[0];
    EXPECT_THAT(parsed.err, HasSubstr(arguments.back())) << arguments[0];
  }
}

TEST_F(CommandLineTest, PlaintextBeyondThisMachineMustBeAskedForByName) {
  const Parsed refused = parse({"--listen", "0.0.0.0:7316"});
  EXPECT_FALSE(refused.runs);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--insecure"));
  EXPECT_TRUE(parse({"--listen", "0.0.0.0:7316", "--insecure"}).runs);
}

TEST_F(CommandLineTest, TheConfigurationFileMirrorsTheFlags) {
  const ConfigFile file(
      "listen = \"127.0.0.1:1\"\nverify = \"all\"\nengine = \"openssl\"\nsimd-threads = 5\n");
  const std::string path = file.path();
  const Parsed parsed = parse({"--config", path.c_str()});
  ASSERT_TRUE(parsed.runs) << parsed.err;
  EXPECT_EQ(parsed.options.listen.port, 1);
  EXPECT_EQ(parsed.options.verify, dispatch::Verify::kAll);
  EXPECT_EQ(parsed.options.engine, "openssl");
  EXPECT_EQ(parsed.options.simd_threads, 5U);
  EXPECT_EQ(parse({"--config", path.c_str(), "--engine", "simd"}).options.engine, "simd");
}

TEST_F(CommandLineTest, TheConfigurationFileMayAllowPlaintext) {
  const ConfigFile file("listen = \"0.0.0.0:1\"\ninsecure = true\n");
  EXPECT_TRUE(parse({"--config", file.path().c_str()}).runs);
}

TEST_F(CommandLineTest, AnUnknownOrBadSettingIsWrongUsage) {
  const ConfigFile unknown("verfy = \"all\"\n");
  const Parsed parsed = parse({"--config", unknown.path().c_str()});
  EXPECT_FALSE(parsed.runs);
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr("verfy"));

  const ConfigFile bad("verify = \"most\"\n");
  EXPECT_EQ(parse({"--config", bad.path().c_str()}).exit_code, 2);
}

TEST_F(CommandLineTest, FlagsMayBeRepeatedAndTheFileHasAList) {
  const ConfigFile file("share = [\"a:weight=2\", \"::1:weight=3\"]\ncaller-items = 9\n");
  const Settings from_file = parse({"--config", file.path().c_str()}).options;
  EXPECT_EQ(from_file.shares.of("a").weight, 2U);
  EXPECT_EQ(from_file.shares.of("::1").weight, 3U);
  EXPECT_EQ(from_file.limits.caller_items, 9U);
  const Settings from_flags =
      parse({"--share", "a:weight=4,rate=8", "--share", "b:weight=5"}).options;
  EXPECT_EQ(from_flags.shares.of("a").items_per_s, 8U);
  EXPECT_EQ(from_flags.shares.of("b").weight, 5U);
}

TEST_F(CommandLineTest, TheEnvironmentHasBoundsAndShares) {
  ::setenv("REKEY_QUEUE_ITEMS", "1000", 1);
  ::setenv("REKEY_SHARE", "a:weight=2;*:rate=3", 1);
  const Settings settings = parse({}).options;
  EXPECT_EQ(settings.limits.queue_items, 1'000U);
  EXPECT_EQ(settings.shares.of("a").weight, 2U);
  EXPECT_EQ(settings.shares.of("b").items_per_s, 3U);
  EXPECT_EQ(parse({"--share", "a:weight=7"}).options.shares.of("a").weight, 7U);
  ::setenv("REKEY_SHARE", "", 1);
  EXPECT_EQ(parse({}).options.shares.of("b").items_per_s, 0U);
  ::setenv("REKEY_QUEUE_ITEMS", "many", 1);
  EXPECT_THAT(parse({}).err, HasSubstr("REKEY_QUEUE_ITEMS: expected a number from 1 to"));
}

TEST_F(CommandLineTest, TheEnvironmentNamesAnEngineUnlessAFlagOrFileDoes) {
  ::setenv("REKEY_ENGINE", "openssl", 1);
  EXPECT_EQ(parse({}).options.engine, "openssl");
  EXPECT_EQ(parse({"--engine", "simd"}).options.engine, "simd");
  const ConfigFile file("engine = \"cuda\"\n");
  EXPECT_EQ(parse({"--config", file.path().c_str()}).options.engine, "cuda");
  ::setenv("REKEY_ENGINE", "abacus", 1);
  EXPECT_EQ(parse({}).exit_code, 2);
}

}  // namespace
}  // namespace rekey::config
