// SPDX-License-Identifier: Apache-2.0
#include "service/rekeyctl/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace rekey::ctl {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<char*> pointers(std::vector<std::string>* texts) {
  std::vector<char*> result;
  for (std::string& text : *texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Outcome run_rekeyctl(const std::vector<std::string>& arguments, const std::string& input,
                     const std::vector<std::string>& environment) {
  // Files instead of pipes: nothing can block, whatever the program reads and writes.
  const TempFolder folder;
  const std::string in = folder.write("in", input);
  std::vector<std::string> words = {REKEYCTL};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("REKEY_ENGINE="))
      variables.emplace_back(*variable);
  }
  variables.insert(variables.end(), environment.begin(), environment.end());

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, folder.path("out").c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, folder.path("err").c_str(), kWrite, 0600);
  pid_t process = 0;
  const int spawned = posix_spawn(&process, REKEYCTL, &files, nullptr, pointers(&words).data(),
                                  pointers(&variables).data());
  posix_spawn_file_actions_destroy(&files);
  EXPECT_EQ(spawned, 0) << REKEYCTL;
  Outcome outcome;
  int status = 0;
  if (spawned != 0 || waitpid(process, &status, 0) != process) return outcome;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  outcome.out = folder.read("out");
  outcome.err = folder.read("err");
  return outcome;
}

TempFolder::TempFolder() : path_(::testing::TempDir() + "rekeyctl-XXXXXX") {
  EXPECT_NE(mkdtemp(path_.data()), nullptr);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

std::string TempFolder::read(const std::string& name) const { return read_file(path(name)); }

}  // namespace rekey::ctl
