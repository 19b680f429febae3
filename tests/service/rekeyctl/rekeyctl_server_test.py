#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rekeyctl against a running rekeyd, both as processes."""
import argparse
import errno
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--rekeyd", required=True)
PARSER.add_argument("--rekeyctl", required=True)
PARSER.add_argument("--large-wave", type=int, default=100000, help="AMSs of the largest wave")
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()

PROFILES = {
    "16m-draft": [],
    "16m-draft, nonce first": ["--nonce-first"],
    "16m-published": ["--said-octets", "2"],
    "16m-published, no privacy": ["--msid-privacy-off"],
    "legacy-16e": [],
}


class Rekeyd:
    """A running rekeyd on a free port."""

    def __init__(self):
        self.log = tempfile.NamedTemporaryFile()
        self.process = subprocess.Popen([ARGUMENTS.rekeyd, "--listen", "127.0.0.1:0"], stderr=self.log)
        self.address = self.wait_for_address()

    def wait_for_address(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with open(self.log.name, encoding="utf-8") as log:
                found = re.search(r"listening on (\S+:\d+)", log.read())
            if found:
                return found.group(1)
            time.sleep(0.02)
        with open(self.log.name, encoding="utf-8") as log:
            raise AssertionError("rekeyd did not start: " + log.read())

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        if code not in (0, -how):
            with open(self.log.name, encoding="utf-8") as log:
                print(f"rekeyd ended with {code}:\n{log.read()}")
        self.log.close()
        return code


def rekeyctl(*arguments, stdin=""):
    return subprocess.run([ARGUMENTS.rekeyctl, *arguments], input=stdin, capture_output=True, text=True, timeout=200)


def first_lines(text, count):
    return "".join(text.splitlines(keepends=True)[:count])


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Rekeyd()
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        assert cls.server.end() == 0

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def call(self, command, *arguments, stdin=""):
        return rekeyctl(command, "--server", self.server.address, *arguments, stdin=stdin)

    def test_health(self):
        run = self.call("health")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "SERVING\n", ""))

    def test_capabilities(self):
        capabilities = json.loads(self.call("capabilities", "--json").stdout)
        self.assertEqual(capabilities["default_profile"], "16m-draft")
        self.assertEqual([profile["name"] for profile in capabilities["profiles"]],
                         ["16m-draft", "16m-published", "legacy-16e"])
        self.assertEqual(capabilities["profiles"][2]["yields"], ["ak", "akid", "cmac_key_u", "cmac_key_d", "kek"])
        self.assertIn("serving", [engine["state"] for engine in capabilities["engines"]])
        self.assertGreater(capabilities["limits"]["message_octets"], 0)

    def test_self_test(self):
        run = self.call("selftest")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("legacy-16e/2", run.stdout)
        self.assertNotIn("BAD", run.stdout)

    def test_every_rpc_gives_what_this_process_derives(self):
        for name, options in PROFILES.items():
            profile = ["--profile", name.split(",")[0], *options]
            wave = rekeyctl("wave", "--scenario", "uniform", "--count", "5000", *profile).stdout
            derive = [*profile, "--in", "-", "--format", "jsonl"]
            local = rekeyctl("derive", "--local", *derive, stdin=wave)
            self.assertEqual(local.returncode, 0, local.stderr)
            self.assertEqual(local.stdout.count("\n"), 5000)
            # Rows are for a few AMSs; the others are cut into chunks.
            for rpc, amss in [("stream", 5000), ("batch", 5000), ("rows", 200)]:
                with self.subTest(profile=name, rpc=rpc):
                    remote = self.call("derive", "--rpc", rpc, *derive, stdin=first_lines(wave, amss))
                    self.assertEqual(remote.returncode, 0, remote.stderr)
                    self.assertTrue(remote.stdout == first_lines(local.stdout, amss), "the keys differ")

    def test_outputs_and_counters_travel(self):
        wave = rekeyctl("wave", "--count", "50").stdout
        derive = ["--in", "-", "--format", "jsonl", "--outputs", "akid,teks", "--tek-counter", "9"]
        local = rekeyctl("derive", "--local", *derive, stdin=wave)
        for rpc in ["stream", "batch", "rows"]:
            with self.subTest(rpc=rpc):
                remote = self.call("derive", "--rpc", rpc, *derive, stdin=wave)
                self.assertEqual((remote.returncode, remote.stdout), (0, local.stdout), remote.stderr)

    def test_one_ams_from_flags(self):
        run = self.call("derive", "--profile", "legacy-16e", "--pmk-file", "-", "--msid", "001B11C9D50C", "--bsid",
                        "000000000005", "--cmac-key-count", "0", "--ak-sn", "0",
                        stdin="EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94\n")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(json.loads(run.stdout)["kek"], "e09389b8f3391dfec8a99af41da147b9")

    def test_every_key_of_a_large_wave_verifies(self):
        wave, keys, summary = self.path("wave.csv"), self.path("keys.jsonl"), self.path("summary.json")
        amss = ARGUMENTS.large_wave
        rekeyctl("wave", "--scenario", "abs-outage", "--count", str(amss), "--out", wave)
        run = self.call("derive", "--in", wave, "--out", keys, "--verify", "--summary-json", summary)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        with open(summary, encoding="utf-8") as file:
            numbers = json.load(file)
        self.assertEqual(numbers["amss"], amss)
        self.assertEqual(numbers["failed"], 0)
        self.assertEqual(numbers["mismatches"], 0)
        self.assertEqual(numbers["verified"], numbers["keys"])
        self.assertGreater(numbers["keys"], amss * 7)
        self.assertTrue(numbers["engines"])
        with open(keys, "rb") as file:
            lines = [json.loads(line)["line"] for line in file]
        self.assertEqual(lines, list(range(2, amss + 2)), "in the order of the wave")

    def test_a_reader_who_leaves_does_not_hang_the_client(self):
        wave = self.path("left.csv")
        rekeyctl("wave", "--count", "60000", "--out", wave)
        client = subprocess.Popen([ARGUMENTS.rekeyctl, "derive", "--server", self.server.address, "--in", wave],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        client.stdout.readline()
        client.stdout.close()
        self.assertEqual(client.wait(timeout=60), 1)
        self.assertEqual(client.stderr.read(), b"")
        client.stderr.close()


class WithoutServer(unittest.TestCase):
    def test_a_server_that_dies_ends_the_client_with_a_hint(self):
        wave = rekeyctl("wave", "--count", "30000").stdout.splitlines(keepends=True)
        server = Rekeyd()
        client = subprocess.Popen([ARGUMENTS.rekeyctl, "derive", "--server", server.address, "--in", "-", "--format",
                                   "jsonl", "--out", os.devnull, "--out-format", "jsonl"],
                                  stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        client.stdin.write("".join(wave[:10000]))
        client.stdin.flush()
        time.sleep(0.5)
        server.end(signal.SIGKILL)
        _, errors = client.communicate("".join(wave[10000:]), timeout=60)
        self.assertEqual(client.returncode, 5, errors)
        self.assertRegex(errors, r"^rekeyctl: cannot reach 127\.0\.0\.1:\d+: is rekeyd running\? \(rekeyctl health\)$")
        self.assertEqual(errors.count("\n"), 1)

    def test_a_server_that_has_drained_cannot_be_reached(self):
        server = Rekeyd()
        self.assertEqual(server.end(), 0)
        run = rekeyctl("health", "--server", server.address)
        self.assertEqual(run.returncode, 5)
        self.assertIn("is rekeyd running?", run.stderr)


def read_terminal(terminal):
    """All that was written to a terminal that nobody has open any more: the kernel hands it over in parts, and
    reading fails after the last."""
    shown = b""
    try:
        while octets := os.read(terminal, 65536):
            shown += octets
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    return shown


class OnATerminal(unittest.TestCase):
    def start(self, **standard_error):
        return subprocess.Popen([ARGUMENTS.rekeyctl, "derive", "--local", "--in", "-", "--format", "jsonl", "--out",
                                 os.devnull, "--out-format", "jsonl"], stdin=subprocess.PIPE, text=True,
                                **standard_error)

    def feed_slowly(self, client):
        """More than one chunk, then a pause, then more."""
        wave = rekeyctl("wave", "--count", "10000").stdout.splitlines(keepends=True)
        client.stdin.write("".join(wave[:9000]))
        client.stdin.flush()
        time.sleep(1)
        client.stdin.write("".join(wave[9000:]))
        client.stdin.close()
        self.assertEqual(client.wait(timeout=60), 0)

    def test_a_long_wave_shows_progress_and_clears_it(self):
        ours, theirs = os.openpty()
        client = self.start(stderr=theirs)
        os.close(theirs)
        self.feed_slowly(client)
        shown = read_terminal(ours).decode()
        os.close(ours)
        self.assertRegex(shown, r"^\r\x1b\[K[0-9,]+ AMSs, [0-9,]+ a second")
        self.assertTrue(shown.endswith("\r\x1b[K"), shown)

    def test_elsewhere_it_shows_none(self):
        client = self.start(stderr=subprocess.PIPE)
        self.feed_slowly(client)
        self.assertEqual(client.stderr.read(), "")
        client.stderr.close()

    def test_keys_stay_out_of_core_files(self):
        client = self.start(stderr=subprocess.DEVNULL)
        self.addCleanup(client.stdin.close)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        # More than a pipe holds: once it is written, the client is reading, and all is set up.
        client.stdin.write("\n" * 100000)
        client.stdin.flush()
        with open(f"/proc/{client.pid}/limits", encoding="utf-8") as limits:
            self.assertRegex(limits.read(), r"Max core file size +0 +0 ")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS], verbosity=2)
