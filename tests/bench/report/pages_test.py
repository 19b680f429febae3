#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The pages that people look at, in a browser: reports of loads, a comparison, a plan, and rekeyd's status page.

With --screenshots FOLDER it measures for longer and writes the pictures of the documentation there.
"""
import argparse
import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from browser import Browser

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--rekeyd", required=True)
PARSER.add_argument("--rekeyctl", required=True)
PARSER.add_argument("--rekey-bench", required=True)
PARSER.add_argument("--rekey-plan", required=True)
PARSER.add_argument("--scenarios", required=True, type=pathlib.Path)
PARSER.add_argument("--networks", required=True, type=pathlib.Path)
PARSER.add_argument("--screenshots", type=pathlib.Path)
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()

SECONDS = "10" if ARGUMENTS.screenshots else "1"
PHONE, DESKTOP = 390, 1000


def figure(text):
    """The number that a cell shows."""
    return float(text.replace(",", ""))


class PagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.rekeyd = subprocess.Popen(
            [ARGUMENTS.rekeyd, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--contexts-store", "memory"],
            stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.end_rekeyd)
        log = ""
        for line in cls.rekeyd.stderr:
            log += line
            if found := re.search(r"status page at (\S+)", line):
                cls.status = found.group(1)
            if found := re.search(r"listening on (\S+:\d+);", line):
                cls.server = found.group(1)
                break
        else:
            raise AssertionError(log)
        cls.result = cls.load()
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def end_rekeyd(cls):
        cls.rekeyd.terminate()
        cls.rekeyd.communicate(timeout=60)

    @staticmethod
    def run_bench(*arguments):
        return subprocess.run([ARGUMENTS.rekey_bench, *map(str, arguments)], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=120).stdout

    @classmethod
    def load(cls):
        """Runs the outage of one ABS and writes its page; returns the result, which is in `outage.json` as well."""
        text = cls.run_bench("load", ARGUMENTS.scenarios / "one-abs-outage.yaml", "--server", cls.server, "--seconds",
                             SECONDS, "--warm-up", "0.2", "--json", "--html", cls.folder / "outage.html")
        (cls.folder / "outage.json").write_text(text)
        return json.loads(text)

    def open(self, file):
        self.browser.open(f"file://{self.folder / file}", DESKTOP)

    def check_page(self, asked_for):
        """The page complains of nothing, has asked for nothing else, and fits a phone's width."""
        self.assertEqual(self.browser.complaints, [])
        self.assertEqual(set(self.browser.requests) - {asked_for}, set())
        self.browser.resize(PHONE)
        self.browser.wait_for("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    def check_charts(self, count):
        drawn = self.browser.drawn()
        self.assertEqual(len(drawn), count)
        self.assertGreater(min(drawn), 2, "a chart is blank")

    def check_printing(self):
        """Charts have the width of paper on paper, and that of the window afterwards."""
        widths = "[...document.querySelectorAll('canvas')].map((canvas) => canvas.clientWidth)"
        before = self.browser.run(widths)
        self.browser.run(f"addEventListener('beforeprint', () => {{ window.printed = {widths}; }})")
        self.browser.ask("Page.printToPDF")
        self.assertEqual(set(self.browser.run("window.printed")), {640})
        self.assertEqual(self.browser.run(widths), before)

    def screenshot(self, name, width, height=None):
        if ARGUMENTS.screenshots:
            self.browser.resize(width)
            time.sleep(0.5)  # the charts follow the window
            self.browser.screenshot(ARGUMENTS.screenshots / name, height)

    def test_report_of_a_load(self):
        result = self.result
        self.open("outage.html")
        self.check_charts(3)
        self.assertEqual(self.browser.run("JSON.parse(document.getElementById('data').textContent)"), result)
        rows = {row[0]: row[1:] for row in self.browser.rows()}
        self.assertEqual(figure(rows["answered"][0]), result["requests"]["answered"])
        for column, name in enumerate(["mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"]):
            exact = 1e3 * result["latency_seconds"][name]
            self.assertAlmostEqual(figure(rows["latency from due"][column]), exact, delta=5.1e-4 * exact, msg=name)
        # What Chart.js was given to draw.
        drawn = self.browser.run("Object.values(Chart.instances).map((chart) => chart.data.datasets.map("
                                 "(series) => series.data.map((point) => point.y)))")
        intervals = result["timeline"]["intervals"]
        for drawn_rate, interval in zip(drawn[1][0], intervals, strict=True):
            self.assertAlmostEqual(drawn_rate * result["timeline"]["interval_seconds"], interval["answers"], delta=1e-3)
        self.assertEqual(drawn[2][0], [1e3 * one["max_seconds"] if one["answers"] else None for one in intervals])
        self.check_printing()
        self.check_page(f"file://{self.folder}/outage.html")
        self.screenshot("load-report.png", DESKTOP, 1700)
        self.screenshot("load-report-phone.png", PHONE, 1200)

    def test_report_of_several_with_errors(self):
        failed = copy.deepcopy(self.result)
        failed["errors"] = {"UNAVAILABLE": 7, "RESOURCE_EXHAUSTED": 30}
        failed["requests"]["failed"] = 37
        (self.folder / "failed.json").write_text(json.dumps(failed))
        self.run_bench("report", self.folder / "outage.json", self.folder / "failed.json", "--html",
                       self.folder / "several.html")
        self.open("several.html")
        self.check_charts(8)
        bars = self.browser.run("Object.values(Chart.instances).filter((chart) => chart.config.type === 'bar').map("
                                "({data}) => [data.labels.map((lines) => lines.join('')), data.datasets[0].data])")
        self.assertEqual(bars, [[["UNAVAILABLE", "RESOURCE_EXHAUSTED"], [7, 30]]])
        self.check_page(f"file://{self.folder}/several.html")

    def test_comparison(self):
        slower = copy.deepcopy(self.result)
        slower["latency_seconds"]["p50"] *= 3
        (self.folder / "after.json").write_text(json.dumps(slower))
        before, after = self.folder / "outage.json", self.folder / "after.json"
        compared = json.loads(self.run_bench("compare", "--a", before, before, "--b", after, after, "--json", "--html",
                                             self.folder / "comparison.html"))
        self.open("comparison.html")
        self.check_charts(1)
        self.assertEqual(self.browser.run("JSON.parse(document.getElementById('data').textContent)"), compared)
        ranges = self.browser.run("Object.values(Chart.instances)[0].data.datasets[0].data")
        metrics = {metric["metric"]: metric for metric in compared["metrics"]}
        p50 = metrics["latency_seconds/p50"]
        labels = self.browser.run("Object.values(Chart.instances)[0].data.labels.map((label) => label.join(''))")
        low, high = ranges[labels.index("latency p50 (ms)")]
        self.assertAlmostEqual(low, 100 * p50["difference"]["low"] / p50["a"], delta=1e-6)
        self.assertAlmostEqual(high, 100 * p50["difference"]["high"] / p50["a"], delta=1e-6)
        rows = {row[0]: row for row in self.browser.rows()}
        self.assertEqual(rows["latency p50 (ms)"][-1], "B is higher: worse")
        self.assertEqual(rows["latency p90 (ms)"][-1], "no difference shown")
        self.check_page(f"file://{self.folder}/comparison.html")

    def test_plan(self):
        closed = self.folder / "closed.yaml"
        closed.write_text("name: closed\nsource: this test\narrivals: {closed: {in_flight: 1}}\nwarm_up_seconds: 0\n")
        measured = {
            "closed.json": self.run_bench("load", closed, "--server", self.server, "--seconds", "0.3", "--json"),
            "engines.json": self.run_bench("engines", "--sweep", "--seconds", "0.001", "--profile", "16m-draft",
                                           "--json")}
        for name, text in measured.items():
            (self.folder / name).write_text(text)
        # However busy this machine is: there must be a plan to draw.
        network = (ARGUMENTS.networks / "one-abs-outage.yaml").read_text()
        (self.folder / "network.yaml").write_text(re.sub("p99_ms: .*", "p99_ms: 10000", network))
        subprocess.run(
            [ARGUMENTS.rekey_plan, "network", self.folder / "network.yaml", "--machine",
             *(self.folder / name for name in [*measured, "outage.json"]), "--json", self.folder / "plan.json",
             "--html", self.folder / "plan.html"], check=True, stdout=subprocess.DEVNULL, timeout=120)
        self.open("plan.html")
        self.check_charts(2)
        self.assertEqual(self.browser.run("JSON.parse(document.getElementById('data').textContent)"),
                         json.loads((self.folder / "plan.json").read_text()))
        self.check_page(f"file://{self.folder}/plan.html")

    def metric(self, name, labels=""):
        with urllib.request.urlopen(self.status + "metrics", timeout=30) as response:
            text = response.read().decode()
        return sum(float(value) for found, value in re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE)
                   if labels in found)

    def test_status_page_under_a_load(self):
        wave = self.folder / "wave.csv"
        subprocess.run([ARGUMENTS.rekeyctl, "wave", "--count", "50", "--out", wave], check=True)
        subprocess.run([ARGUMENTS.rekeyctl, "contexts", "establish", "--server", self.server, "--in", wave,
                        "--pmk-lifetime", "86400"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        scenario = self.folder / "steady.yaml"
        scenario.write_text("name: steady\nsource: this test\narrivals: {poisson: {per_second: 300}}\n"
                            "callers: {uniform: [1, 8]}\nams_per_request: {weights: {1: 8, 16: 4, 64: 2, 512: 1}}\n")
        self.browser.open(self.status, DESKTOP)
        load = subprocess.Popen([ARGUMENTS.rekey_bench, "load", scenario, "--server", self.server, "--warm-up", "0",
                                 "--seconds", "25" if ARGUMENTS.screenshots else "3"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(load.wait)
        shown = "Number(document.getElementById('{}').textContent.replaceAll(',', ''))"
        self.browser.wait_for(shown.format("items-rate") + " > 1000")
        self.browser.wait_for(shown.format("request-p99") + " > 0")
        if ARGUMENTS.screenshots:
            time.sleep(20)
            self.screenshot("status.png", DESKTOP)
            self.screenshot("status-phone.png", PHONE, 1200)
        self.assertEqual(load.wait(60), 0)

        # What stands still must be what the metrics say.
        derived = self.metric("rekeyd_items_total", 'outcome="derived"')
        self.assertGreater(derived, 1000)
        self.browser.wait_for(shown.format("items-derived") + f" === {derived}")
        for shows, name in {"verified-items": "rekeyd_verified_items_total", "held-items": "rekeyd_held_items",
                            "queued-requests": "rekeyd_queued_requests", "quarantines":
                            "rekeyd_engine_quarantines_total", "callers": "rekeyd_callers"}.items():
            self.assertEqual(self.browser.run(shown.format(shows)), self.metric(name), shows)
        self.assertEqual(self.browser.text("#contexts-states dd[data-state=serving]"), "50")
        self.assertEqual(self.browser.text("#state"), "serving")
        engines = {row[0]: row[1] for row in self.browser.rows()}
        self.assertEqual(set(engines), {"cuda", "simd", "openssl"})
        self.assertIn("serving", engines["openssl"])
        # The bars are of what was counted since the page saw its first sample.
        bars = self.browser.run("[...document.querySelectorAll('#batch-sizes i')].map((bar) => bar.offsetHeight)")
        self.assertGreater(max(bars), 20)
        self.assertEqual(len(bars), 11)
        points = self.browser.run("document.querySelector('#items-chart polyline').getAttribute('points')").split()
        self.assertGreater(len(points), 2)
        self.assertGreater(len({point.split(",")[1] for point in points}), 1, "the line is flat")
        own = {self.status, self.status + "status.css", self.status + "status.js", self.status + "metrics"}
        self.assertEqual(set(self.browser.requests) - own - {"data:,"}, set())
        self.browser.requests.clear()
        self.check_page(self.status + "metrics")

    def test_that_a_broken_page_is_noticed(self):
        (self.folder / "broken.html").write_text(
            "<canvas width=10 height=10></canvas><script src='missing.js'></script><script>nothing()</script>")
        self.open("broken.html")
        self.assertEqual(self.browser.drawn(), [1])
        self.assertEqual(len(self.browser.complaints), 2, self.browser.complaints)
        self.assertEqual(len(self.browser.requests), 2)


class GoneTest(unittest.TestCase):
    def test_status_page_says_that_rekeyd_is_gone(self):
        rekeyd = subprocess.Popen([ARGUMENTS.rekeyd, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"],
                                  stderr=subprocess.PIPE, text=True)
        self.addCleanup(rekeyd.stderr.close)
        self.addCleanup(rekeyd.kill)
        for line in rekeyd.stderr:
            if found := re.search(r"status page at (\S+)", line):
                break
        with Browser() as browser:
            browser.open(found.group(1), PHONE)
            browser.wait_for("document.getElementById('state').textContent === 'serving'")
            self.assertTrue(browser.run("document.getElementById('contexts').hidden"))
            rekeyd.kill()
            rekeyd.wait()
            browser.wait_for("document.getElementById('state').textContent === 'does not answer'")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
