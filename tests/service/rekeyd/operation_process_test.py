#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What operators see of rekeyd and do to it: metrics, audit, logs, reload, drain."""
import json
import os
import re
import signal
import shutil
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

import grpc

from harness import (ARGUMENTS, HEALTH_NOT_SERVING, HEALTH_SERVING, KNOWN, PMK, UNITTEST_ARGUMENTS, FolderTest, Rekeyd,
                     admin, columns_request, rows_request, run_to_end)

DEPLOY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../deploy")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SECRETS = [PMK.hex()] + [key.lower() for known in KNOWN for key in known.keys.values() if len(key) >= 32]


class OperationTest(FolderTest):
    def start(self, *flags, **kwargs):
        rekeyd = Rekeyd(*flags, **kwargs)
        self.addCleanup(rekeyd.close)
        return rekeyd

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self.path(name)


def call_all(rekeyd):
    """One good call of each profile, and a malformed one."""
    for known in KNOWN:
        rekeyd.keys.DeriveBatch(columns_request(known, 10), metadata=[("traceparent", TRACE)])
    bad = columns_request(KNOWN[0])
    bad.bsid = b"short"
    try:
        rekeyd.keys.DeriveBatch(bad)
    except grpc.RpcError:
        pass


class MetricsTest(OperationTest):
    def test_a_scrape_tells_what_happened(self):
        # One engine: which of several derives a batch is a matter of speed.
        engine = "openssl"
        rekeyd = self.start("--metrics", "127.0.0.1:0", "--verify", "all", "--engine", engine, "--contexts-store",
                            "memory")
        url = rekeyd.wait_for_log(r"metrics at (\S+)").group(1)
        call_all(rekeyd)
        with urllib.request.urlopen(url, timeout=30) as response:
            text = response.read().decode()
        for line in [
                'rekeyd_requests_total{code="OK",profile="16m-draft",rpc="KeyDerivation.DeriveBatch"} 1',
                'rekeyd_requests_total{code="INVALID_ARGUMENT",profile="",rpc="KeyDerivation.DeriveBatch"} 1',
                'rekeyd_items_total{outcome="derived",profile="legacy-16e"} 10',
                'rekeyd_rejections_total{cause="malformed"} 1',
                f'rekeyd_batch_items_count{{engine="{engine}",profile="16m-published"}} 1',
                f'rekeyd_verified_items_total{{engine="{engine}",profile="16m-published"}} 10',
                f'rekeyd_engine_serving{{engine="{engine}"}} 1',
                'rekeyd_build_info{version="']:
            self.assertIn(line, text)
        self.check_documents(text)
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                                 timeout=60)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def check_documents(self, text):
        """Alerts, dashboard and documentation speak of metrics that there are."""
        there = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)) | {"rekeyd_certificate_expiry_seconds"}
        for name in ["prometheus/rekeyd.rules.yml", "grafana/rekeyd.json", "../docs/operations.md"]:
            with open(os.path.join(DEPLOY, name), encoding="ascii") as file:
                named = re.findall(r"\brekeyd_\w+", file.read())
            self.assertGreater(len(named), 3, name)
            self.assertEqual({re.sub("_bucket$", "", metric) for metric in named} - there, set(), name)

    def test_people_find_a_page_beside_it(self):
        rekeyd = self.start("--metrics", "127.0.0.1:0")
        address = rekeyd.wait_for_log(r"status page at (http://[^/]+)/").group(1)
        for path, kind in [("/", "text/html"), ("/status.css", "text/css"), ("/status.js", "text/javascript")]:
            with urllib.request.urlopen(address + path, timeout=30) as response:
                self.assertEqual(response.headers.get_content_type(), kind)
                self.assertTrue(response.headers["Content-Security-Policy"].startswith("default-src 'none'"))
                self.assertEqual(len(response.read()), int(response.headers["Content-Length"]))
        for method, path in [("GET", "/nothing"), ("POST", "/"), ("GET", "/../../etc/passwd")]:
            with self.assertRaises(urllib.error.HTTPError):
                urllib.request.urlopen(urllib.request.Request(address + path, method=method), timeout=30)
        # A browser holds connections open on which it asks for nothing: Prometheus must get through.
        host, port = address.removeprefix("http://").rsplit(":", 1)
        idle = [socket.create_connection((host, int(port))) for _ in range(6)]
        with urllib.request.urlopen(address + "/metrics", timeout=30) as response:
            self.assertIn(b"rekeyd_build_info", response.read())
        for connection in idle:
            connection.close()

    def test_prometheus_scrapes_it_and_knows_the_rules(self):
        rekeyd = self.start("--metrics", "127.0.0.1:0")
        target = rekeyd.wait_for_log(r"metrics at http://([^/\s]+)").group(1)
        call_all(rekeyd)
        with open(os.path.join(DEPLOY, "prometheus/prometheus.yml"), encoding="ascii") as file:
            config = file.read().replace("127.0.0.1:7317", target).replace("15s", "5s")
        shutil.copy(os.path.join(DEPLOY, "prometheus/rekeyd.rules.yml"), self.folder.name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        with open(self.path("prometheus.log"), "wb") as log:
            prometheus = subprocess.Popen(
                ["prometheus", "--config.file", self.write("prometheus.yml", config), "--web.listen-address", address,
                 "--storage.tsdb.path", self.path("data")], stdout=log, stderr=log)
        self.addCleanup(prometheus.wait)
        self.addCleanup(prometheus.kill)

        def ask(what):
            with urllib.request.urlopen(f"http://{address}/api/v1/{what}", timeout=30) as response:
                return json.load(response)["data"]
        deadline = time.monotonic() + 120
        result = []
        while not result and time.monotonic() < deadline:
            time.sleep(0.5)
            try:
                result = ask("query?query=sum(rekeyd_items_total)")["result"]
            except OSError:
                pass
        self.assertEqual([sample["value"][1] for sample in result], ["30"])
        self.assertEqual(ask("query?query=up")["result"][0]["value"][1], "1")
        rules = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
        self.assertGreater(len(rules), 5)
        self.assertEqual([rule["name"] for rule in rules if rule.get("lastError")], [])

    def test_off_unless_asked_for(self):
        rekeyd = self.start()
        self.assertEqual(rekeyd.stop(), 0)
        self.assertNotIn("metrics at", rekeyd.log)

    def test_an_address_that_is_taken_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            ran = run_to_end("--listen", "127.0.0.1:0", "--metrics", address)
        self.assertEqual(ran.returncode, 1)
        self.assertIn(f"cannot listen on {address} for metrics", ran.stderr)


class AuditTest(OperationTest):
    def lines(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return [json.loads(line) for line in file]

    def test_one_line_a_call_and_no_keys(self):
        rekeyd = self.start("--audit", self.path("audit.jsonl"), "--verify", "all")
        call_all(rekeyd)
        # One after the other: answers of a stream may come in any order.
        answered = threading.Event()

        def requests():
            yield columns_request(KNOWN[1], 2)
            answered.wait(30)
            yield columns_request(KNOWN[1], 3)

        for _ in rekeyd.keys.DeriveStream(requests()):
            answered.set()
        rekeyd.admin.GetCapabilities(admin.GetCapabilitiesRequest())
        lines = self.lines("audit.jsonl")
        self.assertEqual([line["rpc"] for line in lines],
                         4 * ["KeyDerivation.DeriveBatch"] + 2 * ["KeyDerivation.DeriveStream"] +
                         ["Admin.GetCapabilities"])
        self.assertEqual([line["items"] for line in lines], [10, 10, 10, 0, 2, 3, 0])
        self.assertEqual([line["code"] for line in lines], [0, 0, 0, 3, 0, 0, 0])
        self.assertEqual({line["who"] for line in lines}, {"127.0.0.1"})
        self.assertEqual([line.get("traceparent") for line in lines], 3 * [TRACE] + 4 * [None])
        self.assertTrue(lines[0]["verified"])
        with open(self.path("audit.jsonl"), encoding="ascii") as file:
            text = file.read().lower()
        for secret in SECRETS:
            self.assertNotIn(secret, text)

    def test_no_key_leaves_without_a_line_where_it_is_required(self):
        rekeyd = self.start("--audit", "/dev/full", "--audit-required")
        with self.assertRaises(grpc.RpcError) as caught:
            rekeyd.keys.Derive(rows_request(KNOWN[0]))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertIn("audit log", caught.exception.details())
        rekeyd.wait_for_log("audit: cannot write /dev/full: No space left on device")

    def test_otherwise_answers_leave_and_the_log_says_so_once(self):
        rekeyd = self.start("--audit", "/dev/full")
        for _ in range(3):
            rekeyd.keys.Derive(rows_request(KNOWN[0]))
        self.assertEqual(rekeyd.stop(), 0)
        self.assertEqual(rekeyd.log.count("audit: cannot write"), 1)

    def test_it_goes_on_when_a_full_disk_has_room_again(self):
        folder = self.path("disk")
        os.mkdir(folder)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("this user may not mount a small disk: " + mounted.stderr.decode().strip())
        self.addCleanup(lambda: subprocess.run(["umount", "-l", folder], check=True))
        rekeyd = self.start("--audit", os.path.join(folder, "audit.jsonl"),
                            "--audit-required")
        codes = set()
        for _ in range(200):
            try:
                rekeyd.keys.Derive(rows_request(KNOWN[0]))
            except grpc.RpcError as error:
                codes.add(error.code())
        self.assertEqual(codes, {grpc.StatusCode.UNAVAILABLE})
        os.rename(os.path.join(folder, "audit.jsonl"), os.path.join(folder, "old.jsonl"))
        shutil.move(os.path.join(folder, "old.jsonl"), self.path("old.jsonl"))
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log("reloaded")
        rekeyd.keys.Derive(rows_request(KNOWN[0]))
        self.assertEqual(len(self.lines("disk/audit.jsonl")), 1)
        with open(self.path("old.jsonl"), encoding="ascii") as file:
            whole = [line for line in file if line.endswith("}\n")]
        self.assertGreater(len(whole), 10)

    def test_a_hangup_opens_the_file_anew(self):
        rekeyd = self.start("--audit", self.path("audit.jsonl"))
        rekeyd.keys.Derive(rows_request(KNOWN[0]))
        os.rename(self.path("audit.jsonl"), self.path("audit.jsonl.1"))
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log("reloaded")
        rekeyd.keys.Derive(rows_request(KNOWN[0]))
        self.assertEqual((len(self.lines("audit.jsonl.1")), len(self.lines("audit.jsonl"))), (1, 1))


class LogTest(OperationTest):
    def test_json_lines_carry_the_trace(self):
        rekeyd = self.start("--log-format", "json", "--log-level", "debug")
        call_all(rekeyd)
        self.assertEqual(rekeyd.stop(), 0)
        lines = [json.loads(line) for line in rekeyd.log.splitlines()]
        calls = [line for line in lines if "KeyDerivation.DeriveBatch by 127.0.0.1" in line["message"]]
        self.assertEqual([line.get("trace_id") for line in calls], 3 * [TRACE[3:35]] + [None])
        self.assertIn("bsid: expected", calls[3]["message"])

    def test_a_reload_takes_what_it_can_and_names_what_waits(self):
        config = self.write("rekeyd.toml", 'log-level = "info"\n')
        rekeyd = self.start("--config", config)
        self.write("rekeyd.toml", 'log-level = "debug"\nverify = "all"\n')
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log("changed, but taken only at a restart: verify")
        rekeyd.keys.Derive(rows_request(KNOWN[0]))
        rekeyd.wait_for_log("KeyDerivation.Derive by")

    def test_a_reload_takes_bounds_and_shares(self):
        config = self.write("rekeyd.toml", "caller-items = 100\n")
        rekeyd = self.start("--config", config)

        def code(items):
            try:
                rekeyd.keys.DeriveBatch(columns_request(KNOWN[1], items))
                return grpc.StatusCode.OK
            except grpc.RpcError as error:
                return error.code()
        refused = grpc.StatusCode.RESOURCE_EXHAUSTED
        self.assertEqual([code(100), code(101)], [grpc.StatusCode.OK, refused])
        self.write("rekeyd.toml", 'share = ["127.0.0.1:rate=1,burst=200"]\n')
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log("reloaded")
        self.assertEqual([code(101), code(100), code(1)], [grpc.StatusCode.OK, grpc.StatusCode.OK, refused])

    def test_a_bad_reload_changes_nothing(self):
        config = self.write("rekeyd.toml", 'log-level = "info"\n')
        rekeyd = self.start("--config", config)
        self.write("rekeyd.toml", 'log-level = "debug"\nverify = "most"\n')
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log(r"reload refused, nothing has changed: .*rekeyd.toml:2: verify: expected off, sampled or "
                            r"all, found 'most'")
        rekeyd.keys.Derive(rows_request(KNOWN[0]))
        self.assertEqual(rekeyd.stop(), 0)
        self.assertNotIn("KeyDerivation.Derive by", rekeyd.log)


class AdminTest(OperationTest):
    def test_an_operator_can_drain_it(self):
        rekeyd = self.start()
        rekeyd.admin.Drain(admin.DrainRequest())
        self.assertEqual(rekeyd.process.wait(60), 0)

    def test_asking_for_a_drain_twice_does_no_harm(self):
        rekeyd = self.start("--lame-duck", "2")
        for _ in range(3):
            rekeyd.admin.Drain(admin.DrainRequest())
        self.assertEqual(rekeyd.process.wait(60), 0)

    def test_a_lame_duck_serves_but_says_it_is_not_ready(self):
        rekeyd = self.start("--lame-duck", "3")
        watch = rekeyd.channel.unary_stream("/grpc.health.v1.Health/Watch")
        service = b"rekey.v1.KeyDerivation"
        states = watch(b"\x0a" + bytes([len(service)]) + service, timeout=60)
        self.assertEqual(next(states), HEALTH_SERVING)
        rekeyd.process.send_signal(signal.SIGTERM)
        self.assertEqual(next(states), HEALTH_NOT_SERVING)
        rekeyd.keys.Derive(rows_request(KNOWN[0]))
        states.cancel()
        self.assertEqual(rekeyd.process.wait(60), 0)

    def test_a_drain_gives_up_at_its_limit(self):
        rekeyd = self.start("--drain-limit", "1", "--log-level", "debug")
        release = threading.Event()

        def requests():
            for sequence in range(8):
                request = columns_request(KNOWN[1], 65_536, sequence)
                request.tek_counters.extend(range(16))
                yield request
            release.wait(60)
        # Answers that nobody reads, far more than a connection buffers, keep the drain waiting.
        stream = rekeyd.keys.DeriveStream(requests())
        next(stream)
        rekeyd.wait_for_log(r"(?s)(DeriveStream by.*){4}")
        self.assertEqual(rekeyd.stop(), 1, rekeyd.log)
        self.assertRegex(rekeyd.log, "calls were still open after 1 s")
        release.set()

    def rekeyctl(self, rekeyd, *arguments):
        return subprocess.run([ARGUMENTS.rekeyctl, *arguments, "--server", rekeyd.address], capture_output=True,
                              text=True, timeout=60)

    def test_rekeyctl_pins_shows_and_drains(self):
        rekeyd = self.start()
        self.assertEqual(self.rekeyctl(rekeyd, "pin", "openssl").returncode, 0)
        self.assertEqual(rekeyd.keys.Derive(rows_request(KNOWN[0])).served.engine, "openssl")
        wrong = self.rekeyctl(rekeyd, "pin", "abacus")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("engine: expected one of auto,", wrong.stderr)
        call_all(rekeyd)
        top = self.rekeyctl(rekeyd, "top", "--screens", "2", "--interval", "0.2")
        self.assertEqual((top.returncode, top.stderr), (0, ""))
        self.assertEqual(top.stdout.count("AMSs a second"), 2)
        self.assertRegex(top.stdout, r"openssl serves \(preferred\)")
        self.assertRegex(top.stdout, r"refused since the start +malformed 2\n")
        self.assertEqual(self.rekeyctl(rekeyd, "drain").returncode, 0)
        self.assertEqual(rekeyd.process.wait(60), 0)
        self.assertEqual(self.rekeyctl(rekeyd, "drain").returncode, 5)

    def test_an_engine_is_pinned(self):
        rekeyd = self.start()
        answer = rekeyd.admin.PinEngine(admin.PinEngineRequest(engine="openssl"))
        self.assertEqual([engine.name for engine in answer.engines if engine.preferred], ["openssl"])
        self.assertEqual(rekeyd.keys.Derive(rows_request(KNOWN[0])).served.engine, "openssl")
        with self.assertRaises(grpc.RpcError) as caught:
            rekeyd.admin.PinEngine(admin.PinEngineRequest(engine="abacus"))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)


class MemoryTest(OperationTest):
    @staticmethod
    def locked_kilobytes(rekeyd):
        with open(f"/proc/{rekeyd.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmLck:\s+(\d+) kB", status.read()).group(1))

    @staticmethod
    def without_the_capability(*flags):
        return subprocess.run(
            ["setpriv", "--inh-caps=-ipc_lock", "--bounding-set=-ipc_lock", "prlimit", "--memlock=8388608",
             ARGUMENTS.rekeyd, "--listen", "127.0.0.1:0", *flags], capture_output=True, text=True, timeout=60)

    def test_memory_is_locked_where_it_may_be(self):
        if ARGUMENTS.sanitized:
            self.skipTest("sanitizers switch locking off")
        try:
            rekeyd = self.start("--lock-memory", "require")
        except AssertionError as refused:
            if "RLIMIT_MEMLOCK" not in str(refused):
                raise
            self.skipTest("this user may not lock memory without a limit")
        before = self.locked_kilobytes(rekeyd)
        self.assertGreater(before, 10_000)
        rekeyd.keys.DeriveBatch(columns_request(KNOWN[1], 65_536))
        self.assertGreater(self.locked_kilobytes(rekeyd), before, "what is asked for later is locked too")
        self.assertEqual(self.locked_kilobytes(self.start("--lock-memory", "off")), 0)

    def test_where_it_may_not_be_it_says_what_to_raise(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give the capability away")
        ran = self.without_the_capability("--lock-memory", "require")
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertIn("cannot start: lock-memory: expected no limit on locked memory (LimitMEMLOCK=infinity",
                      ran.stderr)
        self.assertIn("found RLIMIT_MEMLOCK at 8388608 octets", ran.stderr)


class RulesTest(unittest.TestCase):
    def test_alerts_fire_when_they_should(self):
        folder = os.path.join(DEPLOY, "prometheus")
        for command in [["check", "rules", "rekeyd.rules.yml"], ["test", "rules", "rekeyd.rules.test.yml"],
                        ["check", "config", "prometheus.yml"]]:
            ran = subprocess.run(["promtool", *command], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
