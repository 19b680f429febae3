// SPDX-License-Identifier: Apache-2.0
#include "load/load_report.h"

#include <iomanip>
#include <sstream>

#include "rekeyctl/metrics_sample.h"

namespace rekey::bench::load {
namespace {

constexpr char kBatchItems[] = "rekeyd_batch_items";
constexpr char kQueueAge[] = "rekeyd_queue_age_seconds";

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double milliseconds(std::chrono::nanoseconds time) { return seconds(time) * 1e3; }

double mean(const ctl::MetricsSample& sample, const std::string& histogram) {
  const double count = sample.sum(histogram + "_count");
  return count > 0 ? sample.sum(histogram + "_sum") / count : 0;
}

Json histogram_to_json(const Histogram& histogram) {
  Json json = {{"count", histogram.count()}, {"mean", seconds(histogram.mean())}};
  for (const Percentile& percentile : kPercentiles) {
    json[percentile.name] = seconds(histogram.quantile(percentile.q));
  }
  json["max"] = seconds(histogram.max());
  return json;
}

Json server_to_json(const ServerReport& server) {
  Json json = {{"address", server.address},
               {"version", server.version},
               {"engines", server.engines},
               {"metrics", nullptr}};
  if (!server.metrics) {
    json["no_metrics"] = server.no_metrics;
    return json;
  }
  const ServerSide& side = *server.metrics;
  json["metrics"] = {
      {"batches", side.batches},
      {"batch_ams",
       {{"mean", side.batch_ams_mean}, {"p50", side.batch_ams_p50}, {"p99", side.batch_ams_p99}}},
      {"queue_seconds",
       {{"mean", side.queue_seconds_mean},
        {"p50", side.queue_seconds_p50},
        {"p99", side.queue_seconds_p99}}}};
  return json;
}

Json distribution_to_json(const Distribution& distribution) {
  return {{"min", distribution.min()}, {"mean", distribution.mean()}, {"max", distribution.max()}};
}

Json conditions_to_json(const LoadConditions& conditions) {
  const Scenario& scenario = conditions.scenario;
  Json json = {{"machine", {{"cpu", conditions.machine.cpu}, {"cpus", conditions.machine.cpus}}},
               {"build", {{"version", conditions.version}, {"compiler", conditions.compiler}}},
               {"scenario",
                {{"name", scenario.name},
                 {"source", scenario.source},
                 {"method", to_string(scenario.method)},
                 {"loop", scenario.open_loop() ? "open" : "closed"},
                 {"arrivals", name_of(scenario.arrivals)},
                 {"speed", conditions.speed},
                 {"callers", scenario.caller_count()},
                 {"ams_per_request", distribution_to_json(scenario.ams_per_request)},
                 {"sas_per_ams", distribution_to_json(scenario.sas_per_ams)},
                 {"warm_up_seconds", seconds(scenario.warm_up)},
                 {"timeout_seconds", seconds(scenario.timeout)},
                 {"seed", scenario.seed}}},
               {"tls", conditions.tls},
               {"servers", Json::array()}};
  for (const ServerReport& server : conditions.servers) {
    json["servers"].push_back(server_to_json(server));
  }
  return json;
}

Json timeline_to_json(const Counts& counts) {
  Json json = {{"interval_seconds", seconds(counts.interval)}, {"intervals", Json::array()}};
  for (const Interval& interval : counts.timeline) {
    json["intervals"].push_back({{"answers", interval.answers},
                                 {"ams", interval.ams},
                                 {"errors", interval.errors},
                                 {"max_seconds", seconds(interval.longest)}});
  }
  return json;
}

Json point_to_json(const KneePoint& point) {
  return {{"speed", point.speed},
          {"due_per_second", point.due_per_second},
          {"answered_per_second", point.answered_per_second},
          {"ams_per_second", point.ams_per_second},
          {"p50", seconds(point.p50)},
          {"p99", seconds(point.p99)},
          {"p99_min", seconds(point.p99_min)},
          {"p99_max", seconds(point.p99_max)},
          {"p99.9", seconds(point.p999)},
          {"max", seconds(point.max)},
          {"unanswered", point.unanswered},
          {"kept", point.kept}};
}

void write_conditions(const LoadConditions& conditions, std::ostream& out) {
  const Scenario& scenario = conditions.scenario;
  out << "machine   " << conditions.machine.cpu << ", " << conditions.machine.cpus << " CPUs\n"
      << "build     rekey-bench " << conditions.version << ", " << conditions.compiler << '\n'
      << "scenario  " << scenario.name << ": " << name_of(scenario.arrivals) << " arrivals in "
      << (scenario.open_loop() ? "open" : "CLOSED") << " loop, " << to_string(scenario.method)
      << ", " << scenario.caller_count() << " callers, " << scenario.ams_per_request.mean()
      << " AMSs a request on average";
  if (conditions.speed != 1) out << ", at " << conditions.speed << " times its speed";
  out << '\n';
  if (conditions.servers.empty()) {
    out << "server    the null server in this process, which derives nothing\n";
  }
  for (const ServerReport& server : conditions.servers) {
    out << "server    " << server.address << (conditions.tls ? " (TLS)" : " (plaintext)");
    if (!server.version.empty()) out << ", rekeyd " << server.version;
    for (const std::string& engine : server.engines) {
      out << (&engine == &server.engines.front() ? ", engines " : " ") << engine;
    }
    out << '\n';
  }
}

void write_histogram(const char* title, const Histogram& histogram, std::ostream& out) {
  out << "  " << std::left << std::setw(20) << title << std::right;
  for (const Percentile& percentile : kPercentiles) {
    out << std::setw(10) << milliseconds(histogram.quantile(percentile.q));
  }
  out << std::setw(10) << milliseconds(histogram.max()) << '\n';
}

void write_latencies(const Counts& counts, std::ostream& out) {
  out << "\n  " << std::left << std::setw(20) << "ms" << std::right;
  for (const Percentile& percentile : kPercentiles) out << std::setw(10) << percentile.name;
  out << std::setw(10) << "max" << '\n' << std::fixed << std::setprecision(3);
  write_histogram("latency from due", counts.latency, out);
  write_histogram("from sent", counts.from_sent, out);
  write_histogram("sent after due", counts.send_lag, out);
}

void write_server_side(const ServerReport& server, std::ostream& out) {
  out << "  " << server.address << ": ";
  if (!server.metrics) {
    out << "no metrics: " << server.no_metrics << '\n';
    return;
  }
  const ServerSide& side = *server.metrics;
  out << std::setprecision(0) << side.batches << " batches of " << std::setprecision(1)
      << side.batch_ams_mean << " AMSs (p50 " << side.batch_ams_p50 << ", p99 "
      << side.batch_ams_p99 << "); queued " << std::setprecision(3) << side.queue_seconds_mean * 1e3
      << " ms (p50 " << side.queue_seconds_p50 * 1e3 << ", p99 " << side.queue_seconds_p99 * 1e3
      << ")\n";
}

}  // namespace

ServerSide server_side(const ctl::MetricsSample& difference) {
  return {difference.sum(std::string(kBatchItems) + "_count"),
          mean(difference, kBatchItems),
          difference.quantile(kBatchItems, 0.5),
          difference.quantile(kBatchItems, 0.99),
          mean(difference, kQueueAge),
          difference.quantile(kQueueAge, 0.5),
          difference.quantile(kQueueAge, 0.99)};
}

Json to_json(const LoadReport& report) {
  const Counts& counts = report.counts;
  const double measured = seconds(counts.measured);
  Json json = {{"benchmark", "load"}};
  json.update(conditions_to_json(report.conditions));
  json["measured_seconds"] = measured;
  json["requests"] = {{"due", counts.due},
                      {"answered", counts.answered},
                      {"failed", counts.failed},
                      {"unsent", counts.unsent}};
  json["ams"] = {{"answered", counts.answered_ams}, {"failed", counts.failed_ams}};
  json["errors"] = Json::object();
  for (const auto& [code, count] : counts.errors) json["errors"][code] = count;
  json["first_error"] = counts.first_error;
  json["requests_per_second"] = {
      {"due", static_cast<double>(counts.due) / measured},
      {"answered", static_cast<double>(counts.answers_while_measured()) / measured}};
  json["ams_per_second"] = static_cast<double>(counts.ams_while_measured()) / measured;
  json["latency_seconds"] = histogram_to_json(counts.latency);
  json["from_sent_seconds"] = histogram_to_json(counts.from_sent);
  json["send_lag_seconds"] = histogram_to_json(counts.send_lag);
  json["verification"] = {{"share", report.conditions.scenario.verified_share},
                          {"answers", counts.verified},
                          {"wrong", counts.wrong},
                          {"first_wrong", counts.first_wrong}};
  json["timeline"] = timeline_to_json(counts);
  return json;
}

Json to_json(const KneeReport& report) {
  Json json = {{"benchmark", report.conditions.servers.empty() ? "load-self-test" : "load-knee"}};
  json.update(conditions_to_json(report.conditions));
  json["measured_seconds"] = seconds(report.conditions.scenario.measured);
  json["p99_at_most_seconds"] = seconds(report.p99_at_most);
  json["repeats"] = report.repeats;
  const KneePoint* knee = report.knee.point();
  json["knee"] = knee == nullptr ? Json() : point_to_json(*knee);
  json["bounded"] = report.knee.bounded;
  json["curve"] = Json::array();
  for (const KneePoint& point : report.knee.curve) json["curve"].push_back(point_to_json(point));
  return json;
}

std::string to_text(const LoadReport& report) {
  const Counts& counts = report.counts;
  const double measured = seconds(counts.measured);
  std::ostringstream out;
  write_conditions(report.conditions, out);
  out << std::fixed << std::setprecision(1) << "measured  " << measured << " s after "
      << seconds(report.conditions.scenario.warm_up) << " s of warm-up\n"
      << "requests  " << counts.due << " due (" << static_cast<double>(counts.due) / measured
      << " a second), " << counts.answered << " answered, " << counts.failed << " failed, "
      << counts.unsent << " not sent\n"
      << "AMSs      " << counts.answered_ams << " answered ("
      << static_cast<double>(counts.ams_while_measured()) / measured << " a second), "
      << counts.failed_ams << " of them failed\n"
      << "verified  " << counts.verified << " answers, " << counts.wrong << " wrong\n";
  for (const auto& [code, count] : counts.errors)
    out << "errors    " << code << ' ' << count << '\n';
  if (!counts.first_error.empty()) out << "          first: " << counts.first_error << '\n';
  write_latencies(counts, out);
  if (!report.conditions.servers.empty()) out << "\nservers' own metrics\n";
  for (const ServerReport& server : report.conditions.servers) write_server_side(server, out);
  return out.str();
}

std::string to_text(const KneeReport& report) {
  std::ostringstream out;
  write_conditions(report.conditions, out);
  if (report.repeats > 1) out << "medians of " << report.repeats << " runs at each rate\n";
  out << "\n  " << std::setw(12) << "due/s" << std::setw(12) << "answered/s" << std::setw(14)
      << "AMSs/s" << std::setw(10) << "p50 ms" << std::setw(10) << "p99 ms" << std::setw(10)
      << "p99.9 ms" << std::setw(10) << "max ms" << std::setw(12) << "unanswered"
      << "\n"
      << std::fixed;
  for (const KneePoint& point : report.knee.curve) {
    out << "  " << std::setprecision(1) << std::setw(12) << point.due_per_second << std::setw(12)
        << point.answered_per_second << std::setw(14) << point.ams_per_second
        << std::setprecision(3) << std::setw(10) << milliseconds(point.p50) << std::setw(10)
        << milliseconds(point.p99) << std::setw(10) << milliseconds(point.p999) << std::setw(10)
        << milliseconds(point.max) << std::setw(12) << point.unanswered
        << (point.kept ? "  kept" : "");
    if (report.repeats > 1) {
      out << "  (p99 " << milliseconds(point.p99_min) << " to " << milliseconds(point.p99_max)
          << " ms)";
    }
    out << '\n';
  }
  out << '\n';
  const KneePoint* knee = report.knee.point();
  if (knee == nullptr) {
    out << "no rate kept p99 within " << milliseconds(report.p99_at_most) << " ms\n";
    return out.str();
  }
  out << std::setprecision(1) << knee->due_per_second << " requests a second ("
      << knee->ams_per_second << " AMSs) kept p99 within " << std::setprecision(3)
      << milliseconds(report.p99_at_most) << " ms"
      << (report.knee.bounded ? "" : "; no rate was found that did not") << '\n';
  if (report.conditions.servers.empty()) {
    out << "above that rate, figures of this scenario on this machine are not to be believed\n";
  }
  return out.str();
}

}  // namespace rekey::bench::load
