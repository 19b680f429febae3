#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The unit of systemd: well formed, hardened, and rekeyd speaks its protocol."""
import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--rekeyd", required=True)
PARSER.add_argument("--deploy", required=True)
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()
UNIT = os.path.join(ARGUMENTS.deploy, "systemd/rekeyd.service")


class UnitFileTest(unittest.TestCase):
    def test_it_is_hardened(self):
        ran = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", UNIT],
                             capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertRegex(ran.stdout, r"Overall exposure level for rekeyd.service: [0-9.]+ OK")

    def test_it_is_well_formed(self):
        with open(UNIT, encoding="ascii") as file:
            unit = file.read()
        with tempfile.TemporaryDirectory() as folder:
            here = os.path.join(folder, "rekeyd.service")
            with open(here, "w", encoding="ascii") as file:
                file.write(unit.replace("/usr/bin/rekeyd", ARGUMENTS.rekeyd))
            ran = subprocess.run(["systemd-analyze", "verify", "--man=no", here], capture_output=True, text=True,
                                 timeout=60)
        self.assertEqual([line for line in ran.stderr.splitlines() if "rekeyd.service" in line], [])

    def test_the_configuration_it_names_is_good(self):
        config = os.path.join(ARGUMENTS.deploy, "rekeyd.toml")
        ran = subprocess.run([ARGUMENTS.rekeyd, "--config", config, "--check-config"], capture_output=True, text=True,
                             timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        # With what it has commented out, too, but for files that are not here.
        with open(config, encoding="ascii") as file:
            whole = re.sub(r"^# ([a-z-]+ = )", r"\1", file.read(), flags=re.MULTILINE)
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(whole)
            file.flush()
            ran = subprocess.run([ARGUMENTS.rekeyd, "--config", file.name, "--check-config"], capture_output=True,
                                 text=True, timeout=60)
        self.assertTrue(ran.stderr.startswith("tls-cert: expected PEM in /etc/rekeyd/server.pem"), ran.stderr)


class NotifyTest(unittest.TestCase):
    def test_it_tells_when_it_is_ready_alive_and_stopping(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            path = os.path.join(folder, "notify")
            manager.bind(path)
            manager.settimeout(60)
            rekeyd = subprocess.Popen(
                [ARGUMENTS.rekeyd, "--listen", "127.0.0.1:0"], stderr=subprocess.DEVNULL,
                env={**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"})
            try:
                self.assertIn(b"READY=1", manager.recv(4096))
                for _ in range(3):
                    self.assertEqual(manager.recv(4096), b"WATCHDOG=1")
                rekeyd.send_signal(signal.SIGTERM)
                said = b"WATCHDOG=1"
                while said == b"WATCHDOG=1":
                    said = manager.recv(4096)
                self.assertIn(b"STOPPING=1", said)
                self.assertEqual(rekeyd.wait(60), 0)
            finally:
                rekeyd.kill()
                rekeyd.wait()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
