// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/sealing_keys.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "service/contexts/store/keys.h"

namespace rekey::contexts {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string wrong(const std::string& text) {
  SealingKeys keys;
  const Status status = parse_keys(text, &keys);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  return status.message();
}

TEST(SealingKeysTest, ReadsOneKeyALine) {
  SealingKeys keys;
  const Status status = parse_keys(
      "# the new one\n" + key_line(1) + "\n\n" + key_line(0xaB) + "\r\n" + key_line(3), &keys);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(keys.all().size(), 3U);
  for (const std::uint8_t octet : keys.all()[0].key.octets()) EXPECT_EQ(octet, 1);
  for (const std::uint8_t octet : keys.all()[1].key.octets()) EXPECT_EQ(octet, 0xab);
  EXPECT_NE(keys.all()[0].id, keys.all()[1].id);
  SealingKeys again;
  ASSERT_TRUE(parse_keys(key_line(3), &again).ok());
  EXPECT_EQ(again.all()[0].id, keys.all()[2].id);
}

TEST(SealingKeysTest, SaysWhatIsWrongButNothingOfAKey) {
  EXPECT_THAT(wrong(""), HasSubstr("keys: expected a line of 64 hex digits, found none"));
  EXPECT_THAT(wrong(key_line(1) + "\n" + key_line(7).substr(1)),
              HasSubstr("keys:2: expected 64 hex digits, found 63 (an odd number)"));
  EXPECT_THAT(wrong(key_line(1) + "\n# again\n" + key_line(1)),
              HasSubstr("keys:3: expected keys that differ"));
  std::string many;
  for (int i = 0; i < 17; ++i) many += key_line(static_cast<std::uint8_t>(i)) + "\n";
  EXPECT_THAT(wrong(many), HasSubstr("keys:17: expected at most 16 keys"));
  for (const char c : std::string("gG/:@`\xff\0 ", 9)) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{31}, std::size_t{63}}) {
      std::string line = key_line(0x77);
      line[place] = c;
      const std::string message = wrong(line);
      EXPECT_THAT(message, HasSubstr("a character that is not a hex digit at position"));
      EXPECT_THAT(message, Not(HasSubstr("77")));
    }
  }
}

class SealingKeyFileTest : public testing::Test {
 protected:
  SealingKeyFileTest() {
    std::string name = testing::TempDir() + "sealing-keys-XXXXXX";
    directory_ = mkdtemp(name.data());
    std::ofstream(file()) << key_line(9) << "\n";
    chmod(file().c_str(), 0600);
  }
  ~SealingKeyFileTest() override {
    unsetenv("CREDENTIALS_DIRECTORY");
    std::filesystem::remove_all(directory_);
  }
  [[nodiscard]] std::string file() const { return directory_ + "/contexts-key"; }

  std::string directory_;
  SealingKeys keys_;
};

TEST_F(SealingKeyFileTest, ReadsAFile) {
  ASSERT_TRUE(SealingKeys::read(file(), &keys_).ok());
  EXPECT_EQ(keys_.all().size(), 1U);
}

TEST_F(SealingKeyFileTest, RefusesAFileThatIsOpenToEveryone) {
  chmod(file().c_str(), 0604);
  const Status status = SealingKeys::read(file(), &keys_);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("closed to others"));
}

TEST_F(SealingKeyFileTest, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(SealingKeys::read(directory_ + "/none", &keys_).message(),
              HasSubstr("none: expected a key file that can be read, found: No such file"));
  EXPECT_THAT(SealingKeys::read(directory_, &keys_).message(), HasSubstr("Is a directory"));
  std::ofstream(file()) << std::string(20'000, '#');
  EXPECT_THAT(SealingKeys::read(file(), &keys_).message(), HasSubstr("at most 16384 octets"));
}

TEST_F(SealingKeyFileTest, TakesTheCredentialWhenNoFileIsNamed) {
  EXPECT_EQ(SealingKeys::read_set("", &keys_).code(), Code::kInvalidArgument);
  setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  EXPECT_TRUE(SealingKeys::read_set("", &keys_).ok());
  EXPECT_EQ(keys_.all()[0].id, keys_of({9}).all()[0].id);
  EXPECT_THAT(SealingKeys::read_set("/none", &keys_).message(), HasSubstr("/none: expected"));
  std::filesystem::remove(file());
  EXPECT_THAT(SealingKeys::read_set("", &keys_).message(), HasSubstr("found neither"));
}

}  // namespace
}  // namespace rekey::contexts
