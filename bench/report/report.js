// SPDX-License-Identifier: Apache-2.0
// Draws the charts that the page describes in its element `charts`, one for each canvas.
"use strict";
(() => {
  // Okabe and Ito's colours, which the colour-blind tell apart.
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
  const shapes = ["circle", "rect", "triangle", "crossRot", "rectRot", "star", "cross"];
  const manyPoints = 60;
  const paperWidth = 640;  // as in report.css

  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.locale = "en-US";
  Chart.defaults.color = "#1a1a1a";

  const scale = (axis) => ({
    type: axis.logarithmic ? "logarithmic" : "linear",
    title: { display: true, text: axis.title },
  });

  const xySeries = (series, index) => ({
    label: series.name,
    data: series.points,
    borderColor: colours[index % colours.length],
    backgroundColor: colours[index % colours.length],
    borderWidth: 2,
    borderDash: series.draw === "dashed" ? [6, 4] : [],
    showLine: series.draw !== "dots",
    pointStyle: shapes[index % shapes.length],
    pointRadius: series.draw !== "dots" && series.points.length > manyPoints ? 0 : 3,
  });

  const xy = (chart) => ({
    type: "scatter",
    data: { datasets: chart.series.map(xySeries) },
    options: {
      scales: { x: scale(chart.x), y: { ...scale(chart.y), beginAtZero: !chart.y.logarithmic } },
      plugins: { legend: { display: chart.series.length > 1, labels: { usePointStyle: true } } },
    },
  });

  // A long name takes several lines.
  const lines = (most) => (name) => {
    const all = [""];
    for (const word of name.split(/(?<=[ .\[\]_])/)) {
      if (all[all.length - 1].length + word.trimEnd().length > most) all.push("");
      all[all.length - 1] += word;
    }
    return all.filter((line) => line !== "");
  };
  const named = (chart) => ({ callbacks: { title: ([item]) => chart.categories[item.dataIndex] } });

  const bars = (chart) => ({
    type: "bar",
    data: {
      labels: chart.categories.map(lines(18)),
      datasets: chart.series.map((series, index) => ({
        label: series.name,
        data: series.values,
        backgroundColor: colours[index % colours.length],
      })),
    },
    options: {
      scales: { x: { title: { display: true, text: chart.x.title } }, y: scale(chart.y) },
      plugins: { legend: { display: chart.series.length > 1 }, tooltip: named(chart) },
    },
  });

  // A line across the whole chart at one value of the x axis.
  const reference = (value) => ({
    id: "reference",
    afterDatasetsDraw: ({ ctx, chartArea, scales }) => {
      if (value === null) return;
      const x = scales.x.getPixelForValue(value);
      ctx.save();
      ctx.setLineDash([6, 4]);
      ctx.strokeStyle = "#000000";
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
  });

  const ranges = (chart) => ({
    type: "bar",
    data: {
      labels: chart.categories.map(lines(24)),
      datasets: [{ label: chart.x.title, data: chart.ranges, backgroundColor: colours[0],
                   minBarLength: 3, maxBarThickness: 16 }],
    },
    options: {
      indexAxis: "y",
      scales: {
        x: { ...scale(chart.x), beginAtZero: false, grace: "5%",
             suggestedMin: chart.reference, suggestedMax: chart.reference },
        y: { ticks: { autoSkip: false, font: { size: 11 } } },
      },
      plugins: { legend: { display: false }, tooltip: named(chart) },
    },
    plugins: [reference(chart.reference)],
  });

  const kinds = { xy, bars, ranges };
  const canvases = document.querySelectorAll("figure canvas");
  JSON.parse(document.getElementById("charts").textContent).forEach((chart, index) => {
    new Chart(canvases[index], kinds[chart.kind](chart));
  });

  // The browser prints what was drawn for the screen: before that it has to fit the paper.
  const each = (resize) => Object.values(Chart.instances).forEach(resize);
  addEventListener("beforeprint", () => each((chart) => chart.resize(paperWidth, chart.height)));
  addEventListener("afterprint", () => each((chart) => chart.resize()));
})();
