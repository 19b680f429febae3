// SPDX-License-Identifier: Apache-2.0
#include "wave/sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "wave/source.h"

namespace rekey::wave {
namespace {

using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "rekey-sink-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    unlink(path("file").c_str());
    rmdir(folder_.c_str());
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  static std::string read(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  static mode_t mode_of(const std::string& path) {
    struct stat about = {};
    EXPECT_EQ(stat(path.c_str(), &about), 0);
    return about.st_mode & 0777;
  }

 private:
  std::string folder_;
};

using FileSinkTest = FileTest;
using FileSourceTest = FileTest;

TEST_F(FileSinkTest, WritesEverythingForItsOwnerAlone) {
  std::unique_ptr<FileSink> sink;
  ASSERT_TRUE(FileSink::open(path("file"), &sink).ok());
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i) + "\n";
    ASSERT_TRUE(sink->write(piece).ok());
    expected += piece;
  }
  ASSERT_TRUE(sink->write(std::string(300'000, 'x')).ok());
  ASSERT_TRUE(sink->flush().ok());
  EXPECT_EQ(read(path("file")), expected + std::string(300'000, 'x'));
  EXPECT_EQ(mode_of(path("file")), 0600U);
}

TEST_F(FileSinkTest, TakesAwayOthersAccessToAFileThatWasThere) {
  std::ofstream(path("file")) << "earlier contents";
  ASSERT_EQ(chmod(path("file").c_str(), 0644), 0);
  std::unique_ptr<FileSink> sink;
  ASSERT_TRUE(FileSink::open(path("file"), &sink).ok());
  EXPECT_EQ(mode_of(path("file")), 0600U);
  EXPECT_EQ(read(path("file")), "");
}

TEST_F(FileSinkTest, SaysWhyItCannotCreate) {
  std::unique_ptr<FileSink> sink;
  EXPECT_THAT(FileSink::open(path("none/file"), &sink).message(),
              HasSubstr("none/file: cannot create: No such file or directory"));
}

TEST_F(FileSinkTest, SaysWhyItCannotWrite) {
  std::unique_ptr<FileSink> sink;
  ASSERT_TRUE(FileSink::open("/dev/full", &sink).ok());
  ASSERT_TRUE(sink->write("text").ok());
  EXPECT_EQ(sink->flush().message(), "/dev/full: cannot write: No space left on device");
  EXPECT_FALSE(sink->reader_is_gone());
  EXPECT_FALSE(sink->write("more").ok()) << "the failure stays";
}

TEST_F(FileSourceTest, ReadsAFileAndKnowsItsLength) {
  std::ofstream(path("file")) << "contents";
  std::unique_ptr<FileSource> source;
  ASSERT_TRUE(FileSource::open(path("file"), &source).ok());
  EXPECT_EQ(source->octets_in_all(), 8U);
  char buffer[5];
  std::size_t octets = 0;
  ASSERT_TRUE(source->read(buffer, &octets).ok());
  EXPECT_EQ(std::string(buffer, octets), "conte");
  ASSERT_TRUE(source->read(buffer, &octets).ok());
  EXPECT_EQ(std::string(buffer, octets), "nts");
  EXPECT_EQ(source->octets_read(), 8U);
  ASSERT_TRUE(source->read(buffer, &octets).ok());
  EXPECT_EQ(octets, 0U);
}

TEST_F(FileSourceTest, SaysWhyItCannotRead) {
  std::unique_ptr<FileSource> source;
  EXPECT_THAT(FileSource::open(path("none"), &source).message(),
              HasSubstr("none: cannot open: No such file or directory"));
  ASSERT_TRUE(FileSource::open(::testing::TempDir(), &source).ok());
  char buffer[5];
  std::size_t octets = 0;
  EXPECT_THAT(source->read(buffer, &octets).message(), HasSubstr("cannot read: Is a directory"));
}

}  // namespace
}  // namespace rekey::wave
