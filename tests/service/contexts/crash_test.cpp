// SPDX-License-Identifier: Apache-2.0
//
// rekeyd is killed in the middle of load, again and again. What it had answered is there
// afterwards, what it had not answered was done as a whole or not at all, and the same request
// tells which.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "rekeyctl/contexts_client.h"
#include "service/contexts/crash_subjects.h"
#include "service/contexts/store/redis_server.h"
#include "service/server_process.h"

namespace rekey::contexts::test {
namespace {

constexpr std::size_t kWorkers = 4;
constexpr std::uint8_t kSubjectsEach = 25;
constexpr std::chrono::seconds kPatience{60};

/// Killable is a rekeyd that is killed and started again, on the same contexts unless they are in
/// memory.
class Killable {
 public:
  explicit Killable(std::vector<std::string> store_flags) : flags_(std::move(store_flags)) {
    flags_.insert(flags_.end(), {"--listen", "127.0.0.1:0", "--log-level", "info", "--verify",
                                 "off", "--lock-memory", "off"});
    start();
  }

  void kill_and_start() {
    process_.reset();  // SIGKILL
    start();
  }

  /// Where the `life`th one listens, once it does; empty when it does not start.
  std::string address_of_at_least(unsigned life, unsigned* out_life) {
    std::unique_lock lock(mutex_);
    started_.wait(lock, [&] { return life_ >= life || address_.empty(); });
    *out_life = life_;
    return address_;
  }

 private:
  void start() {
    const Status status =
        bench::ServerProcess::start(REKEYD, flags_, std::nullopt, kPatience, &process_);
    EXPECT_EQ(status, Status());
    const std::lock_guard lock(mutex_);
    address_ = status.ok() ? process_->address() : "";
    ++life_;
    started_.notify_all();
  }

  std::vector<std::string> flags_;
  std::unique_ptr<bench::ServerProcess> process_;
  std::mutex mutex_;
  std::condition_variable started_;
  std::string address_;
  unsigned life_ = 0;
};

std::unique_ptr<ctl::ContextsClient> client_of(const std::string& address) {
  ctl::ServerFlags flags;
  flags.server = address;
  std::unique_ptr<ctl::ContextsClient> client;
  EXPECT_EQ(ctl::ContextsClient::open(flags, &client), Status());
  return client;
}

/// Worker asks for subjects of its own, one request after the other.
class Worker {
 public:
  Worker(Killable* rekeyd, std::uint8_t number, bool durable)
      : rekeyd_(rekeyd), number_(number), durable_(durable), random_(number) {
    for (std::uint8_t i = 0; i < kSubjectsEach; ++i) {
      subjects_.push_back({{0, 0, 0, 0, number, i}, ModelAms(kNow), 0});
    }
  }

  void run(const std::atomic<bool>& stop) {
    if (!connect(1)) return;
    while (!stop && !testing::Test::HasFailure()) step();
    expect_all();
  }

  [[nodiscard]] const std::vector<Subject>& subjects() const { return subjects_; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] std::uint64_t resent() const { return resent_; }

 private:
  static constexpr Millis kNow = 1'764'000'000'000;

  bool connect(unsigned life) {
    const std::string address = rekeyd_->address_of_at_least(life, &life_);
    if (address.empty()) return false;
    client_ = client_of(address);
    return true;
  }

  template <typename Request>
  bool ask(const Request& request, v1::ContextsResponse* out_response, bool* out_killed) {
    *out_killed = false;
    while (!client_->call(request, out_response).ok()) {
      if (!connect(life_ + 1)) return false;
      *out_killed = true;
      if (durable_) continue;
      for (Subject& subject : subjects_) subject.model = ModelAms(kNow);
    }
    return true;
  }

  void step() {
    const std::string id = std::to_string(number_) + ":" + std::to_string(++operations_);
    const Step step = draw_step(random_, id, &subjects_);
    v1::ContextsResponse response;
    bool killed = false;
    const bool asked = std::visit(
        [&](const auto& request) { return ask(request, &response, &killed); }, step.request);
    if (!asked) return;
    ++answered_;
    resent_ += killed ? 1 : 0;
    for (std::size_t i = 0; i < step.items.size(); ++i) {
      Subject& subject = subjects_[step.items[i].subject];
      const v1::AmsContexts& item = response.items(static_cast<int>(i));
      const bool allowed = step.items[i].apply(&subject.model);
      subject.model.live_until(kNow);  // spans of zero
      ASSERT_EQ(item.code() == 0, allowed)
          << "request " << step.request.index() << (killed ? " sent again" : "") << ": "
          << item.message();
      for (const v1::KeyContext& context : item.contexts()) expect_held(subject, context);
    }
    if (killed) expect_all();
  }

  void expect_all() {
    v1::GetRequest request;
    request.set_with_keys(true);
    for (const Subject& subject : subjects_) request.add_msids(subject.name());
    v1::ContextsResponse response;
    bool killed = false;
    if (!ask(request, &response, &killed)) return;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      expect_all_held(subjects_[i], response.items(static_cast<int>(i)));
    }
  }

  Killable* rekeyd_;
  const std::uint8_t number_;
  const bool durable_;
  std::mt19937_64 random_;
  std::vector<Subject> subjects_;
  std::unique_ptr<ctl::ContextsClient> client_;
  unsigned life_ = 0;
  std::uint64_t operations_ = 0, answered_ = 0, resent_ = 0;
};

/// What the events since the beginning tell of all AMSs.
class Told {
 public:
  /// Watches on from where it has come to, up to what it makes happen itself.
  void catch_up(Killable* rekeyd) {
    unsigned life = 0;
    const auto client = client_of(rekeyd->address_of_at_least(1, &life));
    ++marks_;
    const std::string mark =
        std::string(4, '\xee') + static_cast<char>(marks_ >> 8) + static_cast<char>(marks_);
    v1::EstablishRequest request;
    request.set_operation_id("mark");
    v1::AmsRegistration* item = request.add_items();
    item->set_msid(mark);
    item->set_bsid(std::string(6, '\0'));
    item->mutable_authentication()->set_pmk(std::string(20, '\1'));
    item->mutable_authentication()->set_pmk_lifetime_ms(1'000'000);
    item->mutable_authentication()->set_nonce_bs(std::string(8, '\2'));
    v1::ContextsResponse response;
    ASSERT_EQ(client->call(request, &response), Status());
    ASSERT_EQ(response.items(0).code(), 0) << response.items(0).message();
    std::ignore = client->watch(last_, [&](const v1::ContextEvent& event) {
      note(event);
      return event.msid() != mark;
    });
  }

  [[nodiscard]] std::multiset<std::pair<std::string, std::uint32_t>> held(
      const std::string& msid) const {
    const auto found = held_.find(msid);
    return found == held_.end() ? std::multiset<std::pair<std::string, std::uint32_t>>()
                                : found->second;
  }

 private:
  void note(const v1::ContextEvent& event) {
    EXPECT_GT(event.sequence(), last_);
    last_ = event.sequence();
    const auto where = std::pair(event.bsid(), event.cmac_key_count());
    auto& held = held_[event.msid()];
    if (event.kind() == v1::CONTEXT_EVENT_KIND_DERIVED) held.insert(where);
    if (event.kind() == v1::CONTEXT_EVENT_KIND_DISCARDED) {
      const auto found = held.find(where);
      EXPECT_NE(found, held.end()) << "discarded without having been derived";
      if (found != held.end()) held.erase(found);
    }
    note_use(event, where);
  }

  /// TEKs that may carry data are made once for each PMK, BSID and count.
  void note_use(const v1::ContextEvent& event, const std::pair<std::string, std::uint32_t>& where) {
    if (event.kind() != v1::CONTEXT_EVENT_KIND_USABLE ||
        event.cause() == v1::CONTEXT_EVENT_CAUSE_CANCELLED) {
      return;
    }
    auto& used = used_[event.msid()];
    if (event.cause() == v1::CONTEXT_EVENT_CAUSE_ESTABLISHED ||
        event.cause() == v1::CONTEXT_EVENT_CAUSE_REAUTHENTICATED) {
      used.clear();
    }
    EXPECT_TRUE(used.insert(where).second) << "count " << where.second << " twice";
  }

  std::uint64_t last_ = 0;
  unsigned marks_ = 0;
  std::map<std::string, std::multiset<std::pair<std::string, std::uint32_t>>> held_;
  std::map<std::string, std::set<std::pair<std::string, std::uint32_t>>> used_;
};

/// The events are those of what was done: none is missing, and there is none beside.
void expect_told(const Told& told, const std::vector<Worker>& workers) {
  for (const Worker& worker : workers) {
    for (const Subject& subject : worker.subjects()) {
      std::multiset<std::pair<std::string, std::uint32_t>> held;
      for (const ModelAms::Held& context : subject.model.held()) {
        held.emplace(std::string(5, '\0') + static_cast<char>(context.bsid), context.count);
      }
      EXPECT_TRUE(told.held(subject.name()) == held) << "events do not tell what is held";
    }
  }
}

/// REKEY_KILLS says how often.
int kills(int otherwise) {
  const char* const asked = std::getenv("REKEY_KILLS");
  return asked == nullptr ? otherwise : std::atoi(asked);
}

void kill_in_the_middle_of_load(std::vector<std::string> store_flags, int times, bool durable) {
  Killable rekeyd(std::move(store_flags));
  std::vector<Worker> workers;
  for (std::uint8_t i = 0; i < kWorkers; ++i) workers.emplace_back(&rekeyd, i, durable);
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  threads.reserve(kWorkers);
  for (Worker& worker : workers) threads.emplace_back([&] { worker.run(stop); });
  Told told;
  std::mt19937_64 random(1);
  for (int i = 0; i < times && !testing::Test::HasFailure(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + random() % 300));
    rekeyd.kill_and_start();
    if (durable) told.catch_up(&rekeyd);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::uint64_t answered = 0, resent = 0;
  for (const Worker& worker : workers) answered += worker.answered();
  for (const Worker& worker : workers) resent += worker.resent();
  EXPECT_GT(answered, resent);
  EXPECT_GE(resent, static_cast<std::uint64_t>(times)) << "kills met no load";
  if (!durable || testing::Test::HasFailure()) return;
  told.catch_up(&rekeyd);
  expect_told(told, workers);
}

/// A folder with a key file, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "crash-XXXXXX";
    path_ = mkdtemp(name.data());
    std::ofstream(key_file()) << std::string(64, '1') << '\n';
    std::filesystem::permissions(key_file(), std::filesystem::perms::owner_read);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string key_file() const { return path_ + "/key"; }
  [[nodiscard]] std::vector<std::string> flags(const std::string& store) const {
    return {"--contexts-store", store, "--contexts-key-file", key_file()};
  }
  [[nodiscard]] std::string rocksdb() const { return "rocksdb:" + path_ + "/contexts"; }

 private:
  std::string path_;
};

TEST(Crash, OnRocksDbEverythingAnsweredIsThereAndNothingIsHalfDone) {
  const Folder folder;
  kill_in_the_middle_of_load(folder.flags(folder.rocksdb()), kills(3), true);
}

TEST(Crash, OnRedisEverythingAnsweredIsThereAndNothingIsHalfDone) {
  const Folder folder;
  RedisServer redis;
  kill_in_the_middle_of_load(folder.flags("redis:" + redis.address().to_string()), kills(1), true);
}

TEST(Crash, InMemoryEverythingIsGoneAndBeginsAnew) {
  kill_in_the_middle_of_load({"--contexts-store", "memory"}, kills(1), false);
}

}  // namespace
}  // namespace rekey::contexts::test
