// SPDX-License-Identifier: Apache-2.0
#include "config/setting.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include "config/share_text.h"
#include "rekey/worker_pool.h"

namespace rekey::config {
namespace {

using Texts = std::vector<std::string>;

Status expected(std::string_view what, std::string_view found) {
  return Status::invalid_argument("expected " + std::string(what) + ", found '" +
                                  std::string(found) + "'");
}

Status take_choice(const Texts& texts, std::initializer_list<std::string_view> choices,
                   std::string* out_choice) {
  if (std::ranges::find(choices, texts[0]) != choices.end()) {
    *out_choice = texts[0];
    return {};
  }
  std::string list;
  for (const std::string_view choice : choices) {
    if (!list.empty()) list += choice == *(choices.end() - 1) ? " or " : ", ";
    list += choice;
  }
  return expected(list, texts[0]);
}

template <typename Number>
Status take_number(const Texts& texts, Number smallest, Number largest, Number* out_number) {
  const std::string& text = texts[0];
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < smallest || number > largest) {
    return expected("a number from " + std::to_string(smallest) + " to " + std::to_string(largest),
                    text);
  }
  *out_number = number;
  return {};
}

Status take_switch(const Texts& texts, bool* out_switch) {
  if (texts[0] != "true" && texts[0] != "false") return expected("true or false", texts[0]);
  *out_switch = texts[0] == "true";
  return {};
}

Status take_file(const Texts& texts, std::string* out_file) {
  if (texts[0].empty()) return expected("the name of a file", texts[0]);
  *out_file = texts[0];
  return {};
}

Status take_names(const Texts& texts, std::vector<std::string>* out_names) {
  if (std::ranges::find(texts, "") != texts.end()) return expected("a name", "");
  *out_names = texts;
  return {};
}

/// Bounds of the queue, of all callers together and of each. Work that is accepted takes memory,
/// of the kind that may be locked: the most is more than a machine has.
constexpr std::uint32_t kMostRequests = 1'000'000;
constexpr std::uint64_t kMostItems = 1'000'000'000;
constexpr std::uint64_t kMostOctets = 1ULL << 40;

template <std::uint32_t scheduler::Limits::*limit>
Status take_requests(const Texts& texts, Settings* out) {
  return take_number(texts, 1U, kMostRequests, &(out->limits.*limit));
}

template <std::uint64_t scheduler::Limits::*limit, std::uint64_t largest>
Status take_bound(const Texts& texts, Settings* out) {
  return take_number(texts, std::uint64_t{1}, largest, &(out->limits.*limit));
}

template <security::Role role>
Status take_role(const Texts& texts, Settings* out) {
  return take_names(texts, &security::names_with(role, &out->roles));
}

template <security::Role role>
Texts show_role(const Settings& settings) {
  return settings.roles[static_cast<std::size_t>(role)];
}

Texts shown_switch(bool on) { return {on ? "true" : "false"}; }
Texts shown(std::string_view text) { return {std::string(text)}; }
template <std::unsigned_integral Number>
Texts shown(Number number) {
  return {std::to_string(number)};
}

template <auto limit>
Texts show_limit(const Settings& settings) {
  return shown(settings.limits.*limit);
}

Status take_verify(const Texts& texts, Settings* out) {
  std::string choice;
  if (Status s = take_choice(texts, {"off", "sampled", "all"}, &choice); !s.ok()) return s;
  for (const dispatch::Verify verify :
       {dispatch::Verify::kOff, dispatch::Verify::kSampled, dispatch::Verify::kAll}) {
    if (choice == to_string(verify)) out->verify = verify;
  }
  return {};
}

Status take_lock_memory(const Texts& texts, Settings* out) {
  std::string choice;
  if (Status s = take_choice(texts, {"off", "try", "require"}, &choice); !s.ok()) return s;
  for (const LockMemory lock : {LockMemory::kOff, LockMemory::kTry, LockMemory::kRequire}) {
    if (choice == to_string(lock)) out->lock_memory = lock;
  }
  return {};
}

Status take_log_format(const Texts& texts, Settings* out) {
  std::string choice;
  if (Status s = take_choice(texts, {"text", "json"}, &choice); !s.ok()) return s;
  out->log_format = choice == "json" ? logging::Format::kJson : logging::Format::kText;
  return {};
}

Status take_metrics(const Texts& texts, Settings* out) {
  net::HostPort address;
  if (Status s = net::HostPort::parse(texts[0], &address); !s.ok()) return s;
  out->metrics = address;
  return {};
}

constexpr std::string_view kServing = "Serving";
constexpr std::string_view kCallers = "Queue and callers";
constexpr std::string_view kContextsGroup = "Contexts";
constexpr std::string_view kSecurity = "Security";
constexpr std::string_view kOperation = "Operation";

using scheduler::Limits;
using security::Role;

constexpr Setting kSettings[] = {
    {.name = "listen",
     .value_name = "HOST:PORT",
     .group = kServing,
     .help = "Where to listen. Port 0 picks a free port, named in the log",
     .take = [](const Texts& t, Settings* out) { return net::HostPort::parse(t[0], &out->listen); },
     .show = [](const Settings& s) { return shown(s.listen.to_string()); }},
    {.name = "verify",
     .value_name = "WHICH",
     .group = kServing,
     .help = "Which keys are derived again with OpenSSL and compared before they leave: off, "
             "sampled (1 AMS in 1,024) or all",
     .take = take_verify,
     .show = [](const Settings& s) { return shown(to_string(s.verify)); }},
    {.name = "engine",
     .value_name = "NAME",
     .group = kServing,
     .help =
         "What derives: auto (each batch where it is done first), openssl, simd or cuda. A named "
         "engine that cannot serve is an error",
     .environment = "REKEY_ENGINE",
     .take =
         [](const Texts& t, Settings* out) {
           return take_choice(t, {"auto", "openssl", "simd", "cuda"}, &out->engine);
         },
     .show = [](const Settings& s) { return shown(s.engine); }},
    {.name = "simd-threads",
     .value_name = "N",
     .group = kServing,
     .help = "How many threads derive one large batch together on the simd engine; 1 keeps each "
             "batch on one thread. The default is one a core, at most 16",
     .take =
         [](const Texts& t, Settings* out) {
           return take_number(t, 1U, WorkerPool::kMaxThreads, &out->simd_threads);
         },
     .show = [](const Settings& s) { return shown(s.simd_threads); }},

    {.name = "queue-requests",
     .value_name = "N",
     .group = kCallers,
     .help = "How many requests may be accepted and not yet answered; more are refused "
             "(RESOURCE_EXHAUSTED), with a time to come again",
     .reloads = true,
     .environment = "REKEY_QUEUE_REQUESTS",
     .take = take_requests<&Limits::queue_requests>,
     .show = show_limit<&Limits::queue_requests>},
    {.name = "queue-items",
     .value_name = "AMSS",
     .group = kCallers,
     .help = "The same for their AMSs",
     .reloads = true,
     .environment = "REKEY_QUEUE_ITEMS",
     .take = take_bound<&Limits::queue_items, kMostItems>,
     .show = show_limit<&Limits::queue_items>},
    {.name = "queue-octets",
     .value_name = "OCTETS",
     .group = kCallers,
     .help = "The same for the memory of their columns, requests and answers together",
     .reloads = true,
     .environment = "REKEY_QUEUE_OCTETS",
     .take = take_bound<&Limits::queue_octets, kMostOctets>,
     .show = show_limit<&Limits::queue_octets>},
    {.name = "caller-requests",
     .value_name = "N",
     .group = kCallers,
     .help = "As queue-requests, for each caller",
     .reloads = true,
     .environment = "REKEY_CALLER_REQUESTS",
     .take = take_requests<&Limits::caller_requests>,
     .show = show_limit<&Limits::caller_requests>},
    {.name = "caller-items",
     .value_name = "AMSS",
     .group = kCallers,
     .help = "As queue-items, for each caller",
     .reloads = true,
     .environment = "REKEY_CALLER_ITEMS",
     .take = take_bound<&Limits::caller_items, kMostItems>,
     .show = show_limit<&Limits::caller_items>},
    {.name = "caller-octets",
     .value_name = "OCTETS",
     .group = kCallers,
     .help = "As queue-octets, for each caller",
     .reloads = true,
     .environment = "REKEY_CALLER_OCTETS",
     .take = take_bound<&Limits::caller_octets, kMostOctets>,
     .show = show_limit<&Limits::caller_octets>},
    {.name = "share",
     .value_name = "NAME:SHARE",
     .group = kCallers,
     .help = "What a caller may have of the engines: gateway:weight=4,rate=200000,burst=65536. "
             "Under load callers get AMSs in proportion to their weights (1 unless given); rate is "
             "AMSs a second in the long run, burst how many after a pause. The name * is for all "
             "that are not named. May be repeated",
     .shape = Shape::kList,
     .reloads = true,
     .environment = "REKEY_SHARE",
     .take = [](const Texts& t, Settings* out) { return parse_shares(t, &out->shares); },
     .show = [](const Settings& s) { return show_shares(s.shares); }},

    {.name = "contexts-store",
     .value_name = "WHERE",
     .group = kContextsGroup,
     .help = "Where KeyContexts keeps its AMSs: off (there is no such service), memory (gone when "
             "rekeyd ends), rocksdb:DIR (a directory of this rekeyd alone) or redis:HOST:PORT (a "
             "server that several rekeyds share)",
     .take =
         [](const Texts& t, Settings* out) {
           return contexts::StoreAddress::parse(t[0], &out->contexts_store);
         },
     .show = [](const Settings& s) { return shown(s.contexts_store.to_string()); }},
    {.name = "contexts-key-file",
     .value_name = "FILE",
     .group = kContextsGroup,
     .help = "The keys that rocksdb and redis records are sealed under, each a line of 64 hex "
             "digits: the first seals, the others open older records. Without it systemd's "
             "credential contexts-key. SIGHUP reads it again",
     .reloads = true,
     .take = [](const Texts& t, Settings* out) { return take_file(t, &out->contexts_key_file); },
     .show = [](const Settings& s) { return shown(s.contexts_key_file); }},
    {.name = "contexts-count-margin",
     .value_name = "N",
     .group = kContextsGroup,
     .help = "With fewer CMAC_KEY_COUNTs or COUNTER_TEKs left than this, an AMS's "
             "re-authentication is due",
     .take = [](const Texts& t,
                Settings* out) { return take_number(t, 0U, 65'535U, &out->contexts_count_margin); },
     .show = [](const Settings& s) { return shown(s.contexts_count_margin); }},

    {.name = "tls-cert",
     .value_name = "FILE",
     .group = kSecurity,
     .help = "The server's certificate in PEM, then intermediate ones. With tls-key and tls-ca: "
             "TLS 1.3, "
             "and every client must show a certificate",
     .reloads = true,
     .take = [](const Texts& t, Settings* out) { return take_file(t, &out->tls.cert); },
     .show = [](const Settings& s) { return shown(s.tls.cert); }},
    {.name = "tls-key",
     .value_name = "FILE",
     .group = kSecurity,
     .help = "The private key of the certificate, in PEM, without a passphrase",
     .reloads = true,
     .take = [](const Texts& t, Settings* out) { return take_file(t, &out->tls.key); },
     .show = [](const Settings& s) { return shown(s.tls.key); }},
    {.name = "tls-ca",
     .value_name = "FILE",
     .group = kSecurity,
     .help = "The authorities that vouch for clients, in PEM",
     .reloads = true,
     .take = [](const Texts& t, Settings* out) { return take_file(t, &out->tls.ca); },
     .show = [](const Settings& s) { return shown(s.tls.ca); }},
    {.name = "allow-derive",
     .value_name = "NAME",
     .group = kSecurity,
     .help = "A name in a client's certificate (common name or alternative name) that may call "
             "KeyDerivation. May be repeated",
     .shape = Shape::kList,
     .reloads = true,
     .take = take_role<Role::kDerive>,
     .show = show_role<Role::kDerive>},
    {.name = "allow-contexts",
     .value_name = "NAME",
     .group = kSecurity,
     .help = "The same for KeyContexts",
     .shape = Shape::kList,
     .reloads = true,
     .take = take_role<Role::kContexts>,
     .show = show_role<Role::kContexts>},
    {.name = "allow-operate",
     .value_name = "NAME",
     .group = kSecurity,
     .help = "The same for Admin",
     .shape = Shape::kList,
     .reloads = true,
     .take = take_role<Role::kOperate>,
     .show = show_role<Role::kOperate>},
    {.name = "insecure",
     .group = kSecurity,
     .help = "Allow plaintext on an address that other machines can reach",
     .shape = Shape::kSwitch,
     .take = [](const Texts& t, Settings* out) { return take_switch(t, &out->insecure); },
     .show = [](const Settings& s) { return shown_switch(s.insecure); }},
    {.name = "lock-memory",
     .value_name = "WHETHER",
     .group = kSecurity,
     .help = "Keep keys out of swap: off, try (or warn) or require (or do not start)",
     .take = take_lock_memory,
     .show = [](const Settings& s) { return shown(to_string(s.lock_memory)); }},

    {.name = "log-level",
     .value_name = "LEVEL",
     .group = kOperation,
     .help = "debug, info, warning, error or off",
     .reloads = true,
     .take =
         [](const Texts& t, Settings* out) {
           return take_choice(t, {"debug", "info", "warning", "error", "off"}, &out->log_level);
         },
     .show = [](const Settings& s) { return shown(s.log_level); }},
    {.name = "log-format",
     .value_name = "FORMAT",
     .group = kOperation,
     .help = "text or json: how a line of the log looks",
     .take = take_log_format,
     .show =
         [](const Settings& s) {
           return shown(s.log_format == logging::Format::kJson ? "json" : "text");
         }},
    {.name = "audit",
     .value_name = "FILE",
     .group = kOperation,
     .help =
         "Append one JSON line a call: who, what, how much, how it ended. SIGHUP opens the file "
         "anew",
     .take = [](const Texts& t, Settings* out) { return take_file(t, &out->audit); },
     .show = [](const Settings& s) { return shown(s.audit); }},
    {.name = "audit-required",
     .group = kOperation,
     .help = "Hold back every answer whose audit line cannot be written",
     .shape = Shape::kSwitch,
     .take = [](const Texts& t, Settings* out) { return take_switch(t, &out->audit_required); },
     .show = [](const Settings& s) { return shown_switch(s.audit_required); }},
    {.name = "metrics",
     .value_name = "HOST:PORT",
     .group = kOperation,
     .help =
         "Where Prometheus may scrape /metrics and people find a status page, over plain HTTP; off "
         "unless given. Port 0 picks a free port, named in the log",
     .take = take_metrics,
     .show = [](const Settings& s) { return shown(s.metrics ? s.metrics->to_string() : ""); }},
    {.name = "lame-duck",
     .value_name = "SECONDS",
     .group = kOperation,
     .help = "How long a drain still serves after health says NOT_SERVING",
     .reloads = true,
     .take = [](const Texts& t,
                Settings* out) { return take_number(t, 0U, 3600U, &out->lame_duck_s); },
     .show = [](const Settings& s) { return shown(s.lame_duck_s); }},
    {.name = "drain-limit",
     .value_name = "SECONDS",
     .group = kOperation,
     .help = "How long a drain waits for what was accepted before it gives up",
     .reloads = true,
     .take = [](const Texts& t,
                Settings* out) { return take_number(t, 1U, 3600U, &out->drain_limit_s); },
     .show = [](const Settings& s) { return shown(s.drain_limit_s); }},
};

}  // namespace

std::string_view to_string(dispatch::Verify verify) {
  switch (verify) {
    case dispatch::Verify::kOff:
      return "off";
    case dispatch::Verify::kSampled:
      return "sampled";
    case dispatch::Verify::kAll:
      return "all";
  }
  return "unknown";
}

std::string_view to_string(LockMemory lock) {
  switch (lock) {
    case LockMemory::kOff:
      return "off";
    case LockMemory::kTry:
      return "try";
    case LockMemory::kRequire:
      return "require";
  }
  return "unknown";
}

std::span<const Setting> all_settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  const Setting* found = std::ranges::find(kSettings, name, &Setting::name);
  return found == std::end(kSettings) ? nullptr : found;
}

}  // namespace rekey::config
