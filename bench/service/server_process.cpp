// SPDX-License-Identifier: Apache-2.0
#include "service/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string_view>
#include <thread>
#include <utility>

#include "service/cores.h"

namespace rekey::bench {
namespace {

constexpr int kCannotRun = 127;
constexpr std::size_t kLogTailOctets = 4'000;

/// Becomes the program. Only what is safe between fork() and exec() in a process with threads.
[[noreturn]] void become(char* const* argv, std::optional<int> core, int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotRun);
  if (core) pin(*core);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nowhere, STDIN_FILENO);
  dup2(nowhere, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(argv[0], argv);
  _exit(kCannotRun);
}

std::string address_in(std::string_view log) {
  constexpr std::string_view kSaid = "listening on ";
  const std::size_t said = log.find(kSaid);
  if (said == std::string_view::npos) return {};
  const std::string_view rest = log.substr(said + kSaid.size());
  const std::size_t end = rest.find_first_of(";\n ");
  // Without its end the line is not all written.
  return end == std::string_view::npos ? std::string() : std::string(rest.substr(0, end));
}

}  // namespace

Status ServerProcess::start(const std::string& program, const std::vector<std::string>& arguments,
                            std::optional<int> core, std::chrono::milliseconds patience,
                            std::unique_ptr<ServerProcess>* out_process) {
  if (access(program.c_str(), X_OK) != 0) {
    return {Code::kUnavailable, "cannot run " + program + ": " + strerror(errno)};
  }
  const int log = memfd_create("log", MFD_CLOEXEC);
  if (log < 0) return {Code::kUnavailable, std::string("no memory for a log: ") + strerror(errno)};
  std::vector<std::string> texts = {program};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  std::ranges::transform(texts, std::back_inserter(argv), [](std::string& t) { return t.data(); });
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(argv.data(), core, log, parent);
  if (pid < 0) {
    const std::string reason = strerror(errno);
    close(log);
    return {Code::kUnavailable, "cannot run " + program + ": " + reason};
  }
  std::unique_ptr<ServerProcess> process(new ServerProcess(program, pid, log));
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while ((process->address_ = address_in(process->log())).empty()) {
    if (const std::string end = process->end(); !end.empty()) return {Code::kUnavailable, end};
    if (std::chrono::steady_clock::now() > give_up) {
      return {Code::kUnavailable, program + ": expected `listening on HOST:PORT` within " +
                                      std::to_string(patience.count()) +
                                      " ms, found: " + process->log()};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  *out_process = std::move(process);
  return {};
}

ServerProcess::~ServerProcess() {
  if (end_.empty()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(log_);
}

Status ServerProcess::explain(const Status& failure) {
  // A connection breaks a moment before its process is gone.
  for (int look = 0; look < 50 && end().empty(); ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return end_.empty() ? failure : Status(failure.code(), failure.message() + "; " + end_);
}

double ServerProcess::cpu_seconds() const {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string ServerProcess::log() const {
  struct stat file {};
  if (fstat(log_, &file) != 0) return {};
  const off_t octets = std::min<off_t>(file.st_size, kLogTailOctets);
  std::string tail(static_cast<std::size_t>(octets), '\0');
  const ssize_t read = pread(log_, tail.data(), tail.size(), file.st_size - octets);
  tail.resize(static_cast<std::size_t>(std::max<ssize_t>(read, 0)));
  return tail;
}

std::string ServerProcess::end() {
  int status = 0;
  if (end_.empty() && waitpid(pid_, &status, WNOHANG) == pid_) {
    end_ = program_ + (WIFEXITED(status)
                           ? " ended with " + std::to_string(WEXITSTATUS(status))
                           : std::string(" was ended by: ") + strsignal(WTERMSIG(status)));
    const std::string written = log();
    end_ += written.empty() ? ", and had written nothing" : ", and had written: " + written;
  }
  return end_;
}

}  // namespace rekey::bench
