// SPDX-License-Identifier: Apache-2.0
#include "overload/overload_report.h"

#include <iomanip>
#include <sstream>
#include <utility>

namespace rekey::bench::overload {
namespace {

constexpr double kQueueOctetsMost = 512.0 * 1'024 * 1'024;
constexpr double kMebi = 1'024.0 * 1'024;

struct Figure {
  const char* name;  ///< in JSON
  const char* text;
  Summary value;
  double scale = 1;  ///< of the text
  const char* unit = "";
};

std::vector<Figure> figures_of(const OverloadFigures& of) {
  return {
      {"peak_ams_per_second", "peak, closed loop", of.peak, 1e-6, "M AMSs/s"},
      {"offered_ratio", "offered, open loop", of.offered_ratio, 1, "x peak"},
      {"send_lag_p99_seconds", "p99 of sent after due", of.send_lag_p99, 1e3, "ms"},
      {"goodput_ratio", "answered meanwhile", of.goodput_ratio, 1, "x peak"},
      {"accepted_p99_seconds", "p99 of what was accepted", of.accepted_p99, 1e3, "ms"},
      {"queue_bound_seconds", "what the full queue takes", of.queue_bound, 1e3, "ms"},
      {"refused_share", "refused", of.refused_share, 1e2, "%"},
      {"refused_p99_seconds", "p99 of refusals", of.refused_p99, 1e3, "ms"},
      {"light_p50_seconds", "p50 of a light load", of.light_p50, 1e3, "ms"},
      {"normal_after_seconds", "that normal again after", of.normal_after, 1, "s"},
      {"memory_growth_octets", "memory grew by at most", of.memory_growth, 1 / kMebi, "MiB"},
  };
}

std::vector<Figure> figures_of(const FloodFigures& of) {
  return {
      {"alone_p50_seconds", "p50 alone", of.alone_p50, 1e3, "ms"},
      {"alone_p99_seconds", "p99 alone", of.alone_p99, 1e3, "ms"},
      {"flooded_p50_seconds", "p50 beside the flood", of.flooded_p50, 1e3, "ms"},
      {"flooded_p99_seconds", "p99 beside the flood", of.flooded_p99, 1e3, "ms"},
      {"flooded_send_lag_p99_seconds", "of that sent late", of.send_lag_p99, 1e3, "ms"},
      {"flood_ratio", "the flood", of.flood_ratio, 1, "x peak"},
  };
}

void write_figures(const std::vector<Figure>& figures, std::ostream& out) {
  for (const Figure& figure : figures) {
    out << "  " << std::left << std::setw(28) << figure.text << std::right << std::setw(10)
        << figure.value.median * figure.scale << ' ' << std::left << std::setw(9) << figure.unit
        << std::right << " (" << figure.value.min * figure.scale << " to "
        << figure.value.max * figure.scale << ")\n";
  }
}

void write_failures(const char* who, std::uint64_t count, const std::string& first,
                    std::ostream& out) {
  if (count > 0) out << "  " << who << ": " << count << " failed, the first: " << first << '\n';
}

Json figures_to_json(const std::vector<Figure>& figures) {
  Json json = Json::object();
  for (const Figure& figure : figures) json[figure.name] = summary_to_json(figure.value);
  return json;
}

}  // namespace

std::vector<OverloadBar> bars_of(const OverloadReport& report) {
  const OverloadFigures& overload = report.overload;
  return {
      {"goodput over peak", true, 0.95, overload.goodput_ratio},
      {"p99 of what was accepted over the queue's bound", false, 1, overload.accepted_p99_ratio},
      {"p99 of refusals, seconds", false, 0.005, overload.refused_p99},
      {"normal again, seconds", false, 2, overload.normal_after},
      {"growth of memory, octets", false, kQueueOctetsMost, overload.memory_growth},
      {"small caller's p99, flooded over alone", false, 2, report.flood.p99_ratio},
  };
}

Json to_json(const OverloadReport& report) {
  Json json = {
      {"benchmark", "overload"},
      {"machine", {{"cpu", report.machine.cpu}, {"cpus", report.machine.cpus}}},
      {"rounds", report.plan.rounds},
      {"slice_seconds", Seconds(report.plan.slice).count()},
      {"verify", report.plan.verify},
      {"ams_per_request", kRequestAms},
      {"queue_ams", kQueueAms},
      {"small", {{"ams_per_request", kSmallAms}, {"requests_per_second", kSmallPerSecond}}}};
  json["overload"] = figures_to_json(figures_of(report.overload));
  json["overload"]["other_errors"] = report.overload.other_errors;
  json["overload"]["first_error"] = report.overload.first_error;
  json["flood"] = figures_to_json(figures_of(report.flood));
  json["flood"]["failed"] = report.flood.failed;
  json["flood"]["first_error"] = report.flood.first_error;
  json["bars"] = Json::array();
  for (const OverloadBar& bar : bars_of(report)) {
    json["bars"].push_back({{"name", bar.name},
                            {bar.at_least ? "at_least" : "at_most", bar.limit},
                            {"found", summary_to_json(bar.found)},
                            {"met", bar.met()}});
  }
  return json;
}

std::string to_text(const OverloadReport& report) {
  std::ostringstream out;
  out << "machine   " << report.machine.cpu << ", " << report.machine.cpus << " CPUs\n"
      << "server    on a core of its own, --verify " << report.plan.verify << ", at most "
      << kQueueAms << " AMSs held\n"
      << "rounds    " << report.plan.rounds << " of slices of "
      << Seconds(report.plan.slice).count() << " s; medians (least to most)\n\n"
      << std::fixed << std::setprecision(3) << "overload: requests of " << kRequestAms << " AMSs\n";
  write_figures(figures_of(report.overload), out);
  write_failures("neither answered nor refused", report.overload.other_errors,
                 report.overload.first_error, out);
  out << "\nflood: one caller asks for " << kSmallAms << " AMSs " << std::setprecision(0)
      << kSmallPerSecond << " times a second, another floods; mutual TLS\n"
      << std::setprecision(3);
  write_figures(figures_of(report.flood), out);
  write_failures("the small caller", report.flood.failed, report.flood.first_error, out);
  out << '\n';
  for (const OverloadBar& bar : bars_of(report)) {
    out << "  " << bar.name << ": " << bar.found.median << ", at "
        << (bar.at_least ? "least " : "most ") << bar.limit
        << (bar.met() ? ": met\n" : ": MISSED\n");
  }
  return out.str();
}

}  // namespace rekey::bench::overload
