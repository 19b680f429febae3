// SPDX-License-Identifier: Apache-2.0
// Reads /metrics once a second and shows what it says. docs/operations.md lists the metrics.
"use strict";
(() => {
  const periodMs = 1000;
  const patienceMs = 5000;
  const shownMs = 120000;
  const leastShownMs = 20000;
  const windowMs = 10000;

  // The newest last: {ms, series}, series by the metric's name: [{labels, value}].
  let samples = [];

  const at = (id) => document.getElementById(id);
  const show = (id, text) => { at(id).textContent = text; };
  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const count = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const figure = (value) => {
    if (!Number.isFinite(value)) return "-";
    return value < 1000 ? value.toLocaleString("en-US", { maximumSignificantDigits: 3 }) : count(value);
  };

  // Prometheus' text format.
  const parse = (text) => {
    const series = new Map();
    for (const line of text.split("\n")) {
      const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
      if (!found) continue;
      const labels = {};
      for (const [, name, value] of (found[2] || "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
        labels[name] = value.replace(/\\n/g, "\n").replace(/\\(.)/g, "$1");
      }
      if (!series.has(found[1])) series.set(found[1], []);
      series.get(found[1]).push({ labels, value: Number(found[3].replace("Inf", "Infinity")) });
    }
    return series;
  };

  const select = (sample, name, labels = {}) => (sample.series.get(name) || []).filter(
    (one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value));
  const sum = (sample, name, labels) =>
    select(sample, name, labels).reduce((total, one) => total + one.value, 0);
  const values = (sample, name, label) =>
    [...new Set(select(sample, name).map((one) => one.labels[label]))];

  const newest = () => samples[samples.length - 1];
  // The newest sample that is at least that old; the oldest there is, if none.
  const before = (ms) => {
    let found = samples[0];
    for (const sample of samples) if (newest().ms - sample.ms >= ms) found = sample;
    return found;
  };
  const increase = (name, labels, since) =>
    sum(newest(), name, labels) - sum(since, name, labels);
  const rate = (name, labels, to = newest(), since = before(windowMs)) =>
    to === since ? NaN : (sum(to, name, labels) - sum(since, name, labels)) * 1000 / (to.ms - since.ms);

  // What a histogram has counted since: [{bound, count}], not cumulative.
  const buckets = (name, labels, since) => {
    const byBound = new Map();
    for (const [sample, sign] of [[newest(), 1], [since, -1]]) {
      for (const one of select(sample, name + "_bucket", labels)) {
        const bound = one.labels.le === "+Inf" ? Infinity : Number(one.labels.le);
        byBound.set(bound, (byBound.get(bound) || 0) + sign * one.value);
      }
    }
    let below = 0;
    return [...byBound].sort((a, b) => a[0] - b[0]).map(([bound, cumulative]) => {
      const own = cumulative - below;
      below = cumulative;
      return { bound, count: own };
    });
  };

  // As Prometheus estimates it, NaN when nothing was counted.
  const quantile = (q, name, labels) => {
    const all = buckets(name, labels, before(windowMs));
    const total = all.reduce((counted, one) => counted + one.count, 0);
    let rank = q * total;
    let low = 0;
    for (const { bound, count: own } of all) {
      if (own > 0 && rank <= own) return bound === Infinity ? low : low + (bound - low) * rank / own;
      rank -= own;
      if (bound !== Infinity) low = bound;
    }
    return NaN;
  };
  const quantileMs = (q, name, labels) => figure(quantile(q, name, labels) * 1000);

  const draw = (id, points) => {
    const svg = at(id);
    const most = Math.max(...points.map(([, value]) => value), 1e-9);
    const span = Math.max(leastShownMs, newest().ms - samples[0].ms);
    svg.setAttribute("viewBox", `0 0 ${span} 100`);
    svg.setAttribute("preserveAspectRatio", "none");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("points", points.map(
      ([ms, value]) => `${span - (newest().ms - ms)},${98 - 96 * value / most}`).join(" "));
    svg.replaceChildren(line);
  };

  const showCharts = () => {
    const rates = samples.slice(1).map((sample, i) =>
      [sample.ms, rate("rekeyd_items_total", {}, sample, samples[i])]);
    draw("items-chart", rates);
    draw("held-chart", samples.map((sample) => [sample.ms, sum(sample, "rekeyd_held_items")]));
  };

  const short = (bound) => bound >= 1024 && bound % 1024 === 0 ? `${bound / 1024}Ki` : `${bound}`;
  const showBatches = () => {
    const name = "rekeyd_batch_items";
    const batches = rate(name + "_count");
    show("batches-rate", figure(batches));
    show("batch-mean", figure(rate(name + "_sum") / batches));
    const all = buckets(name, {}, samples[0]);
    const most = Math.max(1, ...all.map((one) => one.count));
    at("batch-sizes").replaceChildren(...all.map((one, i) => {
      const column = document.createElement("div");
      const bar = document.createElement("i");
      bar.style.height = `${80 * one.count / most}%`;
      const last = i > 0 ? all[i - 1].bound : 0;
      const bound = one.bound === Infinity ? "more" : short(one.bound);
      column.title = `${count(one.count)} batches of more than ${last} and at most ${one.bound} AMSs`;
      column.append(bar, make("span", bound));
      return column;
    }));
  };

  const stateOf = (engine) => {
    if (sum(newest(), "rekeyd_engine_refused", { engine }) > 0) return ["refused: gave a wrong result", "bad"];
    if (sum(newest(), "rekeyd_engine_serving", { engine }) === 0) return ["not available", ""];
    return sum(newest(), "rekeyd_engine_preferred", { engine }) > 0
      ? ["serving, takes the next batch", "good"] : ["serving", "good"];
  };

  const showEngines = () => {
    at("engines").replaceChildren(...values(newest(), "rekeyd_engine_serving", "engine").map((engine) => {
      const row = document.createElement("tr");
      const [state, className] = stateOf(engine);
      row.dataset.engine = engine;
      row.append(
        make("td", engine), make("td", state, className),
        make("td", figure(rate("rekeyd_batch_items_sum", { engine }))),
        make("td", quantileMs(0.5, "rekeyd_engine_seconds", { engine })),
        make("td", count(sum(newest(), "rekeyd_failed_batches_total", { engine }))),
        make("td", count(sum(newest(), "rekeyd_engine_quarantines_total", { engine }))),
        make("td", count(sum(newest(), "rekeyd_engine_returns_total", { engine }))));
      return row;
    }));
  };

  // A list with a line for each value of a label.
  const showList = (id, name, label) => {
    at(id).replaceChildren(...values(newest(), name, label).flatMap((value) => {
      const figures = make("dd", count(sum(newest(), name, { [label]: value })));
      figures.dataset[label] = value;
      return [make("dt", value), figures];
    }));
  };

  const showContexts = () => {
    const name = "rekeyd_contexts_amss";
    at("contexts").hidden = select(newest(), name).length === 0;
    const absent = sum(newest(), name, { state: "absent" });
    show("contexts-amss", count(sum(newest(), name) - absent));
    showList("contexts-states", name, "state");
    show("contexts-discarded", count(sum(newest(), "rekeyd_contexts_discarded_total")));
    show("contexts-refused", count(sum(newest(), "rekeyd_contexts_refused_total")));
    show("contexts-failures", count(sum(newest(), "rekeyd_contexts_store_failures_total")));
  };

  const duration = (seconds) => {
    const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
    const first = units.findIndex(([, size]) => seconds >= size);
    return units.slice(first < 0 ? 3 : first, first < 0 ? 4 : first + 2).map(([unit, size], i) =>
      `${Math.floor((i === 0 ? seconds : seconds % units[first][1]) / size)} ${unit}`).join(" ");
  };

  const showHeader = () => {
    const version = values(newest(), "rekeyd_build_info", "version")[0] || "";
    const serves = sum(newest(), "rekeyd_engine_serving") > 0;
    const refused = sum(newest(), "rekeyd_engine_refused") > 0;
    show("version", version);
    mark(serves ? (refused ? "serving, with an engine refused" : "serving") : "no engine serves",
         serves && !refused);
    const now = Date.now() / 1000;
    show("uptime", `up ${duration(Math.max(0, now - sum(newest(), "rekeyd_start_time_seconds")))}`);
    const expiry = sum(newest(), "rekeyd_certificate_expiry_seconds");
    show("certificate", expiry === 0 ? "" : expiry < now ? "certificate has expired"
      : `certificate expires in ${duration(expiry - now)}`);
    at("certificate").className = expiry > 0 && expiry - now < 7 * 86400 ? "mark bad" : "";
  };
  const mark = (text, good) => {
    show("state", text);
    at("state").className = good ? "mark good" : "mark bad";
  };

  const render = () => {
    showHeader();
    show("items-rate", figure(rate("rekeyd_items_total")));
    show("requests-rate", figure(rate("rekeyd_requests_total")));
    show("items-derived", count(sum(newest(), "rekeyd_items_total", { outcome: "derived" })));
    show("items-failed", count(sum(newest(), "rekeyd_items_total", { outcome: "failed" })));
    show("request-p50", quantileMs(0.5, "rekeyd_request_seconds"));
    show("request-p99", quantileMs(0.99, "rekeyd_request_seconds"));
    show("held-items", count(sum(newest(), "rekeyd_held_items")));
    show("held-requests", count(sum(newest(), "rekeyd_held_requests")));
    show("held-octets", figure(sum(newest(), "rekeyd_held_octets") / 1048576));
    show("queued-requests", count(sum(newest(), "rekeyd_queued_requests")));
    show("queue-p50", quantileMs(0.5, "rekeyd_queue_age_seconds"));
    show("queue-p99", quantileMs(0.99, "rekeyd_queue_age_seconds"));
    show("open-calls", count(sum(newest(), "rekeyd_open_calls")));
    show("callers", count(sum(newest(), "rekeyd_callers")));
    showCharts();
    showBatches();
    showEngines();
    const verified = sum(newest(), "rekeyd_verified_items_total");
    const derived = sum(newest(), "rekeyd_batch_items_sum");
    show("verified-share", derived === 0 ? "-" : `${figure(100 * verified / derived)} %`);
    show("verified-items", count(verified));
    show("failed-batches", count(sum(newest(), "rekeyd_failed_batches_total")));
    show("quarantines", count(sum(newest(), "rekeyd_engine_quarantines_total")));
    show("rejections-rate", figure(rate("rekeyd_rejections_total")));
    showList("rejections", "rekeyd_rejections_total", "cause");
    showContexts();
  };

  const take = (sample) => {
    // Counters begin anew when rekeyd does.
    const started = "rekeyd_start_time_seconds";
    if (samples.length > 0 && sum(newest(), started) !== sum(sample, started)) samples = [];
    samples.push(sample);
    samples = samples.filter((one) => sample.ms - one.ms <= shownMs);
    render();
  };

  const ask = async () => {
    try {
      const answer = await fetch("metrics", { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
      if (!answer.ok) throw new Error(`${answer.status}`);
      take({ ms: performance.now(), series: parse(await answer.text()) });
    } catch {
      mark("does not answer", false);
    }
  };

  const run = async () => {
    if (!document.hidden) await ask();
    setTimeout(run, periodMs);
  };
  run();
})();
