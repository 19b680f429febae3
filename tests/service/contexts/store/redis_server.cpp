// SPDX-License-Identifier: Apache-2.0
#include "service/contexts/store/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace rekey::contexts {
namespace {

std::uint16_t free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(descriptor, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(descriptor);
  return ntohs(address.sin_port);
}

}  // namespace

RedisServer::RedisServer() {
  std::string name = testing::TempDir() + "redis-XXXXXX";
  directory_ = mkdtemp(name.data());
  address_.port = free_port();
  start();
}

RedisServer::~RedisServer() {
  kill();
  std::filesystem::remove_all(directory_);
}

void RedisServer::start() {
  const std::string port = std::to_string(address_.port);
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = open((directory_ + "/log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execlp("redis-server", "redis-server", "--bind", "127.0.0.1", "--port", port.c_str(), "--dir",
           directory_.c_str(), "--save", "", "--appendonly", "yes", "--appendfsync", "always",
           "--enable-debug-command", "local", nullptr);
    _exit(127);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (command("PING") != "PONG\n") {
    if (std::chrono::steady_clock::now() > until || waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = 0;
      FAIL() << "redis-server does not start: is it installed?";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void RedisServer::kill() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

std::string RedisServer::command(const std::string& arguments) const {
  const std::string line =
      "redis-cli -p " + std::to_string(address_.port) + " " + arguments + " 2>&1";
  std::FILE* const output = popen(line.c_str(), "r");
  std::string text;
  std::array<char, 256> piece{};
  while (std::fgets(piece.data(), piece.size(), output) != nullptr) text += piece.data();
  pclose(output);
  return text;
}

}  // namespace rekey::contexts
