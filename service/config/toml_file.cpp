// SPDX-License-Identifier: Apache-2.0
#include "config/toml_file.h"

#include <string.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <toml.hpp>

#include "config/setting.h"

namespace rekey::config {
namespace {

// Of a file with any use.
constexpr std::size_t kMaxOctets = 1U << 20;
constexpr std::size_t kMaxLists = 256;

std::string_view name_of(toml::value_t type) {
  switch (type) {
    case toml::value_t::table:
      return "a table";
    case toml::value_t::array:
      return "a list";
    case toml::value_t::string:
      return "a string";
    case toml::value_t::integer:
      return "an integer";
    case toml::value_t::floating:
      return "a number with a fraction";
    case toml::value_t::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

/// The text of a string, integer or boolean.
std::optional<std::string> text_of(const toml::value& value) {
  if (value.is_string()) return value.as_string().str;
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
  return std::nullopt;
}

Status wrong(std::string_view expected, const toml::value& found) {
  return Status::invalid_argument("expected " + std::string(expected) + ", found " +
                                  std::string(name_of(found.type())));
}

/// What one key says, or `expected ..., found ...`.
Status texts_of(const Setting& setting, const toml::value& value, std::vector<std::string>* out) {
  if (setting.shape == Shape::kList) {
    if (!value.is_array()) return wrong("a list of strings", value);
    for (const toml::value& element : value.as_array()) {
      if (!element.is_string()) return wrong("a list of strings", element);
      out->push_back(element.as_string().str);
    }
    return {};
  }
  if (setting.shape == Shape::kSwitch && !value.is_boolean()) return wrong("true or false", value);
  const std::optional<std::string> text = text_of(value);
  if (!text) return wrong("a string or an integer", value);
  out->push_back(*text);
  return {};
}

/// The library adds a drawing of the place.
std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

/// What the parser is not to meet: it reads beyond its buffers over octets that are no text, and
/// goes one call deeper for each bracket of nested lists.
Status check_text(std::string_view text, const std::string& file) {
  if (text.size() > kMaxOctets) {
    return Status::invalid_argument(file + ": expected at most " + std::to_string(kMaxOctets) +
                                    " octets, found " + std::to_string(text.size()));
  }
  if (std::ranges::count(text, '[') + std::ranges::count(text, '{') >
      static_cast<std::ptrdiff_t>(kMaxLists)) {
    return Status::invalid_argument(file + ": expected at most " + std::to_string(kMaxLists) +
                                    " opening brackets, found more");
  }
  constexpr std::string_view kBlanks = "\t\n\r";
  const auto* found = std::ranges::find_if(
      text, [&](char c) { return (c < ' ' || c > '~') && kBlanks.find(c) == kBlanks.npos; });
  if (found != text.end()) {
    return Status::invalid_argument(file + ":" +
                                    std::to_string(1 + std::count(text.begin(), found, '\n')) +
                                    ": expected printable ASCII, found an octet of value " +
                                    std::to_string(static_cast<unsigned char>(*found)));
  }
  return {};
}

}  // namespace

Status parse_toml(std::string_view text, const std::string& file, GivenSettings* out_given) {
  if (Status s = check_text(text, file); !s.ok()) return s;
  toml::value parsed;
  try {
    std::istringstream stream{std::string(text)};
    parsed = toml::parse(stream, file);
  } catch (const toml::exception& error) {
    return Status::invalid_argument(file + ":" + std::to_string(error.location().line()) +
                                    ": expected TOML, found: " + first_line(error.what()));
  } catch (const std::exception& error) {
    return Status::invalid_argument(file + ": expected TOML, found: " + first_line(error.what()));
  }
  // As they stand in the file: the table itself has no order.
  std::multimap<std::uint_least32_t, std::pair<const std::string*, const toml::value*>> by_line;
  for (const auto& [key, value] : parsed.as_table()) {
    by_line.emplace(value.location().line(), std::pair{&key, &value});
  }
  std::string errors;
  GivenSettings given;
  for (const auto& [line, entry] : by_line) {
    const auto& [key, value] = entry;
    const Setting* setting = find_setting(*key);
    Given result{.texts = {}, .where = file + ":" + std::to_string(line) + ": " + *key};
    const Status status =
        setting == nullptr
            ? Status::invalid_argument("expected the name of a flag (rekeyd --help), found '" +
                                       *key + "'")
            : texts_of(*setting, *value, &result.texts);
    if (!status.ok()) {
      errors += (errors.empty() ? "" : "\n") + result.where + ": " + status.message();
    }
    given.emplace(*key, std::move(result));
  }
  if (!errors.empty()) return Status::invalid_argument(errors);
  *out_given = std::move(given);
  return {};
}

Status read_toml(const std::string& file, GivenSettings* out_given) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) {
    return Status::invalid_argument(
        file + ": expected a file that can be read, found: " + strerror(errno));
  }
  return parse_toml(text, file, out_given);
}

}  // namespace rekey::config
