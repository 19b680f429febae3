// SPDX-License-Identifier: Apache-2.0
#include "plan/network.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "plan/method.h"
#include "wire/limits.h"
#include "yaml_fields.h"

namespace rekey::bench::plan {
namespace {

using yaml::Fields;
using yaml::Value;

constexpr double kMost = 1e9;
constexpr double kMostMs = 3.6e6;
constexpr double kSecondsPerMs = 1e-3;
constexpr char kDefault[] = "the default of rekey-plan";

/// Reads the numbers of one network, all of which have an origin.
class Numbers {
 public:
  explicit Numbers(std::string source) : source_(std::move(source)) {}

  /// `7`, `{given: 7, source: TEXT}`, `{assumed: ...}` or `{measured: ...}`; times `scale`.
  [[nodiscard]] Figure figure(const Value& value, double low, double high, double scale = 1) const {
    if (!value.node().IsMap()) return {value.number(low, high) * scale, Origin::kGiven, source_};
    Fields fields(value);
    for (const Origin origin : {Origin::kMeasured, Origin::kGiven, Origin::kAssumed}) {
      const std::string name(to_string(origin));
      if (!fields.has(name)) continue;
      Figure figure{fields.get(name).number(low, high) * scale, origin,
                    fields.get("source").text()};
      fields.finish();
      return figure;
    }
    value.wrong("a number, or one of given, assumed and measured with its source");
  }

  [[nodiscard]] Figure of(Fields* fields, const std::string& name, double low, double high,
                          double scale = 1) const {
    return figure(fields->get(name), low, high, scale);
  }

  [[nodiscard]] Figure or_else(Fields* fields, const std::string& name, double low, double high,
                               Figure otherwise, double scale = 1) const {
    return fields->has(name) ? of(fields, name, low, high, scale) : std::move(otherwise);
  }

  [[nodiscard]] Figure ams_per_request(Fields* fields) const {
    return or_else(fields, "ams_per_request", 1, static_cast<double>(wire::kMaxRequestItems),
                   {1, Origin::kAssumed, kDefault});
  }

 private:
  std::string source_;
};

Failure failure(const Value& value, const Numbers& numbers) {
  Fields fields(value);
  Failure failure;
  failure.name = fields.get("name").text();
  failure.cells = numbers.of(&fields, "cells", 1, kMost);
  failure.window_seconds = numbers.of(&fields, "window_ms", 1e-3, kMostMs, kSecondsPerMs);
  failure.ams_per_request = numbers.ams_per_request(&fields);
  fields.finish();
  return failure;
}

Objective objective(Fields* root, const Numbers& numbers) {
  Objective objective{
      {27.5e-3, Origin::kGiven, "IMT-Advanced (ITU-R M.2134): interruption within a frequency"},
      {0.7, Origin::kAssumed, kDefault},
      {1, Origin::kAssumed, kDefault}};
  if (!root->has("objective")) return objective;
  Fields fields(root->get("objective"));
  objective.p99_seconds =
      numbers.or_else(&fields, "p99_ms", 1e-3, kMostMs, objective.p99_seconds, kSecondsPerMs);
  objective.utilisation_at_most =
      numbers.or_else(&fields, "utilisation_at_most", 0.01, 0.99, objective.utilisation_at_most);
  objective.machines_lost =
      numbers.or_else(&fields, "machines_lost", 0, 1'000, objective.machines_lost);
  fields.finish();
  return objective;
}

std::optional<Expense> expense(Fields* root, const std::string& name, const Numbers& numbers) {
  if (!root->has(name)) return std::nullopt;
  Fields fields(root->get(name));
  Expense expense;
  expense.server = numbers.of(&fields, "server", 0, kMost);
  if (fields.has("gpu")) expense.gpu = numbers.of(&fields, "gpu", 0, kMost);
  fields.finish();
  return expense;
}

Profile profile_of(const Value& value) {
  const auto profile = profile_from_string(value.text());
  if (!profile) value.wrong("16m-draft, 16m-published or legacy-16e");
  return *profile;
}

Network network_of(const YAML::Node& node) {
  Fields root(Value(node, ""));
  Network network;
  network.name = root.get("name").text();
  network.source = root.get("source").text();
  const Numbers numbers(network.source);
  if (root.has("method")) network.method = method_of(root.get("method"));
  if (root.has("profile")) network.profile = profile_of(root.get("profile"));
  network.cells = numbers.of(&root, "cells", 1, kMost);
  network.ams_per_cell = numbers.of(&root, "ams_per_cell", 1, kMost);
  Fields mobility(root.get("mobility"));
  network.handovers_per_hour = numbers.of(&mobility, "handovers_per_ams_per_hour", 1e-6, 1e6);
  network.ams_per_request = numbers.ams_per_request(&mobility);
  mobility.finish();
  if (root.has("failures")) {
    const Value failures = root.get("failures");
    if (!failures.node().IsSequence()) failures.wrong("a list");
    for (std::size_t i = 0; i < failures.node().size(); ++i) {
      const Value one(failures.node()[i], failures.path() + "[" + std::to_string(i) + "]");
      network.failures.push_back(failure(one, numbers));
      if (network.failures.back().cells.value > network.cells.value) {
        Fields(one).get("cells").wrong("no more cells than the network has");
      }
    }
  }
  network.growth_a_year = network.years = {0, Origin::kAssumed, kDefault};
  if (root.has("growth")) {
    Fields growth(root.get("growth"));
    network.growth_a_year = numbers.of(&growth, "percent_a_year", -50, 1'000, 0.01);
    network.years = numbers.of(&growth, "years", 0, 50);
    growth.finish();
  }
  network.objective = objective(&root, numbers);
  network.prices = expense(&root, "prices", numbers);
  network.watts = expense(&root, "watts", numbers);
  root.finish();
  return network;
}

void add_expense(const std::string& name, const std::string& unit, std::optional<Expense>* expense,
                 std::vector<NamedFigure>* out_inputs) {
  if (!expense->has_value()) return;
  out_inputs->push_back({name + ".server", unit, &(*expense)->server});
  if ((*expense)->gpu) out_inputs->push_back({name + ".gpu", unit, &*(*expense)->gpu});
}

}  // namespace

std::vector<NamedFigure> inputs(Network* network) {
  std::vector<NamedFigure> inputs = {
      {"cells", "cells", &network->cells},
      {"ams_per_cell", "AMSs", &network->ams_per_cell},
      {"mobility.handovers_per_ams_per_hour", "1/h", &network->handovers_per_hour},
      {"mobility.ams_per_request", "AMSs", &network->ams_per_request},
  };
  for (Failure& failure : network->failures) {
    const std::string name = "failures[" + failure.name + "]";
    inputs.push_back({name + ".cells", "cells", &failure.cells});
    inputs.push_back({name + ".window", "s", &failure.window_seconds});
    inputs.push_back({name + ".ams_per_request", "AMSs", &failure.ams_per_request});
  }
  inputs.insert(inputs.end(),
                {{"growth.a_year", "", &network->growth_a_year},
                 {"growth.years", "years", &network->years},
                 {"objective.p99", "s", &network->objective.p99_seconds},
                 {"objective.utilisation_at_most", "", &network->objective.utilisation_at_most},
                 {"objective.machines_lost", "servers", &network->objective.machines_lost}});
  add_expense("prices", "", &network->prices, &inputs);
  add_expense("watts", "W", &network->watts, &inputs);
  return inputs;
}

Status parse_network(const std::string& text, const std::string& where, Network* out_network) {
  return yaml::parse(text, where, [&](const YAML::Node& root) { *out_network = network_of(root); });
}

Status read_network(const std::string& path, Network* out_network) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    return Status::invalid_argument(path + ": expected a network, found no file to read");
  }
  return parse_network(text, path, out_network);
}

}  // namespace rekey::bench::plan
