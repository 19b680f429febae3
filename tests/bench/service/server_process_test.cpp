// SPDX-License-Identifier: Apache-2.0
#include "service/server_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <memory>
#include <string>

namespace rekey::bench {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

Status start_shell(const std::string& script, std::chrono::milliseconds patience,
                   std::unique_ptr<ServerProcess>* out_process) {
  return ServerProcess::start("/bin/sh", {"-c", script}, std::nullopt, patience, out_process);
}

TEST(ServerProcess, IsAskedWhereItSaysThatItListens) {
  std::unique_ptr<ServerProcess> process;
  const std::string script = "echo 'up; listening on 127.0.0.1:4711; engines: none' >&2; sleep 60";
  ASSERT_EQ(start_shell(script, 30s, &process), Status());
  EXPECT_EQ(process->address(), "127.0.0.1:4711");
  const pid_t pid = process->pid();
  process.reset();
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(ServerProcess, SaysThatThereIsNoProgram) {
  std::unique_ptr<ServerProcess> process;
  const Status s = ServerProcess::start("/nowhere/rekeyd", {}, std::nullopt, 30s, &process);
  EXPECT_EQ(s.code(), Code::kUnavailable);
  EXPECT_THAT(s.message(), HasSubstr("cannot run /nowhere/rekeyd: No such file"));
}

TEST(ServerProcess, SaysHowAProgramEndedAndWhatItWrote) {
  std::unique_ptr<ServerProcess> process;
  const Status s = start_shell("echo 'the address is taken' >&2; exit 3", 30s, &process);
  EXPECT_THAT(s.message(), HasSubstr("/bin/sh ended with 3"));
  EXPECT_THAT(s.message(), HasSubstr("the address is taken"));
}

TEST(ServerProcess, GivesUpOnAProgramThatSaysNothing) {
  std::unique_ptr<ServerProcess> process;
  const Status s = start_shell("exec sleep 60", 20ms, &process);
  EXPECT_THAT(s.message(), HasSubstr("expected `listening on HOST:PORT` within 20 ms"));
}

TEST(ServerProcess, ExplainsAFailedCallByADeadServerAlone) {
  std::unique_ptr<ServerProcess> process;
  ASSERT_EQ(start_shell("echo 'listening on 127.0.0.1:1;' >&2; exec sleep 60", 30s, &process),
            Status());
  const Status failure(Code::kUnavailable, "a call failed");
  EXPECT_EQ(process->explain(failure), failure);
  ASSERT_EQ(kill(process->pid(), SIGKILL), 0);
  EXPECT_THAT(process->explain(failure).message(),
              HasSubstr("a call failed; /bin/sh was ended by: Killed"));
}

}  // namespace
}  // namespace rekey::bench
