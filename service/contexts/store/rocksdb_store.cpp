// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/rocksdb_store.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <filesystem>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "contexts/record_buffer.h"
#include "contexts/store/big_endian.h"
#include "contexts/store/event_blocks.h"
#include "contexts/store/first_number.h"
#include "contexts/store/recent_records.h"

namespace rekey::contexts {
namespace {

// Keys: one letter, then a record's name, or the number of a block's last event in big-endian
// order.
constexpr char kRecord = 'r';
constexpr char kEvent = 'e';
const std::string kFormatKey = "mformat";
const std::string kFormat = "rekeyd contexts 2";
const std::string kVersionsKey = "mversions";  ///< versions up to this one may have been given out
const std::string kForgottenKey = "mforgotten";  ///< the newest event that is no longer kept

/// So many versions are set aside by one write.
constexpr std::uint64_t kVersionsAtOnce = 1'000'000;
/// Records of this size together are kept at hand.
constexpr std::size_t kRecentOctets = std::size_t{64} << 20;
/// Stands for the version of a record that cannot be read at all: who expects it can remove it.
constexpr std::uint64_t kUnreadable = UINT64_MAX;

std::string record_key(std::string_view name) { return kRecord + std::string(name); }
std::string event_key(std::uint64_t sequence) { return kEvent + to_big_endian(sequence); }

/// How much is cut off the events when there are too many.
std::size_t slack(std::size_t kept_events) { return kept_events / 4; }

Status failed(const std::string& directory, const rocksdb::Status& status) {
  return {status.IsNoSpace() ? Code::kResourceExhausted : Code::kInternal,
          "the store of contexts in " + directory + ": " + status.ToString()};
}

/// A record as RocksDB has it: its version, then its value.
FoundRecord record_of(const rocksdb::Status& status, const rocksdb::Slice& octets) {
  FoundRecord found;
  if (status.IsNotFound()) return found;
  if (!status.ok() || octets.size() < kNumberOctets) {
    found.version = kUnreadable;
    found.damage = status.ok() ? "expected a version before the record, found too few octets"
                               : "expected a record, found " + status.ToString();
    return found;
  }
  found.version = from_big_endian(octets.ToStringView());
  found.value = record_buffer(octets.size() - kNumberOctets);
  std::copy(octets.data() + kNumberOctets, octets.data() + octets.size(),
            found.value.octets().begin());
  return found;
}

/// Locks what a batch changes. Names share a fixed number of locks, taken in one order; a thread
/// that changes many has them all, and ThreadSanitizer follows 64 at most.
class Stripes {
 public:
  [[nodiscard]] std::vector<std::unique_lock<std::mutex>> lock(
      std::span<const RecordChange> changes) {
    std::set<std::size_t> needed;
    for (const RecordChange& change : changes) {
      needed.insert(std::hash<std::string>()(change.name) % mutexes_.size());
    }
    std::vector<std::unique_lock<std::mutex>> locks;
    locks.reserve(needed.size());
    for (const std::size_t stripe : needed) locks.emplace_back(mutexes_[stripe]);
    return locks;
  }

 private:
  std::array<std::mutex, 32> mutexes_;
};

class RocksdbStore final : public ContextStore {
 public:
  RocksdbStore(std::string directory, std::size_t kept_events, std::unique_ptr<rocksdb::DB> db)
      : directory_(std::move(directory)), kept_events_(kept_events), db_(std::move(db)) {
    synced_.sync = true;
  }

  /// To be called once, before anything else.
  Status start();

  Status read(std::span<const std::string> names, std::span<FoundRecord> out_found) override;
  Status write(std::span<const RecordChange> changes,
               std::span<ChangeOutcome> out_outcomes) override;
  Status for_each(const Visitor& visit) override;
  Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) override;
  Status last_event(std::uint64_t* out_sequence) override;

 private:
  /// What a batch was given to number its changes and events with.
  struct Numbers {
    std::uint64_t first_version = 0;
    std::uint64_t first_event = 0;
    std::uint64_t forget = 0;  ///< events up to this one are to go; 0: none
  };

  /// Finds the records of some of `names` in the database.
  void look_up(std::span<const std::string* const> names, std::vector<FoundRecord>* out_found);
  /// The versions that the records of changes have, which are locked.
  std::vector<std::uint64_t> versions_of(std::span<const RecordChange> changes);
  /// Everything that those changes mean which are done.
  void fill(rocksdb::WriteBatch* batch, std::span<const RecordChange> changes,
            std::span<const ChangeOutcome> outcomes, const Numbers& numbers,
            std::vector<std::uint64_t>* out_versions);
  Status get_number(const std::string& key, std::uint64_t* out_number);
  rocksdb::Status set_versions_aside(std::uint64_t first);
  rocksdb::Status take_numbers(std::size_t changes, std::size_t events, Numbers* out_numbers);
  void give_back(const Numbers& numbers);
  rocksdb::Status recover();
  /// The newest event that is there together with all before it.
  std::uint64_t visible_event();

  const std::string directory_;
  const std::size_t kept_events_;
  const std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteOptions synced_;
  Stripes stripes_;
  RecentRecords recent_{kRecentOctets};
  std::atomic<bool> failed_ = false;  ///< the last write failed: RocksDB refuses the next ones

  std::mutex mutex_;
  std::uint64_t last_version_ = 0;
  std::uint64_t versions_aside_ = 0;
  std::uint64_t last_event_ = 0;
  std::uint64_t forgotten_ = 0;
  std::multiset<std::uint64_t> in_flight_;  ///< first events of the batches that are being written
};

Status RocksdbStore::start() {
  std::string format;
  const rocksdb::Status got = db_->Get({}, kFormatKey, &format);
  if (got.IsNotFound()) {
    const std::unique_ptr<rocksdb::Iterator> any(db_->NewIterator({}));
    any->SeekToFirst();
    if (any->Valid()) {
      return {Code::kFailedPrecondition,
              directory_ + ": expected a store of contexts or nothing, found another database"};
    }
    rocksdb::WriteBatch batch;
    batch.Put(kFormatKey, kFormat);
    batch.Put(kForgottenKey, to_big_endian(first_number()));
    batch.Put(kVersionsKey, to_big_endian(first_number()));
    if (rocksdb::Status s = db_->Write(synced_, &batch); !s.ok()) return failed(directory_, s);
  } else if (!got.ok()) {
    return failed(directory_, got);
  } else if (format != kFormat) {
    return {Code::kFailedPrecondition, directory_ + ": expected a store of the format '" + kFormat +
                                           "', found '" + format + "'"};
  }
  if (Status s = get_number(kForgottenKey, &forgotten_); !s.ok()) return s;
  if (Status s = get_number(kVersionsKey, &last_version_); !s.ok()) return s;
  last_event_ = forgotten_;
  const std::unique_ptr<rocksdb::Iterator> events(db_->NewIterator({}));
  events->SeekForPrev(event_key(UINT64_MAX));
  if (events->Valid() && events->key()[0] == kEvent) {
    last_event_ = std::max(last_event_, from_big_endian(events->key().ToStringView().substr(1)));
  }
  if (!events->status().ok()) return failed(directory_, events->status());
  if (rocksdb::Status s = set_versions_aside(last_version_); !s.ok()) return failed(directory_, s);
  return {};
}

Status RocksdbStore::get_number(const std::string& key, std::uint64_t* out_number) {
  std::string octets;
  const rocksdb::Status status = db_->Get({}, key, &octets);
  if (!status.ok() && !status.IsNotFound()) return failed(directory_, status);
  if (octets.size() != kNumberOctets) {
    return {Code::kInternal, directory_ + ": expected a number under '" + key + "', found " +
                                 std::to_string(octets.size()) + " octets"};
  }
  *out_number = from_big_endian(octets);
  return {};
}

rocksdb::Status RocksdbStore::set_versions_aside(std::uint64_t first) {
  rocksdb::Status status = db_->Put(synced_, kVersionsKey, to_big_endian(first + kVersionsAtOnce));
  if (status.ok()) versions_aside_ = first + kVersionsAtOnce;
  return status;
}

void RocksdbStore::look_up(std::span<const std::string* const> names,
                           std::vector<FoundRecord>* out_found) {
  std::vector<std::string> keys;
  keys.reserve(names.size());
  for (const std::string* name : names) keys.push_back(record_key(*name));
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db_->MultiGet({}, db_->DefaultColumnFamily(), keys.size(), slices.data(), values.data(),
                statuses.data());
  out_found->reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    out_found->push_back(record_of(statuses[i], values[i]));
  }
}

Status RocksdbStore::read(std::span<const std::string> names, std::span<FoundRecord> out_found) {
  std::vector<const std::string*> missing;
  std::vector<std::size_t> places;
  std::vector<RecentRecords::Ticket> tickets;
  for (std::size_t i = 0; i < names.size(); ++i) {
    RecentRecords::Ticket ticket = 0;
    if (recent_.find(names[i], &out_found[i], &ticket)) continue;
    missing.push_back(&names[i]);
    places.push_back(i);
    tickets.push_back(ticket);
  }
  if (missing.empty()) return {};
  std::vector<FoundRecord> found;
  look_up(missing, &found);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    recent_.put(*missing[i], found[i], tickets[i]);
    out_found[places[i]] = std::move(found[i]);
  }
  return {};
}

std::vector<std::uint64_t> RocksdbStore::versions_of(std::span<const RecordChange> changes) {
  std::vector<std::uint64_t> versions(changes.size());
  std::vector<const std::string*> missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (const auto version = recent_.version_of(changes[i].name)) {
      versions[i] = *version;
      continue;
    }
    missing.push_back(&changes[i].name);
    places.push_back(i);
  }
  if (missing.empty()) return versions;
  std::vector<FoundRecord> found;
  look_up(missing, &found);
  for (std::size_t i = 0; i < missing.size(); ++i) versions[places[i]] = found[i].version;
  return versions;
}

rocksdb::Status RocksdbStore::take_numbers(std::size_t changes, std::size_t events,
                                           Numbers* out_numbers) {
  const std::lock_guard lock(mutex_);
  if (versions_aside_ - last_version_ < changes) {
    if (rocksdb::Status s = set_versions_aside(last_version_ + changes); !s.ok()) return s;
  }
  *out_numbers = {.first_version = last_version_ + 1, .first_event = last_event_ + 1};
  last_version_ += changes;
  last_event_ += events;
  in_flight_.insert(out_numbers->first_event);
  if (last_event_ - forgotten_ > kept_events_ + slack(kept_events_)) {
    forgotten_ = out_numbers->forget = last_event_ - kept_events_;
  }
  return {};
}

void RocksdbStore::give_back(const Numbers& numbers) {
  const std::lock_guard lock(mutex_);
  in_flight_.erase(in_flight_.find(numbers.first_event));
}

/// RocksDB takes no more writes after one that failed, until it has been told to go on.
rocksdb::Status RocksdbStore::recover() {
  if (!failed_) return {};
  rocksdb::Status status = db_->Resume();
  // It is waiting for room on the disk.
  if (status.IsBusy()) return rocksdb::Status::NoSpace("no write since the disk was full");
  if (status.ok()) failed_ = false;
  return status;
}

void RocksdbStore::fill(rocksdb::WriteBatch* batch, std::span<const RecordChange> changes,
                        std::span<const ChangeOutcome> outcomes, const Numbers& numbers,
                        std::vector<std::uint64_t>* out_versions) {
  if (numbers.forget != 0) {
    batch->DeleteRange(event_key(0), event_key(numbers.forget + 1));
    batch->Put(kForgottenKey, to_big_endian(numbers.forget));
  }
  // A memtable takes neighbours one after the other in a third of the time.
  std::vector<std::size_t> by_name;
  EventBlockWriter events(numbers.first_event, [batch](std::uint64_t last, const auto& block) {
    batch->Put(event_key(last), block);
  });
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (outcomes[i] != ChangeOutcome::kDone) continue;
    by_name.push_back(i);
    for (const std::string& octets : changes[i].events) events.add(octets);
  }
  events.end();
  std::ranges::sort(
      by_name, {}, [&](std::size_t i) -> const auto& { return changes[i].name; });
  std::uint64_t version = numbers.first_version;
  out_versions->resize(changes.size());
  for (const std::size_t i : by_name) {
    const std::string record = record_key(changes[i].name);
    if (!changes[i].value) {
      batch->Delete(record);
      continue;
    }
    (*out_versions)[i] = version;
    const std::string head = to_big_endian(version++);
    const ConstOctets octets = changes[i].value->octets();
    const rocksdb::Slice key(record);
    const rocksdb::Slice parts[] = {head,
                                    {reinterpret_cast<const char*>(octets.data()), octets.size()}};
    batch->Put({&key, 1}, {parts, 2});
  }
}

Status RocksdbStore::write(std::span<const RecordChange> changes,
                           std::span<ChangeOutcome> out_outcomes) {
  const auto locks = stripes_.lock(changes);
  const std::vector<std::uint64_t> found = versions_of(changes);
  std::size_t done = 0;
  std::size_t events = 0;
  std::size_t octets = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const bool same = found[i] == changes[i].expected_version;
    out_outcomes[i] = same ? ChangeOutcome::kDone : ChangeOutcome::kConflict;
    if (!same) continue;
    ++done;
    events += changes[i].events.size();
    octets += changes[i].value ? changes[i].value->size() : 0;
  }
  if (done == 0) return {};
  if (rocksdb::Status s = recover(); !s.ok()) return failed(directory_, s);
  Numbers numbers;
  if (rocksdb::Status s = take_numbers(done, events, &numbers); !s.ok()) {
    failed_ = true;
    return failed(directory_, s);
  }
  rocksdb::WriteBatch batch(octets);
  std::vector<std::uint64_t> versions;
  fill(&batch, changes, out_outcomes, numbers, &versions);
  const rocksdb::Status status = db_->Write(synced_, &batch);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (out_outcomes[i] != ChangeOutcome::kDone) continue;
    const bool known = status.ok() && changes[i].value;
    recent_.changed(changes[i].name, versions[i], known ? &*changes[i].value : nullptr);
  }
  give_back(numbers);
  if (status.ok()) return {};
  failed_ = true;
  return failed(directory_, status);
}

Status RocksdbStore::for_each(const Visitor& visit) {
  const std::unique_ptr<rocksdb::Iterator> all(db_->NewIterator({}));
  for (all->Seek(std::string(1, kRecord)); all->Valid() && all->key()[0] == kRecord; all->Next()) {
    const std::string name = all->key().ToString().substr(1);
    if (!is_reserved(name)) visit(name, record_of({}, all->value()));
  }
  return all->status().ok() ? Status() : failed(directory_, all->status());
}

std::uint64_t RocksdbStore::visible_event() {
  const std::lock_guard lock(mutex_);
  return in_flight_.empty() ? last_event_ : *in_flight_.begin() - 1;
}

Status RocksdbStore::read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) {
  // In this order: what is visible is in what is iterated over, and so is all that was not yet
  // forgotten after that was made.
  const std::uint64_t visible = visible_event();
  const std::unique_ptr<rocksdb::Iterator> all(db_->NewIterator({}));
  std::unique_lock lock(mutex_);
  const std::uint64_t forgotten = forgotten_;
  lock.unlock();
  *out_page = {};
  out_page->complete = after == 0 || (after >= forgotten && after <= visible);
  if (!out_page->complete || after == 0) after = forgotten;
  out_page->next_after = after;
  for (all->Seek(event_key(after + 1));
       all->Valid() && all->key()[0] == kEvent && out_page->events.size() < limit; all->Next()) {
    const std::uint64_t last = from_big_endian(all->key().ToStringView().substr(1));
    if (last > visible) break;
    if (!read_event_block(all->value().ToStringView(), last, after, &out_page->events)) {
      // The page that begins with a damaged block is the one that tells of it.
      if (!out_page->events.empty()) break;
      out_page->complete = false;
      out_page->next_after = after = last;
    }
  }
  if (out_page->events.size() > limit) out_page->events.resize(limit);
  if (!out_page->events.empty()) out_page->next_after = out_page->events.back().sequence;
  return all->status().ok() ? Status() : failed(directory_, all->status());
}

Status RocksdbStore::last_event(std::uint64_t* out_sequence) {
  *out_sequence = visible_event();
  return {};
}

/// RocksDB's own log is a file beside the data, and RocksDB 7.8 aborts when the disk is full and it
/// has a second line for it. What went wrong is in the Status of the call.
class NoLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char* /*format*/, va_list /*values*/) override {}
};

rocksdb::Options options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  // Sealed values look random.
  options.compression = rocksdb::kNoCompression;
  // Only an unfinished last write may be missing: anything else that cannot be read is an error.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Space is taken when it is needed, so that a disk is full no earlier than it is.
  options.allow_fallocate = false;
  options.info_log = std::make_shared<NoLog>();
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// Who holds a directory that could not be locked; empty when nobody else does.
std::string holder(const std::string& directory, const rocksdb::Status& status) {
  if (status.ToString().find("lock hold by current process") != std::string::npos) {
    // To look at the file would give the lock up.
    return "this process";
  }
  const int descriptor = ::open((directory + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return "";
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool held = fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(descriptor);
  return held ? "process " + std::to_string(lock.l_pid) : "";
}

}  // namespace

Status open_rocksdb_store(const std::string& directory, std::size_t kept_events,
                          std::unique_ptr<ContextStore>* out_store) {
  std::error_code error;
  if (std::filesystem::create_directory(directory, error)) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return {Code::kInternal,
            directory + ": expected a directory, or a place for one, found: " + error.message()};
  }
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options(), directory, &opened);
  if (!status.ok()) {
    if (const std::string who = holder(directory, status); !who.empty()) {
      return {Code::kFailedPrecondition,
              directory + ": expected a directory that nobody holds, found one that " + who +
                  " holds. One rekeyd alone may use it"};
    }
    return failed(directory, status);
  }
  auto store =
      std::make_unique<RocksdbStore>(directory, kept_events, std::unique_ptr<rocksdb::DB>(opened));
  if (Status s = store->start(); !s.ok()) return s;
  *out_store = std::move(store);
  return {};
}

}  // namespace rekey::contexts
