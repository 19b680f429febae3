// SPDX-License-Identifier: Apache-2.0
//
// Reads small YAML files strictly: a field that is unknown, missing, given twice or out of its
// range is an error that names it, what was expected and what was found.
#pragma once

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>

#include "rekey/status.h"

namespace rekey::bench::yaml {

/// Wrong is thrown by what follows, and caught by parse(): yaml-cpp throws as well.
struct Wrong {
  std::string message;
};

/// range says what a number is expected to be.
template <typename Number>
std::string range(Number low, Number high) {
  std::ostringstream text;
  text << (std::is_floating_point_v<Number> ? "a number" : "a whole number") << " from " << low
       << " to " << high;
  return text.str();
}

/// Value is one value of a file, with the path that errors name it by.
class Value {
 public:
  Value(YAML::Node node, std::string path);

  [[nodiscard]] const YAML::Node& node() const { return node_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// wrong throws that something else was `expected` here.
  [[noreturn]] void wrong(const std::string& expected) const;
  /// text returns a scalar that is not empty.
  [[nodiscard]] std::string text() const;
  /// number returns a number from `low` to `high`, both included.
  template <typename Number>
  [[nodiscard]] Number number(Number low, Number high) const {
    Number number{};
    if (!node_.IsScalar()) wrong(range(low, high));
    const std::string& digits = node_.Scalar();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() ||
        !(number >= low && number <= high)) {
      wrong(range(low, high));
    }
    return number;
  }

 private:
  YAML::Node node_;
  std::string path_;
};

/// Fields is a map, all fields of which must be asked for.
class Fields {
 public:
  explicit Fields(const Value& value);

  [[nodiscard]] bool has(const std::string& name);
  [[nodiscard]] Value get(const std::string& name);
  [[nodiscard]] const std::set<std::string>& names() const { return names_; }

  /// finish throws when a field was never asked for.
  void finish() const;
  /// only returns the only field, whose name says what kind of thing the map is.
  [[nodiscard]] std::string only(const std::set<std::string>& kinds);

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const;

  Value value_;
  std::set<std::string> names_;
  std::set<std::string> known_;
};

/// parse reads `text` and hands its root to `take`. `where` is the file's name, for errors, which
/// are kInvalidArgument.
Status parse(const std::string& text, const std::string& where,
             const std::function<void(const YAML::Node&)>& take);

}  // namespace rekey::bench::yaml
