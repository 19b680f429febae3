// SPDX-License-Identifier: Apache-2.0
#include "yaml_fields.h"

#include <utility>

namespace rekey::bench::yaml {
namespace {

std::string found(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return "'" + node.Scalar() + "'";
    case YAML::NodeType::Sequence:
      return "a list of " + std::to_string(node.size());
    case YAML::NodeType::Map:
      return "a map";
    default:
      return "nothing";
  }
}

std::string list(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Value::Value(YAML::Node node, std::string path) : node_(std::move(node)), path_(std::move(path)) {}

void Value::wrong(const std::string& expected) const {
  throw Wrong{path_ + ": expected " + expected + ", found " + found(node_)};
}

std::string Value::text() const {
  if (!node_.IsScalar() || node_.Scalar().empty()) wrong("text");
  return node_.Scalar();
}

Fields::Fields(const Value& value) : value_(value) {
  if (!value.node().IsMap()) value.wrong("a map");
  for (const auto& field : value.node()) {
    if (!names_.insert(field.first.as<std::string>()).second) {
      throw Wrong{path_of(field.first.as<std::string>()) + ": expected once, found twice"};
    }
  }
}

bool Fields::has(const std::string& name) {
  known_.insert(name);
  return names_.contains(name);
}

Value Fields::get(const std::string& name) {
  if (!has(name)) throw Wrong{path_of(name) + ": expected a value, found nothing"};
  return {value_.node()[name], path_of(name)};
}

void Fields::finish() const {
  for (const std::string& name : names_) {
    if (known_.contains(name)) continue;
    throw Wrong{path_of(name) + ": expected one of " + list(known_) + ", found an unknown field"};
  }
}

std::string Fields::only(const std::set<std::string>& kinds) {
  known_ = kinds;
  finish();
  if (names_.size() != 1) value_.wrong("one of " + list(kinds));
  return *names_.begin();
}

std::string Fields::path_of(const std::string& name) const {
  return value_.path().empty() ? name : value_.path() + "." + name;
}

Status parse(const std::string& text, const std::string& where,
             const std::function<void(const YAML::Node&)>& take) {
  try {
    take(YAML::Load(text));
  } catch (const Wrong& wrong) {
    return Status::invalid_argument(where + ": " + wrong.message);
  } catch (const YAML::Exception& error) {
    return Status::invalid_argument(where + ":" + std::to_string(error.mark.line + 1) +
                                    ": expected YAML, found: " + error.msg);
  }
  return {};
}

}  // namespace rekey::bench::yaml
