// SPDX-License-Identifier: Apache-2.0
#include "contexts/record.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "contexts/record_buffer.h"

namespace rekey::contexts {
namespace {

constexpr std::uint8_t kFormat = 1;

/// Writer appends to octets, or only counts them when it has none.
class Writer {
 public:
  explicit Writer(Octets octets) : octets_(octets) {}
  [[nodiscard]] std::size_t size() const { return size_; }

  template <typename Number>
  void number(Number number) {
    std::array<std::uint8_t, sizeof(Number)> octets;
    for (std::size_t octet = 0; octet < octets.size(); ++octet) {
      const std::size_t below = octets.size() - 1 - octet;
      octets[octet] = static_cast<std::uint8_t>(std::uint64_t{number} >> (8 * below));
    }
    put(octets);
  }
  void flag(bool flag) { number(static_cast<std::uint8_t>(flag)); }
  void octets(ConstOctets octets) { put(octets); }
  template <typename List, typename Write>
  void list(const List& list, Write write) {
    number(static_cast<std::uint8_t>(list.size()));
    for (const auto& element : list) write(element);
  }
  template <typename Value, typename Write>
  void optional(const std::optional<Value>& value, Write write) {
    flag(value.has_value());
    if (value) write(*value);
  }

 private:
  void put(ConstOctets octets) {
    if (!octets_.empty()) std::memcpy(octets_.data() + size_, octets.data(), octets.size());
    size_ += octets.size();
  }

  Octets octets_;
  std::size_t size_ = 0;
};

/// Reader takes octets from the front. The first thing that is wrong ends it: all that is read
/// after that is zero.
class Reader {
 public:
  explicit Reader(ConstOctets octets) : octets_(octets) {}

  template <typename Number>
  void number(Number& out_number) {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : take(sizeof(Number))) value = value << 8 | octet;
    out_number = static_cast<Number>(value);
  }
  void flag(bool& out_flag) {
    std::uint8_t value = 0;
    number(value);
    require(value <= 1, "a flag: expected 0 or 1");
    out_flag = value == 1;
  }
  void octets(Octets out_octets) {
    const ConstOctets taken = take(out_octets.size());
    if (!taken.empty()) std::memcpy(out_octets.data(), taken.data(), taken.size());
  }
  template <typename Element, typename Read>
  void list(std::vector<Element>& out_list, std::size_t most, Read read) {
    std::uint8_t size = 0;
    number(size);
    require(size <= most, "a list: longer than it may be");
    if (ok()) out_list.reserve(size);
    for (std::size_t i = 0; i < size && ok(); ++i) read(out_list.emplace_back());
  }
  template <typename Value, typename Read>
  void optional(std::optional<Value>& out_value, Read read) {
    bool there = false;
    flag(there);
    if (there) read(out_value.emplace());
  }

  void require(bool holds, const char* what) {
    if (!holds && error_.empty()) error_ = what;
  }
  [[nodiscard]] bool ok() const { return error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] bool at_end() const { return octets_.empty(); }

 private:
  ConstOctets take(std::size_t size) {
    require(size <= octets_.size(), "it is cut off");
    if (!ok()) return {};
    const ConstOctets taken = octets_.first(size);
    octets_ = octets_.subspan(size);
    return taken;
  }

  ConstOctets octets_;
  std::string error_;
};

// Each write() has its read() beside it. The order of the fields is the format.

void write(Writer& to, const KeyContext& context) {
  to.octets(context.bsid);
  to.number(static_cast<std::uint16_t>(context.count));
  to.list(context.sas, [&](const SecurityAssociation& sa) {
    to.number(sa.said);
    to.number(sa.counter);
    to.number(sa.ends[0]);
    to.number(sa.ends[1]);
  });
}

void read(Reader& from, KeyContext& context) {
  from.octets(context.bsid);
  std::uint16_t count = 0;
  from.number(count);
  context.count = count;
  from.list(context.sas, kMaxContextSas, [&](SecurityAssociation& sa) {
    from.number(sa.said);
    from.number(sa.counter);
    from.require(sa.counter > 0, "COUNTER_TEK: expected at least 1");
    from.number(sa.ends[0]);
    from.number(sa.ends[1]);
  });
}

void write(Writer& to, const Authentication& authentication) {
  to.octets(authentication.pmk.octets());
  to.octets(authentication.nonce);
  to.number(authentication.ak_sn);
  to.number(authentication.generation);
  to.number(authentication.ends);
  to.number(authentication.warning_at);
}

void read(Reader& from, Authentication& authentication) {
  from.octets(authentication.pmk.octets());
  from.octets(authentication.nonce);
  from.number(authentication.ak_sn);
  from.require(authentication.ak_sn <= kMaxAkSn, "AK_SN: expected 0 to 15");
  from.number(authentication.generation);
  from.number(authentication.ends);
  from.number(authentication.warning_at);
}

void write(Writer& to, const Operation& operation) {
  to.octets(operation.key.id);
  to.octets(operation.key.content);
  to.number(operation.generation);
  to.octets(operation.bsid);
  to.number(static_cast<std::uint16_t>(operation.count));
  to.flag(operation.with_keys);
  to.list(operation.teks, [&](const MovedTek& tek) {
    to.number(tek.said);
    to.number(tek.counter);
  });
}

void read(Reader& from, Operation& operation) {
  from.octets(operation.key.id);
  from.octets(operation.key.content);
  from.number(operation.generation);
  from.octets(operation.bsid);
  std::uint16_t count = 0;
  from.number(count);
  operation.count = count;
  from.flag(operation.with_keys);
  from.list(operation.teks, kMaxContextSas, [&](MovedTek& tek) {
    from.number(tek.said);
    from.number(tek.counter);
  });
}

void write(Writer& to, const Ams& ams) {
  to.number(kFormat);
  to.number(static_cast<std::uint8_t>(ams.state));
  to.number(ams.latest);
  to.number(ams.authentication.generation);
  to.list(ams.operations, [&](const Operation& operation) { write(to, operation); });
  if (ams.state == AmsState::kAbsent) {
    to.number(ams.forget_at);
    return;
  }
  to.number(static_cast<std::uint8_t>(ams.profile));
  to.flag(ams.options.nonce_first);
  to.number(ams.options.said_octets);
  to.flag(ams.options.msid_privacy_off);
  to.number(ams.tek_lifetime);
  to.list(ams.saids, [&](std::uint16_t said) { to.number(said); });
  write(to, ams.authentication);
  to.number(ams.next_count);
  to.flag(ams.reauthentication_due);
  to.optional(ams.serving, [&](const KeyContext& context) { write(to, context); });
  to.list(ams.targets, [&](const TargetContext& target) {
    write(to, target.context);
    to.flag(target.seamless);
  });
  to.optional(ams.old, [&](const OldContext& old) {
    write(to, old.authentication);
    write(to, old.context);
  });
  to.flag(ams.reentry_mode_1);
  to.number(ams.disconnect_at);
  to.number(ams.retain_for);
  to.number(ams.retain_until);
}

void read(Reader& from, Ams& ams) {
  std::uint8_t format = 0;
  from.number(format);
  from.require(format == kFormat, "expected a record of format 1");
  std::uint8_t state = 0;
  from.number(state);
  from.require(state < kAllStates.size(), "unknown state");
  if (!from.ok()) return;
  ams.state = static_cast<AmsState>(state);
  from.number(ams.latest);
  from.require(ams.latest != kNever, "its latest time: expected one that was");
  std::uint32_t generation = 0;
  from.number(generation);
  from.list(ams.operations, kMaxOperations, [&](Operation& operation) { read(from, operation); });
  if (ams.state == AmsState::kAbsent) {
    ams.authentication.generation = generation;
    from.number(ams.forget_at);
    return;
  }
  std::uint8_t profile = 0;
  from.number(profile);
  from.require(profile < kAllProfiles.size(), "unknown profile");
  if (!from.ok()) return;
  ams.profile = kAllProfiles[profile];
  from.flag(ams.options.nonce_first);
  from.number(ams.options.said_octets);
  from.flag(ams.options.msid_privacy_off);
  from.require(check_options(ams.profile, ams.options).ok(), "options that the profile lacks");
  from.number(ams.tek_lifetime);
  from.list(ams.saids, kMaxContextSas, [&](std::uint16_t& said) { from.number(said); });
  read(from, ams.authentication);
  from.require(ams.authentication.generation == generation, "two generations");
  from.number(ams.next_count);
  from.require(ams.next_count <= kMaxCmacKeyCount + 1, "CMAC_KEY_COUNT: too large");
  from.flag(ams.reauthentication_due);
  from.optional(ams.serving, [&](KeyContext& context) { read(from, context); });
  from.list(ams.targets, kMaxTargets, [&](TargetContext& target) {
    read(from, target.context);
    from.flag(target.seamless);
  });
  from.optional(ams.old, [&](OldContext& old) {
    read(from, old.authentication);
    read(from, old.context);
  });
  from.flag(ams.reentry_mode_1);
  from.number(ams.disconnect_at);
  from.number(ams.retain_for);
  from.number(ams.retain_until);
}

/// What a state says is held must be.
bool holds_what_its_state_says(const Ams& ams) {
  const bool serving = ams.serving.has_value();
  const bool targets = !ams.targets.empty();
  switch (ams.state) {
    case AmsState::kAbsent:
      return true;
    case AmsState::kServing:
      return serving && !targets;
    case AmsState::kPreparing:
    case AmsState::kSwitching:
      return serving && targets;
    case AmsState::kEntering:
      return !serving && targets && !ams.old;
    case AmsState::kRegistered:
      return !serving && !targets && !ams.old;
  }
  return false;
}

}  // namespace

std::optional<Msid> msid_of(std::string_view name) {
  Msid msid{};
  if (name.size() != 2 * msid.size()) return std::nullopt;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < name.size(); ++i) {
    const std::size_t digit = kDigits.find(name[i]);
    if (digit == kDigits.npos) return std::nullopt;
    msid[i / 2] = static_cast<std::uint8_t>(msid[i / 2] << 4 | digit);
  }
  return msid;
}

SecretBuffer encode_record(const Ams& ams) {
  Writer counting{{}};
  write(counting, ams);
  SecretBuffer octets = record_buffer(counting.size());
  Writer writing{octets.octets()};
  write(writing, ams);
  return octets;
}

Status decode_record(ConstOctets octets, Ams* out_ams) {
  Reader from(octets);
  Ams ams;
  read(from, ams);
  from.require(from.at_end(), "it goes on behind its end");
  from.require(holds_what_its_state_says(ams), "its state does not fit its contexts");
  if (!from.ok()) return Status::invalid_argument("not a record of an AMS: " + from.error());
  *out_ams = std::move(ams);
  return {};
}

}  // namespace rekey::contexts
