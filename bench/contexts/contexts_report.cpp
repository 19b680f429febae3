// SPDX-License-Identifier: Apache-2.0
#include "contexts/contexts_report.h"

#include <iomanip>
#include <sstream>

#include "rekey/profile.h"

namespace rekey::bench {

Json to_json(const ContextsReport& report) {
  Json json = {{"benchmark", "contexts"},
               {"machine", {{"cpu", report.machine.cpu}, {"cpus", report.machine.cpus}}},
               {"profile", to_string(Profile::k16mDraft)},
               {"verify", "sampled"},
               {"cores", nullptr},
               {"directory", report.directory},
               {"ams_per_request", report.amss},
               {"requests", report.requests},
               {"ways", Json::array()}};
  if (report.cores.servers) {
    json["cores"] = {{"servers", *report.cores.servers}, {"client", *report.cores.client}};
  }
  for (const WayFigures& way : report.ways) {
    json["ways"].push_back({{"name", way.name},
                            {"p50_seconds", way.p50},
                            {"p99_seconds", way.p99},
                            {"p999_seconds", way.p999},
                            {"ams_per_second", way.ams_per_second},
                            {"server_cpu_seconds", summary_to_json(way.server_cpu_seconds)},
                            {"times_batch", summary_to_json(way.times_batch)}});
  }
  return json;
}

std::string to_text(const ContextsReport& report) {
  std::ostringstream out;
  out << "machine  " << report.machine.cpu << ", " << report.machine.cpus << " CPUs\n"
      << "servers  ";
  if (report.cores.servers) {
    out << "on core " << *report.cores.servers << ", the client on core " << *report.cores.client;
  } else {
    out << "on the client's core: there is no other";
  }
  out << "; plaintext; rekeyd verifies a sample; RocksDB in " << report.directory << '\n'
      << "request  " << report.amss << " AMSs of 16m-draft with 1 SA of 2 TEKs each, all keys; "
      << report.requests << " of each way, by turns\n"
      << "ways     StartHandover with contexts in memory and durable on RocksDB; DeriveBatch "
         "(columns) and Derive (rows)\n\n"
      << "  " << std::left << std::setw(10) << "way" << std::right << std::setw(10) << "p50 ms"
      << std::setw(10) << "p99 ms" << std::setw(10) << "p99.9 ms" << std::setw(12) << "AMS/s"
      << std::setw(10) << "cpu ms" << std::setw(10) << "batch x" << std::setw(20) << "(min to max)"
      << '\n'
      << std::fixed;
  for (const WayFigures& way : report.ways) {
    out << "  " << std::left << std::setw(10) << way.name << std::right << std::setprecision(2)
        << std::setw(10) << way.p50 * 1e3 << std::setw(10) << way.p99 * 1e3 << std::setw(10)
        << way.p999 * 1e3 << std::setprecision(0) << std::setw(12) << way.ams_per_second
        << std::setprecision(2) << std::setw(10) << way.server_cpu_seconds.median * 1e3
        << std::setw(10) << way.times_batch.median << std::setw(20) << range_text(way.times_batch)
        << '\n';
  }
  return out.str();
}

}  // namespace rekey::bench
