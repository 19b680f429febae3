// SPDX-License-Identifier: Apache-2.0
#include "service/service_report.h"

#include <iomanip>
#include <sstream>

namespace rekey::bench {
namespace {

Summary times(const Summary& summary, double factor) {
  return {summary.median * factor, summary.min * factor, summary.max * factor};
}

const char* limit_name(const Bar& bar) {
  return bar.measure == Measure::kRate ? "at_least" : "at_most";
}

const char* limit_text(const Bar& bar) {
  return bar.measure == Measure::kRate ? "at least " : "at most ";
}

Json server_to_json(const ServerFigures& server, std::uint32_t ams) {
  Json json = {{"name", server.name},
               {"messages_per_second", summary_to_json(server.messages_per_second)},
               {"ams_per_second", summary_to_json(times(server.messages_per_second, ams))}};
  json["cpu_seconds_per_message"] = summary_to_json(server.cpu_seconds_per_message);
  if (server.p50) json["p50_seconds"] = summary_to_json(*server.p50);
  if (server.p99) json["p99_seconds"] = summary_to_json(*server.p99);
  json["rekeyd_ratio"] = summary_to_json(server.rekeyd_ratio);
  return json;
}

Json bar_to_json(const BarReport& report) {
  return {{"measure", to_string(report.bar.measure)},
          {"to", to_string(report.bar.to)},
          {limit_name(report.bar), report.bar.times},
          {"ratio", summary_to_json(report.ratio)},
          {"met", report.met()}};
}

Json shape_to_json(const ShapeReport& report) {
  const Shape& shape = report.shape;
  Json json = {{"shape", shape.name},
               {"ams_per_message", shape.ams},
               {"callers", shape.times_answers() ? shape.callers : 1},
               {"in_flight", shape.in_flight},
               {"servers", Json::array()},
               {"bars", Json::array()}};
  for (const ServerFigures& server : report.servers) {
    json["servers"].push_back(server_to_json(server, shape.ams));
  }
  for (const BarReport& bar : report.bars) json["bars"].push_back(bar_to_json(bar));
  return json;
}

void write_time(const std::optional<Summary>& seconds, std::ostream& out) {
  out << std::setw(10);
  if (seconds) {
    out << std::setprecision(1) << seconds->median * 1e6;
  } else {
    out << '-';
  }
}

void write_bars(const ShapeReport& report, const std::string& way, std::ostream& out) {
  for (const BarReport& bar : report.bars) {
    if (to_string(bar.bar.to) != way) continue;
    out << "  " << to_string(bar.bar.measure) << ' ' << limit_text(bar.bar) << bar.bar.times << ": "
        << bar.ratio.median << (bar.met() ? " met" : " MISSED");
  }
}

void write_shape(const ShapeReport& report, std::ostream& out) {
  out << std::fixed;
  for (const ServerFigures& server : report.servers) {
    const bool first = &server == &report.servers.front();
    out << "  " << std::left << std::setw(14) << (first ? report.shape.name : "") << std::setw(8)
        << server.name << std::right << std::setprecision(0) << std::setw(12)
        << server.messages_per_second.median << std::setw(12)
        << server.messages_per_second.median * report.shape.ams;
    write_time(server.cpu_seconds_per_message, out);
    write_time(server.p50, out);
    write_time(server.p99, out);
    if (!first) {
      out << std::setprecision(2) << std::setw(10) << server.rekeyd_ratio.median << std::setw(18)
          << range_text(server.rekeyd_ratio);
      write_bars(report, server.name, out);
    }
    out << '\n';
  }
}

void write_where(const ServiceReport& report, std::ostream& out) {
  out << "servers  ";
  if (report.cores.servers) {
    out << "on core " << *report.cores.servers << ", the client on core " << *report.cores.client;
  } else {
    out << "on the client's core: there is no other";
  }
  out << "; " << (report.tls ? "TLS" : "plaintext") << "; rekeyd verifies a sample\n";
}

}  // namespace

Json to_json(const ServiceReport& report) {
  Json json = {{"benchmark", "service"}};
  json.update(conditions_to_json(report.conditions));
  json["profile"] = to_string(Profile::k16mDraft);
  json["verify"] = "sampled";
  json["tls"] = report.tls;
  json["cores"] = nullptr;
  if (report.cores.servers) {
    json["cores"] = {{"servers", *report.cores.servers}, {"client", *report.cores.client}};
  }
  json["shapes"] = Json::array();
  for (const ShapeReport& shape : report.shapes) json["shapes"].push_back(shape_to_json(shape));
  return json;
}

std::string to_text(const ServiceReport& report) {
  std::ostringstream out;
  write_conditions(report.conditions, "AMSs of 16m-draft", out);
  write_where(report, out);
  out << "\n  " << std::left << std::setw(14) << "shape" << std::setw(8) << "server" << std::right
      << std::setw(12) << "messages/s" << std::setw(12) << "AMS/s" << std::setw(10) << "cpu us"
      << std::setw(10) << "p50 us" << std::setw(10) << "p99 us" << std::setw(10) << "rekeyd x"
      << std::setw(18) << "(min to max)"
      << "  bars\n";
  for (const ShapeReport& shape : report.shapes) write_shape(shape, out);
  return out.str();
}

}  // namespace rekey::bench
