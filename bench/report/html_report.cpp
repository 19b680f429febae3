// SPDX-License-Identifier: Apache-2.0
#include "report/html_report.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <fstream>
#include <string_view>
#include <utility>

#include "json.h"

namespace rekey::embedded {
extern const std::string_view kChartJs;
extern const std::string_view kReportCss;
extern const std::string_view kReportJs;
}  // namespace rekey::embedded

namespace rekey::bench::report {
namespace {

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

/// JSON that no HTML parser finds the end of a script in.
std::string script_data(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

/// Whether nothing but figures is in a column.
bool figures(const Table& table, std::size_t column) {
  return !table.rows.empty() && std::ranges::all_of(table.rows, [&](const auto& row) {
    return row[column].find_first_not_of("0123456789+-.,% x") == std::string::npos;
  });
}

Json axis(const Axis& axis) {
  return {{"title", axis.title}, {"logarithmic", axis.scale == Scale::kLogarithmic}};
}

/// Null where there is nothing to draw.
Json value(double value, const Axis& axis) {
  const bool drawn = std::isfinite(value) && (axis.scale == Scale::kLinear || value > 0);
  return drawn ? Json(value) : Json();
}

const char* name(Draw draw) {
  switch (draw) {
    case Draw::kLine:
      return "line";
    case Draw::kDashed:
      return "dashed";
    case Draw::kDots:
      return "dots";
  }
  return "";
}

}  // namespace

HtmlReport::HtmlReport(std::string title) : title_(std::move(title)) {}

void HtmlReport::section(const std::string& title) {
  body_ += in_section_ ? "</section>\n<section>\n" : "<section>\n";
  body_ += "<h2>" + escaped(title) + "</h2>\n";
  in_section_ = true;
}

void HtmlReport::paragraph(const std::string& text) { body_ += "<p>" + escaped(text) + "</p>\n"; }

void HtmlReport::notice(const std::string& text) {
  body_ += "<p class=\"notice\">" + escaped(text) + "</p>\n";
}

void HtmlReport::add(const Table& table) {
  body_ += "<div class=\"wide\"><table>\n";
  if (!table.caption.empty()) body_ += "<caption>" + escaped(table.caption) + "</caption>\n";
  body_ += "<thead><tr>";
  std::vector<const char*> tags;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    tags.push_back(figures(table, i) ? " class=\"figure\">" : ">");
    body_ += "<th scope=\"col\"";
    body_ += tags[i] + escaped(table.columns[i]) + "</th>";
  }
  body_ += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    assert(row.size() == table.columns.size());
    body_ += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      body_ += "<td";
      body_ += tags[i] + escaped(row[i]) + "</td>";
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody>\n</table></div>\n";
}

void HtmlReport::add(const XyChart& chart) {
  Json curves = Json::array();
  for (const Curve& curve : chart.curves) {
    Json points = Json::array();
    for (const Point& point : curve.points) {
      points.push_back({{"x", value(point.x, chart.x)}, {"y", value(point.y, chart.y)}});
    }
    curves.push_back({{"name", curve.name}, {"draw", name(curve.draw)}, {"points", points}});
  }
  this->chart(
      chart.title,
      {{"kind", "xy"}, {"x", axis(chart.x)}, {"y", axis(chart.y)}, {"series", std::move(curves)}});
}

void HtmlReport::add(const BarChart& chart) {
  Json all = Json::array();
  for (const Bars& bars : chart.series) {
    assert(bars.values.size() == chart.categories.size());
    Json values = Json::array();
    for (const double each : bars.values) values.push_back(value(each, chart.y));
    all.push_back({{"name", bars.name}, {"values", std::move(values)}});
  }
  this->chart(chart.title, {{"kind", "bars"},
                            {"x", axis({chart.x_title})},
                            {"y", axis(chart.y)},
                            {"categories", chart.categories},
                            {"series", std::move(all)}});
}

void HtmlReport::add(const RangeChart& chart) {
  Json categories = Json::array();
  Json ranges = Json::array();
  for (const Range& range : chart.ranges) {
    categories.push_back(range.name);
    ranges.push_back(Json::array({value(range.low, chart.x), value(range.high, chart.x)}));
  }
  this->chart(chart.title,
              {{"kind", "ranges"},
               {"x", axis(chart.x)},
               {"categories", std::move(categories)},
               {"ranges", std::move(ranges)},
               {"reference", chart.reference ? value(*chart.reference, chart.x) : Json()}});
}

void HtmlReport::chart(const std::string& title, const Json& description) {
  // A bar that lies has a line of its own, and a name of up to two.
  const std::size_t lines =
      description["kind"] == "ranges" ? description["categories"].size() + 2 : 0;
  const std::string height =
      lines == 0 ? "" : " style=\"height:" + std::to_string(40 * lines) + "px\"";
  body_ += "<figure>\n<figcaption>" + escaped(title) + "</figcaption>\n<div class=\"chart\"" +
           height + "><canvas role=\"img\" aria-label=\"" + escaped(title) +
           "\"></canvas></div>\n</figure>\n";
  if (!charts_.empty()) charts_ += ",\n";
  charts_ += script_data(description);
}

void HtmlReport::attach(const Json& data) { data_ = script_data(data); }

std::string HtmlReport::html() const {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  html += escaped(title_);
  html += "</title>\n<style>\n";
  html += embedded::kReportCss;
  html += "</style>\n</head>\n<body>\n<h1>" + escaped(title_) + "</h1>\n";
  html += "<noscript><p class=\"notice\">The charts need JavaScript.</p></noscript>\n";
  html += body_;
  if (in_section_) html += "</section>\n";
  html += "<script type=\"application/json\" id=\"data\">" + data_ + "</script>\n";
  html += "<script type=\"application/json\" id=\"charts\">[" + charts_ + "]</script>\n";
  if (!charts_.empty()) {
    html += "<script>\n";
    html += embedded::kChartJs;
    html += "</script>\n<script>\n";
    html += embedded::kReportJs;
    html += "</script>\n";
  }
  html += "</body>\n</html>\n";
  return html;
}

Status HtmlReport::write(const std::string& path) const {
  std::ofstream file(path, std::ios::binary);
  file << html();
  file.close();
  if (!file) return {Code::kUnavailable, path + ": cannot write the page there"};
  return {};
}

}  // namespace rekey::bench::report
