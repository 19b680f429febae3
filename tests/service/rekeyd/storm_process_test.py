#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rekeyd under a storm: callers that vanish."""
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from harness import ARGUMENTS, KNOWN, UNITTEST_ARGUMENTS, Rekeyd, columns_request


class StormTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, *flags, **kwargs):
        rekeyd = Rekeyd("--metrics", "127.0.0.1:0", *flags, **kwargs)
        self.addCleanup(rekeyd.close)
        self.metrics_url = rekeyd.wait_for_log(r"metrics at (\S+)").group(1)
        return rekeyd

    def metric(self, name, **labels):
        """The sum of a metric's series that have the labels."""
        with urllib.request.urlopen(self.metrics_url, timeout=30) as response:
            text = response.read().decode()
        total = 0
        for found, value in re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE):
            if all(f'{label}="{wanted}"' in found for label, wanted in labels.items()):
                total += float(value)
        return total

    def wait_for_metric(self, name, at_least=0, at_most=float("inf")):
        deadline = time.monotonic() + 60
        while not at_least <= (found := self.metric(name)) <= at_most:
            self.assertLess(time.monotonic(), deadline, f"{name} is {found}")
            time.sleep(0.005)

    def make_wave(self, count, seed=1, profile="16m-draft"):
        file = self.path(f"wave-{profile}-{count}-{seed}.csv")
        subprocess.run([ARGUMENTS.rekeyctl, "wave", "--count", str(count), "--seed", str(seed), "--profile", profile,
                        "--out", file], check=True, timeout=60)
        return file

    @staticmethod
    def resident_octets(rekeyd):
        with open(f"/proc/{rekeyd.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) * 1024


class VanishTest(StormTest):
    KILLS = 24 if ARGUMENTS.sanitized else 100

    def kill_midway(self, rekeyd, wave, chance, kills):
        """Four clients at a time stream the wave and are killed in the middle of it."""
        flags = ["--server", rekeyd.address, "--in", wave, "--out", os.devnull, "--out-format", "csv"]
        for _ in range(kills // 4):
            clients = [subprocess.Popen([ARGUMENTS.rekeyctl, "derive", *flags], stderr=subprocess.DEVNULL)
                       for _ in range(4)]
            self.wait_for_metric("rekeyd_held_requests", at_least=4)
            time.sleep(chance.uniform(0, 0.05))
            for client in clients:
                client.kill()
            for client in clients:
                client.wait(60)

    def test_clients_that_are_killed_leave_nothing_behind(self):
        # Slow enough that requests wait and answers are under way whenever a client dies.
        rekeyd = self.start("--engine", "openssl", "--verify", "all")
        wave = self.make_wave(60_000)
        chance = random.Random(1)
        self.kill_midway(rekeyd, wave, chance, self.KILLS // 2)
        warm = self.resident_octets(rekeyd)
        self.kill_midway(rekeyd, wave, chance, self.KILLS // 2)
        for what in ["rekeyd_open_calls", "rekeyd_held_requests", "rekeyd_held_items", "rekeyd_held_octets",
                     "rekeyd_queued_requests"]:
            self.wait_for_metric(what, at_most=0)
        cancelled = self.metric("rekeyd_requests_total", code="CANCELLED")
        self.assertGreater(cancelled, self.KILLS // 2, "clients died in the middle")
        if not ARGUMENTS.sanitized:
            # Each of these requests, with its answer, takes more than half a megabyte.
            grown = self.resident_octets(rekeyd) - warm
            self.assertLess(grown, 16 << 20, f"grew by {grown} octets while {cancelled} requests were cancelled")
        response = rekeyd.keys.DeriveBatch(columns_request(KNOWN[1], 3), timeout=60)
        self.assertEqual(response.ak.hex(), KNOWN[1].keys["ak"] * 3)
        # A drain waits for every open call.
        self.assertEqual(rekeyd.stop(), 0, rekeyd.log)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
