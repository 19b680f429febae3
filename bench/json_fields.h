// SPDX-License-Identifier: Apache-2.0
//
// Reads JSON that another program wrote: what is missing or of another kind is an error that names
// the file and the field.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "json.h"

namespace rekey::bench {

/// JsonWrong is thrown by JsonValue.
struct JsonWrong {
  std::string message;
};

/// JsonValue is one value of a file. The JSON must outlive it.
class JsonValue {
 public:
  JsonValue(const Json& json, std::string file, std::string path)
      : json_(&json), file_(std::move(file)), path_(std::move(path)) {}

  [[nodiscard]] const Json& json() const { return *json_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// wrong throws that something else was `expected` here.
  [[noreturn]] void wrong(const std::string& expected) const {
    constexpr std::size_t kShown = 60;
    const std::string found = json_->is_structured() ? json_->type_name() : json_->dump();
    throw JsonWrong{file_ + ": " + path_ + (path_.empty() ? "" : ": ") + "expected " + expected +
                    ", found " + found.substr(0, kShown)};
  }

  [[nodiscard]] JsonValue at(const std::string& name) const {
    const std::string path = path_.empty() ? name : path_ + "." + name;
    if (!json_->is_object()) wrong("an object");
    if (!json_->contains(name)) {
      throw JsonWrong{file_ + ": " + path + ": expected a value, found nothing"};
    }
    return {json_->at(name), file_, path};
  }

  [[nodiscard]] std::vector<JsonValue> items() const {
    if (!json_->is_array()) wrong("a list");
    std::vector<JsonValue> items;
    for (std::size_t i = 0; i < json_->size(); ++i) {
      items.emplace_back((*json_)[i], file_, path_ + "[" + std::to_string(i) + "]");
    }
    return items;
  }

  [[nodiscard]] std::string text() const {
    if (!json_->is_string()) wrong("text");
    return json_->get<std::string>();
  }
  [[nodiscard]] bool boolean() const {
    if (!json_->is_boolean()) wrong("true or false");
    return json_->get<bool>();
  }
  [[nodiscard]] double number() const {
    if (!json_->is_number()) wrong("a number");
    return json_->get<double>();
  }
  [[nodiscard]] std::uint64_t count() const {
    if (!json_->is_number_integer() || *json_ < 0) wrong("a count");
    return json_->get<std::uint64_t>();
  }
  [[nodiscard]] double number(double low, double high) const {
    const double number = json_->is_number() ? json_->get<double>() : low - 1;
    if (!(number >= low && number <= high)) {
      wrong("a number from " + Json(low).dump() + " to " + Json(high).dump());
    }
    return number;
  }

 private:
  const Json* json_;
  std::string file_;
  std::string path_;
};

}  // namespace rekey::bench
