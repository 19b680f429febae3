// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_report.h"

#include <iomanip>
#include <sstream>
#include <utility>
#include <vector>

#include "report/conditions.h"
#include "report/figures.h"

namespace rekey::bench::report {
namespace {

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNoDifference:
      return "no difference shown";
    case Verdict::kLower:
      return "lower";
    case Verdict::kHigher:
      return "higher";
    case Verdict::kNotJudged:
      return "not judged";
  }
  return "";
}

std::string verdict_of(const Line& line) {
  if (line.verdict == Verdict::kNoDifference) return name(line.verdict);
  if (line.verdict == Verdict::kNotJudged) return "not judged: one value a side";
  const bool better = (line.verdict == Verdict::kHigher) == line.more_is_better;
  return std::string("B is ") + name(line.verdict) + (better ? ": better" : ": worse");
}

/// A difference as a share of A where that means something, else as it is.
std::string difference(const Line& line, double value) {
  if (line.a == 0) return signed_figure(value * line.unit);
  return signed_figure(value / line.a * 100) + " %";
}

std::vector<std::string> cells(const Line& line) {
  std::vector<std::string> cells = {line.title, figure(line.a * line.unit),
                                    figure(line.b * line.unit), difference(line, line.b - line.a)};
  if (line.difference) {
    cells.push_back(difference(line, line.difference->low));
    cells.push_back(difference(line, line.difference->high));
  } else {
    cells.insert(cells.end(), {"", ""});
  }
  cells.push_back(verdict_of(line));
  return cells;
}

const std::vector<std::string> kColumns = {"metric", "A", "B", "B less A", "from", "to", "verdict"};

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : " | ") + part;
  return all;
}

std::vector<std::string> files(const std::vector<Result>& results) {
  std::vector<std::string> names;
  for (const Result& result : results) names.push_back(result.name);
  return names;
}

/// What the intervals say, and what they do not.
std::string basis(const Comparison& comparison) {
  std::string text =
      "From and to bound the difference: all of them hold together with a probability of 95 % "
      "(Welch's intervals with " +
      figure(comparison.confidence_each * 100) + " % each). ";
  if (comparison.basis == Basis::kRuns) {
    return text + "They compare the means of " + figure(static_cast<double>(comparison.a.size())) +
           " and " + figure(static_cast<double>(comparison.b.size())) + " runs.";
  }
  return text +
         "With one run on each side they compare the tenths of the two timelines: they say "
         "whether these two runs differ, not whether the next two would. Percentiles need several "
         "runs on each side.";
}

std::string summary(const Comparison& comparison) {
  std::vector<std::string> parts;
  bool judged = false;
  for (const Line& line : comparison.lines) {
    judged = judged || line.difference.has_value();
    if (line.verdict == Verdict::kLower || line.verdict == Verdict::kHigher) {
      parts.push_back(line.title + ": " + verdict_of(line) + " by " +
                      difference(line, line.b - line.a));
    }
  }
  if (!judged) return "Nothing could be judged.";
  return parts.empty() ? "No difference shown." : joined(parts);
}

/// The intervals of all that can be told as a share of A.
RangeChart interval_chart(const Comparison& comparison) {
  RangeChart chart{.title = "What bounds the difference, in percent of A",
                   .x = {"B less A (% of A)"},
                   .ranges = {},
                   .reference = 0};
  for (const Line& line : comparison.lines) {
    if (!line.difference || line.a == 0) continue;
    chart.ranges.push_back(
        {line.title, line.difference->low / line.a * 100, line.difference->high / line.a * 100});
  }
  return chart;
}

}  // namespace

std::string to_text(const Comparison& comparison) {
  std::ostringstream out;
  out << "A          " << joined(files(comparison.a)) << "\nB          "
      << joined(files(comparison.b)) << "\nscenario   "
      << condition(comparison.a.front().json, "scenario") << '\n';
  for (const Differing& condition : comparison.differing) {
    out << "differing  " << condition.name << ": A " << joined(condition.a) << "; B "
        << joined(condition.b) << '\n';
  }
  out << '\n';
  const auto row = [&out](const std::vector<std::string>& cells) {
    out << "  " << std::left << std::setw(28) << cells[0] << std::right;
    for (std::size_t i = 1; i + 1 < cells.size(); ++i) out << std::setw(12) << cells[i];
    out << "  " << cells.back() << '\n';
  };
  row(kColumns);
  for (const Line& line : comparison.lines) row(cells(line));
  out << '\n' << basis(comparison) << '\n' << summary(comparison) << '\n';
  return out.str();
}

Json to_json(const Comparison& comparison) {
  Json json = {{"benchmark", "load-comparison"},
               {"a", files(comparison.a)},
               {"b", files(comparison.b)},
               {"basis", comparison.basis == Basis::kRuns ? "runs" : "stretches"},
               {"confidence", kConfidence},
               {"confidence_each", comparison.confidence_each},
               {"differs", comparison.differs()},
               {"differing_conditions", Json::array()},
               {"metrics", Json::array()}};
  for (const Differing& condition : comparison.differing) {
    json["differing_conditions"].push_back(
        {{"name", condition.name}, {"a", condition.a}, {"b", condition.b}});
  }
  for (const Line& line : comparison.lines) {
    Json metric = {{"metric", line.metric}, {"a", line.a}, {"b", line.b}};
    if (line.difference) {
      metric["difference"] = {{"low", line.difference->low}, {"high", line.difference->high}};
    }
    metric["verdict"] = name(line.verdict);
    json["metrics"].push_back(std::move(metric));
  }
  return json;
}

HtmlReport comparison_page(const Comparison& comparison) {
  HtmlReport page("Comparison: " +
                  comparison.a.front().json["scenario"]["name"].get<std::string>());
  page.attach(to_json(comparison));
  page.notice(summary(comparison));
  page.paragraph("A: " + joined(files(comparison.a)));
  page.paragraph("B: " + joined(files(comparison.b)));
  Table table{.columns = kColumns, .rows = {}};
  for (const Line& line : comparison.lines) table.rows.push_back(cells(line));
  page.add(table);
  page.paragraph(basis(comparison));
  if (RangeChart chart = interval_chart(comparison); !chart.ranges.empty()) page.add(chart);
  page.section("Conditions");
  page.paragraph(condition(comparison.a.front().json, "scenario"));
  if (comparison.differing.empty()) {
    page.paragraph("All other conditions that the results name were the same.");
    return page;
  }
  Table differing{.columns = {"differing", "A", "B"}, .rows = {}};
  for (const Differing& condition : comparison.differing) {
    differing.rows.push_back({condition.name, joined(condition.a), joined(condition.b)});
  }
  page.add(differing);
  return page;
}

}  // namespace rekey::bench::report
