// SPDX-License-Identifier: Apache-2.0
#include "json_program.h"

#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace rekey::bench {

MemoryFile::MemoryFile() : number_(memfd_create("rekey-bench", 0)) {}

MemoryFile::~MemoryFile() {
  if (number_ >= 0) close(number_);
}

std::string MemoryFile::name() const { return "/dev/fd/" + std::to_string(number_); }

bool MemoryFile::write(const std::string& text) const {
  return ::write(number_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::string MemoryFile::text() const {
  std::string all;
  char part[4'096];
  for (ssize_t got = 0;
       (got = pread(number_, part, sizeof part, static_cast<off_t>(all.size()))) > 0;) {
    all.append(part, static_cast<std::size_t>(got));
  }
  return all;
}

Status run_json(std::vector<std::string> command, Json* out_json) {
  const MemoryFile output, errors;
  if (output.number() < 0 || errors.number() < 0) {
    return {Code::kUnavailable, "no memory for what " + command[0] + " writes"};
  }
  std::vector<char*> argv;
  std::ranges::transform(command, std::back_inserter(argv),
                         [](std::string& t) { return t.data(); });
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output.number(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.number(), STDERR_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return {Code::kUnavailable, "cannot run " + command[0] + ": " + strerror(error)};
  int end = 0;
  const bool has_ended = waitpid(pid, &end, 0) == pid;
  if (!has_ended || !WIFEXITED(end) || WEXITSTATUS(end) != 0) {
    return {Code::kUnavailable, command[0] + " " + command[1] + " failed: " + errors.text()};
  }
  *out_json = Json::parse(output.text(), nullptr, false);
  if (out_json->is_discarded()) {
    return {Code::kUnavailable,
            command[0] + " " + command[1] + ": expected JSON, found something else"};
  }
  return {};
}

}  // namespace rekey::bench
