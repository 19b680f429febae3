// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/redis_store.h"

#include <hiredis/hiredis.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "contexts/hex_text.h"
#include "contexts/record_buffer.h"
#include "contexts/store/redis_connection.h"

namespace rekey::contexts {
namespace {

const std::string kRecordPrefix = "rekeyd:r:";
const std::string kVersionsKey = "rekeyd:versions";  ///< the last version that was given out
const std::string kLastEventKey = "rekeyd:last-event";
const std::string kEventsKey = "rekeyd:events";

/// Stands for the version of what has none. kChange has it in decimal.
constexpr std::uint64_t kUnreadable = UINT64_MAX;

/// How many records a step of for_each() looks at.
constexpr char kScanAtOnce[] = "1000";

/// Counters begin at the microseconds since 1970, like those of the other stores. A number in Lua
/// is exact up to 2^53, which they reach in the year 2255.
constexpr std::string_view kCount = R"(
local function count(key)
  if redis.call('EXISTS', key) == 0 then
    local time = redis.call('TIME')
    redis.call('SET', key, string.format('%d%06d', time[1], time[2]))
  end
  return string.format('%.0f', redis.call('INCR', key))
end
)";

/// Does one change: 1; or finds another version: 0. A record is its version, a colon and its value.
/// What has no version is not written over, but removed for who has seen that it has none.
/// KEYS: record, versions, last event, events. ARGV: expected version, how many events are kept,
/// `set` or `remove`, the value, the events.
constexpr std::string_view kChange = R"(
local kind = redis.call('TYPE', KEYS[1]).ok
local version = '0'
if kind == 'string' then
  version = string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^([1-9]%d*):') or '?'
elseif kind ~= 'none' then
  version = '?'
end
if version == '?' and ARGV[3] == 'remove' then version = '18446744073709551615' end
if version ~= ARGV[1] then return 0 end
if ARGV[3] == 'set' then
  redis.call('SET', KEYS[1], count(KEYS[2]) .. ':' .. ARGV[4])
else
  redis.call('DEL', KEYS[1])
end
for i = 5, #ARGV do
  redis.call('XADD', KEYS[4], 'MAXLEN', ARGV[2], count(KEYS[3]) .. '-0', 'octets', ARGV[i])
end
return 1
)";

/// KEYS: last event, events. ARGV: after which, at most how many. Returns the last event, the id of
/// the first that is kept, and what was found. The first number is counted, so that there is one.
constexpr std::string_view kEvents = R"(
local last = redis.call('GET', KEYS[1]) or count(KEYS[1])
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
local found = {}
if ARGV[2] ~= '0' then
  for _, event in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', '+',
                                    'COUNT', ARGV[2])) do
    found[#found + 1] = event[1]
    found[#found + 1] = event[2][2]
  end
end
return {last, first[1] and first[1][1] or '', found}
)";

/// A script, and the name the server gives it.
class Script {
 public:
  explicit Script(std::string_view body) : text_(std::string(kCount) + std::string(body)) {
    std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
    SHA1(reinterpret_cast<const std::uint8_t*>(text_.data()), text_.size(), digest.data());
    name_ = hex_text(digest);
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string text_;
  std::string name_;
};

std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, reply.len);
}

/// The number that a text begins with, which is followed by `end`.
std::optional<std::uint64_t> number_before(std::string_view text, char end) {
  std::uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || stopped == last || *stopped != end || number == 0) return {};
  return number;
}

FoundRecord record_of(const redisReply& reply) {
  FoundRecord found;
  if (reply.type == REDIS_REPLY_NIL) return found;
  const std::string_view octets = text_of(reply);
  const std::optional<std::uint64_t> version =
      reply.type == REDIS_REPLY_STRING ? number_before(octets, ':') : std::nullopt;
  found.version = version.value_or(kUnreadable);
  if (!version) {
    found.damage = "expected a version before the record, found something else";
    return found;
  }
  const std::string_view value = octets.substr(octets.find(':') + 1);
  found.value = record_buffer(value.size());
  std::ranges::copy(value, found.value.octets().begin());
  return found;
}

class RedisStore final : public ContextStore {
 public:
  RedisStore(const net::HostPort& server, std::size_t kept_events,
             std::chrono::milliseconds timeout)
      : connections_(server, timeout), kept_events_(std::to_string(kept_events)) {}

  Status read(std::span<const std::string> names, std::span<FoundRecord> out_found) override;
  Status write(std::span<const RecordChange> changes,
               std::span<ChangeOutcome> out_outcomes) override;
  Status for_each(const Visitor& visit) override;
  Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) override;
  Status last_event(std::uint64_t* out_sequence) override;

 private:
  struct Events {
    std::uint64_t last = 0;
    std::uint64_t forgotten = 0;  ///< the newest event that is no longer kept
    std::vector<ContextEvent> found;
  };

  /// Runs a script for each of `arguments`, which begin with the number of keys.
  Status run(const Script& script, std::vector<RedisCommand> arguments,
             std::vector<RedisReply>* out_replies);
  Status find_events(std::uint64_t after, std::size_t limit, Events* out_events);

  RedisConnections connections_;
  const std::string kept_events_;
  const Script change_{kChange};
  const Script events_{kEvents};
};

Status RedisStore::run(const Script& script, std::vector<RedisCommand> arguments,
                       std::vector<RedisReply>* out_replies) {
  for (RedisCommand& command : arguments) {
    command.insert(command.begin(), {"EVALSHA", script.name()});
  }
  if (Status s = connections_.ask(arguments, out_replies); !s.ok()) return s;
  // The server forgets scripts when it is started again. What it did not know it has not done.
  std::vector<std::size_t> unknown;
  std::vector<RedisCommand> again;
  again.push_back({"SCRIPT", "LOAD", script.text()});
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const redisReply& reply = *(*out_replies)[i];
    if (reply.type != REDIS_REPLY_ERROR || !text_of(reply).starts_with("NOSCRIPT ")) continue;
    unknown.push_back(i);
    again.push_back(std::move(arguments[i]));
  }
  if (!unknown.empty()) {
    std::vector<RedisReply> replies;
    if (Status s = connections_.ask(again, &replies); !s.ok()) return s;
    for (std::size_t i = 0; i < unknown.size(); ++i) {
      (*out_replies)[unknown[i]] = std::move(replies[i + 1]);
    }
  }
  for (const RedisReply& reply : *out_replies) {
    if (Status s = connections_.failed(*reply); !s.ok()) return s;
  }
  return {};
}

Status RedisStore::read(std::span<const std::string> names, std::span<FoundRecord> out_found) {
  // One command a record: the error of one that is no string is then its own.
  std::vector<RedisCommand> commands;
  commands.reserve(names.size());
  for (const std::string& name : names) commands.push_back({"GET", kRecordPrefix + name});
  std::vector<RedisReply> replies;
  if (Status s = connections_.ask(commands, &replies); !s.ok()) return s;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool foreign =
        replies[i]->type == REDIS_REPLY_ERROR && text_of(*replies[i]).starts_with("WRONGTYPE ");
    if (Status s = connections_.failed(*replies[i]); !s.ok() && !foreign) return s;
    out_found[i] = record_of(*replies[i]);
  }
  return {};
}

Status RedisStore::write(std::span<const RecordChange> changes,
                         std::span<ChangeOutcome> out_outcomes) {
  std::vector<RedisCommand> commands;
  commands.reserve(changes.size());
  for (const RecordChange& change : changes) {
    RedisCommand& command = commands.emplace_back();
    command = {"4",
               kRecordPrefix + change.name,
               kVersionsKey,
               kLastEventKey,
               kEventsKey,
               std::to_string(change.expected_version),
               kept_events_,
               change.value ? "set" : "remove",
               ""};
    if (change.value) {
      const ConstOctets octets = change.value->octets();
      command.back().assign(octets.begin(), octets.end());
    }
    command.insert(command.end(), change.events.begin(), change.events.end());
  }
  std::vector<RedisReply> replies;
  if (Status s = run(change_, std::move(commands), &replies); !s.ok()) return s;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    out_outcomes[i] = replies[i]->integer == 1 ? ChangeOutcome::kDone : ChangeOutcome::kConflict;
  }
  return {};
}

Status RedisStore::for_each(const Visitor& visit) {
  std::string cursor = "0";
  do {
    const RedisCommand scan = {"SCAN", cursor, "MATCH", kRecordPrefix + "*", "COUNT", kScanAtOnce};
    std::vector<RedisReply> replies;
    if (Status s = connections_.ask({&scan, 1}, &replies); !s.ok()) return s;
    const redisReply& reply = *replies[0];
    if (Status s = connections_.failed(reply); !s.ok()) return s;
    if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 2) {
      return {Code::kInternal, "expected a cursor and names from the Redis server, found other"};
    }
    cursor = text_of(*reply.element[0]);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < reply.element[1]->elements; ++i) {
      names.emplace_back(text_of(*reply.element[1]->element[i]).substr(kRecordPrefix.size()));
    }
    std::erase_if(names, is_reserved);
    if (names.empty()) continue;
    std::vector<FoundRecord> found(names.size());
    if (Status s = read(names, found); !s.ok()) return s;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (found[i].exists()) visit(names[i], std::move(found[i]));
    }
  } while (cursor != "0");
  return {};
}

Status RedisStore::find_events(std::uint64_t after, std::size_t limit, Events* out_events) {
  std::vector<RedisReply> replies;
  if (Status s = run(
          events_, {{"2", kLastEventKey, kEventsKey, std::to_string(after), std::to_string(limit)}},
          &replies);
      !s.ok()) {
    return s;
  }
  Status other = {Code::kInternal, "expected events from the Redis server, found something else"};
  const redisReply& reply = *replies[0];
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 3) return other;
  const auto last = number_before(std::string(text_of(*reply.element[0])) + "-", '-');
  const std::string_view first_id = text_of(*reply.element[1]);
  const auto first = number_before(first_id, '-');
  if (!last || (!first && !first_id.empty())) return other;
  *out_events = {.last = *last, .forgotten = first ? *first - 1 : *last, .found = {}};
  const redisReply& found = *reply.element[2];
  for (std::size_t i = 0; i + 1 < found.elements; i += 2) {
    const auto sequence = number_before(text_of(*found.element[i]), '-');
    if (!sequence) return other;
    out_events->found.push_back({*sequence, std::string(text_of(*found.element[i + 1]))});
  }
  return {};
}

Status RedisStore::read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) {
  Events events;
  if (Status s = find_events(after, limit, &events); !s.ok()) return s;
  *out_page = {};
  out_page->complete = after == 0 || (after >= events.forgotten && after <= events.last);
  if (!out_page->complete) {
    if (Status s = find_events(0, limit, &events); !s.ok()) return s;
  }
  out_page->next_after = after == 0 || !out_page->complete ? events.forgotten : after;
  if (!events.found.empty()) out_page->next_after = events.found.back().sequence;
  out_page->events = std::move(events.found);
  return {};
}

Status RedisStore::last_event(std::uint64_t* out_sequence) {
  Events events;
  if (Status s = find_events(0, 0, &events); !s.ok()) return s;
  *out_sequence = events.last;
  return {};
}

}  // namespace

Status open_redis_store(const net::HostPort& server, std::size_t kept_events,
                        std::chrono::milliseconds timeout,
                        std::unique_ptr<ContextStore>* out_store) {
  auto store = std::make_unique<RedisStore>(server, kept_events, timeout);
  std::uint64_t last = 0;
  if (Status s = store->last_event(&last); !s.ok()) return s;
  *out_store = std::move(store);
  return {};
}

}  // namespace rekey::contexts
