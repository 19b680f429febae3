// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/contexts_output.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "wave/hex.h"
#include "wave/json_text.h"

namespace rekey::ctl {
namespace {

using wave::SecretText;

ConstOctets octets_of(const std::string& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

/// AMS_STATE_SERVING as `serving`.
std::string short_name(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return text.empty() ? "unknown" : text;
}

std::string state_text(const v1::AmsContexts& ams) {
  return short_name(v1::AmsState_Name(ams.state()), "AMS_STATE_");
}
std::string role_of(v1::ContextRole role) {
  return short_name(v1::ContextRole_Name(role), "CONTEXT_ROLE_");
}
std::string kind_of(const v1::ContextEvent& event) {
  return short_name(v1::ContextEventKind_Name(event.kind()), "CONTEXT_EVENT_KIND_");
}
std::string cause_of(const v1::ContextEvent& event) {
  return short_name(v1::ContextEventCause_Name(event.cause()), "CONTEXT_EVENT_CAUSE_");
}
std::string profile_of(v1::Profile profile) {
  std::string name = short_name(v1::Profile_Name(profile), "PROFILE_");
  std::ranges::replace(name, '_', '-');
  return name;
}

/// A column of a table, with two blanks behind it at least.
void append_column(std::string_view text, std::size_t width, SecretText* out_text) {
  *out_text += text;
  out_text->append(text.size() < width ? width - text.size() : 1, ' ');
}
void append_hex_column(const std::string& bytes, std::size_t width, SecretText* out_text) {
  const std::size_t before = out_text->size();
  wave::append_hex(octets_of(bytes), out_text);
  append_column("", width - std::min(width, out_text->size() - before), out_text);
}

/// Writes members of JSON objects one after the other.
class JsonLine {
 public:
  explicit JsonLine(SecretText* out_text) : text_(*out_text) {}

  void open(char bracket) {
    text_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  void element() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  void name(std::string_view name) {
    element();
    text_ += '"';
    text_ += name;
    text_ += "\":";
  }
  void number(std::string_view key, std::uint64_t value) {
    name(key);
    text_ += std::to_string(value);
  }
  void boolean(std::string_view key, bool value) {
    name(key);
    text_ += value ? "true" : "false";
  }
  void string(std::string_view key, std::string_view value) {
    name(key);
    wave::append_json_string(value, &text_);
  }
  void hex(std::string_view key, const std::string& bytes) {
    name(key);
    wave::append_json_hex(octets_of(bytes), &text_);
  }

 private:
  SecretText& text_;
  bool first_ = true;
};

void append_keys(const v1::ContextKeys& keys, JsonLine* json) {
  json->name("keys");
  json->open('{');
  for (const auto& [name, key] :
       {std::pair{"msid_star", &keys.msid_star()}, std::pair{"ak", &keys.ak()},
        std::pair{"akid", &keys.akid()}, std::pair{"cmac_key_u", &keys.cmac_key_u()},
        std::pair{"cmac_key_d", &keys.cmac_key_d()}, std::pair{"kek", &keys.kek()}}) {
    if (!key->empty()) json->hex(name, *key);
  }
  json->name("teks");
  json->open('[');
  for (const v1::Tek& tek : keys.teks()) {
    json->element();
    json->open('{');
    json->number("said", tek.said());
    json->number("counter", tek.counter());
    json->number("eks", tek.eks());
    json->hex("key", tek.key());
    json->close('}');
  }
  json->close(']');
  json->close('}');
}

void append_context(const v1::KeyContext& context, bool with_keys, JsonLine* json) {
  json->element();
  json->open('{');
  json->string("role", role_of(context.role()));
  json->hex("bsid", context.bsid());
  json->number("cmac_key_count", context.cmac_key_count());
  json->boolean("usable", context.usable());
  json->number("ends_ms", context.ends_ms());
  json->name("teks");
  json->open('[');
  for (const v1::TekInfo& tek : context.teks()) {
    json->element();
    json->open('{');
    json->number("said", tek.said());
    json->number("counter", tek.counter());
    json->number("eks", tek.eks());
    json->number("expires_ms", tek.expires_ms());
    json->close('}');
  }
  json->close(']');
  if (with_keys && context.has_keys()) append_keys(context.keys(), json);
  json->close('}');
}

}  // namespace

void append_rows(const v1::AmsContexts& ams, SecretText* out_text) {
  if (ams.code() != 0 || ams.contexts().empty()) {
    append_hex_column(ams.msid(), 14, out_text);
    *out_text += ams.code() != 0 ? "code " + std::to_string(ams.code()) + ": " + ams.message()
                                 : state_text(ams);
    *out_text += '\n';
    return;
  }
  for (const v1::KeyContext& context : ams.contexts()) {
    append_hex_column(ams.msid(), 14, out_text);
    append_column(state_text(ams), 12, out_text);
    append_column(role_of(context.role()), 9, out_text);
    append_hex_column(context.bsid(), 14, out_text);
    append_column(std::to_string(context.cmac_key_count()), 7, out_text);
    append_column(context.usable() ? "yes" : "no", 8, out_text);
    for (const v1::TekInfo& tek : context.teks()) {
      if (&tek != &context.teks(0)) *out_text += ';';
      *out_text += std::to_string(tek.said()) + ":" + std::to_string(tek.counter()) + ":" +
                   std::to_string(tek.eks());
    }
    if (ams.reauthentication_due()) *out_text += "  re-authentication is due";
    *out_text += '\n';
  }
}

void append_json(const v1::AmsContexts& ams, bool with_keys, SecretText* out_text) {
  JsonLine json(out_text);
  json.open('{');
  json.hex("msid", ams.msid());
  json.number("code", static_cast<std::uint64_t>(ams.code()));
  json.string("message", ams.message());
  if (ams.code() == 0) {
    json.string("state", state_text(ams));
    json.number("next_cmac_key_count", ams.next_cmac_key_count());
    json.boolean("reauthentication_due", ams.reauthentication_due());
    json.number("pmk_expires_ms", ams.pmk_expires_ms());
    json.string("profile", profile_of(ams.profile()));
    json.name("contexts");
    json.open('[');
    for (const v1::KeyContext& context : ams.contexts()) append_context(context, with_keys, &json);
    json.close(']');
  }
  json.close('}');
  *out_text += '\n';
}

void append_row(const v1::ContextEvent& event, SecretText* out_text) {
  append_column(std::to_string(event.sequence()), 18, out_text);
  append_hex_column(event.msid(), 14, out_text);
  append_column(kind_of(event), 23, out_text);
  append_column(cause_of(event), 22, out_text);
  if (!event.bsid().empty()) {
    append_column(role_of(event.role()), 9, out_text);
    wave::append_hex(octets_of(event.bsid()), out_text);
  }
  *out_text += '\n';
}

void append_json(const v1::ContextEvent& event, SecretText* out_text) {
  JsonLine json(out_text);
  json.open('{');
  json.number("sequence", event.sequence());
  json.number("time_ms", event.time_ms());
  json.string("kind", kind_of(event));
  json.string("cause", cause_of(event));
  json.hex("msid", event.msid());
  json.hex("bsid", event.bsid());
  json.string("role", role_of(event.role()));
  json.number("cmac_key_count", event.cmac_key_count());
  json.number("said", event.said());
  json.number("counter", event.counter());
  json.close('}');
  *out_text += '\n';
}

}  // namespace rekey::ctl
