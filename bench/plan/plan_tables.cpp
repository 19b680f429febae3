// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_tables.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iomanip>
#include <sstream>
#include <utility>

#include "plan/validation.h"

namespace rekey::bench::plan {
namespace {

constexpr char kNone[] = "none";

std::string ms(double seconds) { return number(seconds * 1e3); }

std::string percent(double share) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << share * 100 << " %";
  return text.str();
}

std::string signed_percent(double share) { return (share < 0 ? "" : "+") + percent(share); }

std::string number_or_none(const std::optional<Figure>& figure) {
  return figure ? number(figure->value) : kNone;
}

Origins origins_of(const CasePlan& plan) {
  const Origins load = plan.load.ams_per_second.origins;
  return plan.servers_with_spare ? load | plan.servers_with_spare->origins : load;
}

std::string wave_text(const CaseLoad& load) {
  if (!load.wave) return "";
  return number(load.wave->ams.value) + " in " + ms(load.wave->window_seconds.value) + " ms";
}

void add_costs(const std::string& name, const char* unit, const Costs& costs,
               report::Table* out_table) {
  for (const CurvePoint& point : costs.curve.points()) {
    out_table->rows.push_back(
        {name, number(point.x) + unit, number(point.y * 1e6), costs.origins.text(), costs.source});
  }
}

}  // namespace

std::string number(double value) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  const int digits = std::clamp(3 - static_cast<int>(std::floor(std::log10(size))), 0, 6);
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  std::string digits_text = text.str();
  if (digits_text.find('.') != std::string::npos) {
    digits_text.erase(digits_text.find_last_not_of('0') + 1);
    if (digits_text.back() == '.') digits_text.pop_back();
  }
  return digits_text;
}

report::Table input_table(const Plan& plan) {
  report::Table table{"Inputs", {"input", "value", "unit", "from", "source"}, {}};
  Network network = plan.network;
  for (const NamedFigure& input : inputs(&network)) {
    table.rows.push_back({input.name, number(input.figure->value), input.unit,
                          input.figure->origins.text(), input.figure->source});
  }
  return table;
}

report::Table cost_table(const MachinePlan& plan, load::Method method) {
  report::Table table{"Costs of " + plan.machine.name(), {"of", "at", "us", "from", "source"}, {}};
  const MethodCosts& costs = plan.machine.methods.at(method);
  add_costs("a request, beside deriving", " AMSs", costs.request, &table);
  add_costs("waking a processor", " s idle", costs.waking, &table);
  add_costs("deriving a batch", " AMSs", plan.machine.derivation, &table);
  add_costs("beside the server", " of all requests", costs.beside, &table);
  return table;
}

report::Table case_table(const MachinePlan& plan) {
  report::Table table{"Servers needed",
                      {"case", "AMSs/s", "at once", "servers", "with spare", "p50 ms", "p99 ms",
                       "utilisation", "in server ms", "at least ms", "headroom", "from"},
                      {}};
  for (const CasePlan& one : plan.cases) {
    std::vector<std::string> row = {case_name(one.load), number(one.load.ams_per_second.value),
                                    wave_text(one.load)};
    if (one.servers) {
      row.insert(row.end(), {number(one.servers->value), number(one.servers_with_spare->value),
                             ms(one.p50_seconds.value), ms(one.p99_seconds.value),
                             percent(one.utilisation.value), ms(one.in_server_seconds.value),
                             ms(one.bound_seconds.value), number(one.headroom.value) + " x"});
    } else {
      row.insert(row.end(), {kNone, kNone, "", "", "", "", "", ""});
    }
    row.push_back(origins_of(one).text());
    table.rows.push_back(std::move(row));
  }
  return table;
}

report::Table sensitivity_table(const MachinePlan& plan) {
  report::Table table{
      "If one input is a fifth lower or higher",
      {"input", "servers -20 %", "servers +20 %", "headroom -20 %", "headroom +20 %", "from"},
      {}};
  for (const Sensitivity& one : plan.sensitivities) {
    table.rows.push_back(
        {one.input, number_or_none(one.lower.servers), number_or_none(one.higher.servers),
         number(one.lower.headroom.value) + " x", number(one.higher.headroom.value) + " x",
         one.lower.headroom.origins.text()});
  }
  return table;
}

report::Table gpu_table(const MachinePlan& plan) {
  report::Table table{"Does a GPU pay?",
                      {"GPU", "requests as in", "AMSs/s a server", "with it", "deriving is",
                       "faster from a batch of", "pays from AMSs/s", "from"},
                      {}};
  for (const GpuVerdict& one : plan.gpus) {
    table.rows.push_back(
        {one.device, one.load, number(one.ams_per_second_without.value),
         number(one.ams_per_second_with.value), percent(one.share_of_derivation.value),
         number_or_none(one.faster_from_ams), number_or_none(one.pays_from_ams_per_second),
         one.ams_per_second_with.origins.text()});
  }
  return table;
}

report::Table validation_table(const std::vector<Validation>& validations) {
  report::Table table{"Simulated against measured",
                      {"scenario", "runs", "requests/s", "utilisation", "p50 ms measured",
                       "simulated", "error", "p99 ms measured", "from to", "simulated", "error"},
                      {}};
  for (const Validation& one : validations) {
    table.rows.push_back({one.scenario, std::to_string(one.runs), number(one.requests_per_second),
                          percent(one.utilisation), ms(one.measured_p50), ms(one.simulated_p50),
                          signed_percent(one.p50_error()), ms(one.measured_p99),
                          ms(one.measured_p99_least) + " to " + ms(one.measured_p99_most),
                          ms(one.simulated_p99), signed_percent(one.p99_error())});
  }
  return table;
}

std::string case_name(const CaseLoad& load) {
  return load.grown ? load.name + ", after growth" : load.name;
}

std::string summary(const Plan& plan, const MachinePlan& machine) {
  std::ostringstream text;
  const Objective& objective = plan.network.objective;
  const std::string kept = "p99 within " + ms(objective.p99_seconds.value) + " ms, utilisation " +
                           "at most " + percent(objective.utilisation_at_most.value) + " and " +
                           number(objective.machines_lost.value) + " of them lost";
  if (!machine.servers) {
    text << "No number of servers of " << machine.machine.name() << " keeps " << kept
         << " in every case.";
    return text.str();
  }
  const CasePlan& governing = machine.cases[machine.governing];
  text << number(machine.servers->value) << (machine.servers->value == 1 ? " server" : " servers")
       << " of " << machine.machine.name() << " (" << machine.servers->origins.text() << ") keep "
       << kept << "; " << case_name(governing.load) << " needs most. Without the spare they bear "
       << number(governing.headroom.value) << " times as many AMSs.";
  if (machine.price) text << " Price: " << number(machine.price->value) << '.';
  if (machine.watts) text << " Power: " << number(machine.watts->value) << " W.";
  return text.str();
}

std::string to_text(const report::Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(column.size());
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::ostringstream out;
  if (!table.caption.empty()) out << table.caption << '\n';
  const auto write = [&](const std::vector<std::string>& row) {
    std::ostringstream line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      // What is before the first figure is text; so is the last column.
      const bool left = i == 0 || i + 1 == row.size();
      line << "  " << (left ? std::left : std::right) << std::setw(static_cast<int>(widths[i]))
           << row[i];
    }
    std::string text = line.str();
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  };
  write(table.columns);
  for (const auto& row : table.rows) write(row);
  return out.str();
}

}  // namespace rekey::bench::plan
