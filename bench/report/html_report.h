// SPDX-License-Identifier: Apache-2.0
//
// Writes one HTML page with text, tables and charts that needs nothing but itself: Chart.js is in
// it, and so are the data. It works offline, asks for nothing over the network (its own policy
// forbids that), prints, and fits a phone.
//
//     HtmlReport page("Plan for the one-ABS outage");
//     page.section("Servers needed");
//     page.paragraph("Measured on AMD EPYC, 2 CPUs.");
//     page.add(Table{.columns = {"case", "servers"}, .rows = {{"one cell", "1"}}});
//     page.add(XyChart{.title = "p99 over load",
//                      .x = {"requests a second", Scale::kLogarithmic},
//                      .y = {"p99 (ms)"},
//                      .curves = {{"measured", points}, {"modelled", more, Draw::kDashed}}});
//     page.attach(json);
//     Status status = page.write("plan.html");
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "rekey/status.h"

namespace rekey::bench::report {

/// Table has as many cells in a row as columns. A column with nothing but figures is set to
/// the right.
struct Table {
  std::string caption{};  ///< empty: none
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

enum class Scale { kLinear, kLogarithmic };

/// Axis has its unit in its title: `latency (ms)`. What is not above zero is left out of a
/// logarithmic one.
struct Axis {
  std::string title;
  Scale scale = Scale::kLinear;
};

struct Point {
  double x = 0;
  double y = 0;
};

enum class Draw {
  kLine,
  kDashed,  ///< a line: bounds, objectives, and what was modelled rather than measured
  kDots,
};

/// Curve is drawn in the order of its points. A value that is no number is a gap.
struct Curve {
  std::string name;
  std::vector<Point> points;
  Draw draw = Draw::kLine;
};

/// XyChart has lines and dots over two axes of numbers.
struct XyChart {
  std::string title;
  Axis x;
  Axis y;
  std::vector<Curve> curves;
};

struct Bars {
  std::string name;
  std::vector<double> values;  ///< one for each category
};

/// BarChart has upright bars over categories, those of several series side by side.
struct BarChart {
  std::string title;
  std::string x_title;
  Axis y;
  std::vector<std::string> categories;
  std::vector<Bars> series;
};

struct Range {
  std::string name;
  double low = 0;
  double high = 0;
};

/// RangeChart has a lying bar from `low` to `high` for each range, one below the other: confidence
/// intervals, or what comes out when one assumption is varied.
struct RangeChart {
  std::string title;
  Axis x;
  std::vector<Range> ranges;
  std::optional<double> reference{};  ///< a line across all of them
};

/// HtmlReport collects a page from top to bottom. All text is plain and is escaped.
class HtmlReport {
 public:
  explicit HtmlReport(std::string title);

  /// section begins a part of the page with a heading.
  void section(const std::string& title);
  void paragraph(const std::string& text);
  /// notice is a paragraph that must not be overlooked.
  void notice(const std::string& text);
  void add(const Table& table);
  void add(const XyChart& chart);
  void add(const BarChart& chart);
  void add(const RangeChart& chart);

  /// attach puts what the page was made from into it, as
  /// `<script type="application/json" id="data">`; the last one attached counts.
  void attach(const nlohmann::ordered_json& data);

  /// html returns the page.
  [[nodiscard]] std::string html() const;
  /// write writes the page to a file. kUnavailable, naming the file, when it cannot.
  [[nodiscard]] Status write(const std::string& path) const;

 private:
  /// Places the chart that `description` tells page.js about.
  void chart(const std::string& title, const nlohmann::ordered_json& description);

  std::string title_;
  std::string body_;
  std::string charts_;  ///< JSON objects with commas between them
  std::string data_ = "null";
  bool in_section_ = false;
};

}  // namespace rekey::bench::report
