#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rekeyctl contexts against a running rekeyd: the life of a small wave, as an operator sees it."""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--rekeyd", required=True)
PARSER.add_argument("--rekeyctl", required=True)
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()

TARGET = "000000000006"
KEY = re.compile(r'"(key|ak|cmac_key_u)":"[0-9a-f]+"')


class ContextsTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.rekeyd = subprocess.Popen(
            [ARGUMENTS.rekeyd, "--listen", "127.0.0.1:0", "--contexts-store", "memory"], stderr=subprocess.PIPE,
            text=True)
        self.addCleanup(self.end)
        for line in self.rekeyd.stderr:
            found = re.search(r"listening on (\S+:\d+)", line)
            if found:
                self.server = found.group(1).rstrip(";")
                break
        self.wave = self.folder / "wave.csv"
        self.rekeyctl("wave", "--count", "20", "--out", str(self.wave))
        lines = self.wave.read_text().splitlines()
        column = lines[0].split(",").index("msid")
        self.msids = [line.split(",")[column] for line in lines[1:]]
        self.msids_file = self.folder / "msids.txt"
        self.msids_file.write_text("\n".join(self.msids) + "\n")

    def wave_of_new_pmks(self):
        lines = self.wave.read_text().splitlines()
        column = lines[0].split(",").index("pmk")
        rows = [line.split(",") for line in lines[1:]]
        for row in rows:
            row[column] = row[column][::-1]
        renewed = self.folder / "renewed.csv"
        renewed.write_text("\n".join([lines[0]] + [",".join(row) for row in rows]) + "\n")
        return renewed

    def end(self):
        self.rekeyd.kill()
        self.rekeyd.wait()
        self.rekeyd.stderr.close()

    def rekeyctl(self, *arguments, code=0):
        ran = subprocess.run([ARGUMENTS.rekeyctl, *arguments], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        self.assertIsNone(KEY.search(ran.stderr))
        return ran.stdout if code == 0 else ran.stdout + ran.stderr

    def contexts(self, command, *arguments, code=0):
        return self.rekeyctl("contexts", command, "--server", self.server, *arguments, code=code)

    def all(self, command, *arguments, code=0):
        return self.contexts(command, "--msids-in", str(self.msids_file), *arguments, code=code)

    def json(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def establish(self, *arguments, code=0):
        return self.contexts("establish", "--in", str(self.wave), "--pmk-lifetime", "86400", *arguments, code=code)

    def test_a_wave_is_handed_over(self):
        table = self.establish()
        self.assertEqual(table.count(" serving  "), 40)  # as state and as role
        keys = self.folder / "keys.jsonl"
        shown = self.json(self.all("handover", "--target", TARGET, "--disconnection-time", "60000", "--json",
                                   "--keys-out", str(keys)))
        self.assertEqual([ams["msid"] for ams in shown], self.msids)
        self.assertTrue(all("keys" not in context for ams in shown for context in ams["contexts"]))
        self.assertEqual(keys.stat().st_mode & 0o777, 0o600)
        written = self.json(keys.read_text())
        self.assertEqual({ams["state"] for ams in written}, {"preparing"})
        for ams in written:
            (context,) = ams["contexts"]
            self.assertEqual((context["role"], context["bsid"], context["cmac_key_count"]), ("target", TARGET, 1))
            self.assertEqual(len(context["keys"]["ak"]), 40)
            self.assertEqual([tek["eks"] for tek in context["keys"]["teks"]][:2], [0, 1])
        self.assertIn("preparing", self.all("complete", "--target", "00000000000f", code=3))
        self.all("complete", "--target", TARGET)
        held = self.json(self.all("get", "--keys-out", "-"))
        self.assertEqual([ams["contexts"][0]["keys"] for ams in held],
                         [ams["contexts"][0]["keys"] for ams in written])
        self.assertIsNone(KEY.search(self.all("get", "--json") + self.all("get")))

    def test_the_other_commands(self):
        self.establish()
        first = self.msids[0]
        updated = self.json(self.contexts("update-tek", "--msid", first, "--json"))
        self.assertEqual(updated[0]["code"], 0)
        self.contexts("handover", "--msid", first, "--target", TARGET, "--seamless", "--cmac-key-count", "7",
                      "--entry-before-break", "--disconnection-time", "60000", "--retain-time", "1000")
        self.contexts("cancel", "--msid", first)
        self.assertIn("bit #1", self.contexts("handover", "--msid", first, "--target", TARGET,
                                              "--ho-process-optimization", "0", code=3))
        self.assertIn("another PMK", self.contexts("reauthenticate", "--in", str(self.wave), "--pmk-lifetime", "86400",
                                                   code=3))
        self.contexts("reauthenticate", "--in", str(self.wave_of_new_pmks()), "--pmk-lifetime", "86400")
        (held,) = self.json(self.contexts("get", "--msid", first, "--json"))
        self.assertEqual(sorted(context["role"] for context in held["contexts"]), ["old", "serving"])
        self.contexts("reauthenticate", "--msid", first, "--first-tek-used")
        events = self.json(self.contexts("watch", "--after", "0", "--count", "3", "--json"))
        self.assertEqual([event["cause"] for event in events], ["established"] * 3)
        self.assertIn("established", self.contexts("watch", "--after", "0", "--count", "1"))
        self.all("remove")
        self.assertIn("20 AMSs failed", self.all("get", code=3))

    def test_a_repeated_command_moves_nothing_twice(self):
        self.establish()
        handover = ["--target", TARGET, "--disconnection-time", "60000", "--operation-id", "one", "--json"]
        self.assertEqual(self.all("handover", *handover), self.all("handover", *handover))

    def test_wrong_usage_is_said(self):
        for arguments, text in (
                (["get"], "expected --msid or --msids-in"),
                (["get", "--msid", "12"], "--msid: expected 12 hex digits"),
                (["handover", "--msid", self.msids[0], "--target", "x"], "--target: expected 12 hex digits"),
                (["establish", "--in", str(self.wave)], "--pmk-lifetime: expected a number of seconds"),
                (["establish", "--pmk-lifetime", "1"], "found no")):
            self.assertIn(text, self.contexts(*arguments, code=2))
        self.end()
        self.assertIn("--operation-id", self.establish(code=5))
        self.assertNotIn("--operation-id", self.contexts("get", "--msid", self.msids[0], code=5))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
