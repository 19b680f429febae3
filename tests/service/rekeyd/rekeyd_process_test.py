#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rekeyd as a process, called by a Python client whose stubs were made from the wire contract."""
import collections
import re
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest

import grpc

from harness import (HEALTH_NOT_SERVING, HEALTH_SERVING, KINDS, KNOWN, PMK, UNITTEST_ARGUMENTS, Rekeyd, admin,
                     columns_request, kd, rows_request, run_to_end)


class KeysTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rekeyd = Rekeyd("--verify", "all", "--log-level", "debug")

    @classmethod
    def tearDownClass(cls):
        code = cls.rekeyd.stop()
        assert code == 0, f"exit code {code}\n{cls.rekeyd.log}"
        for secret in [PMK.hex()] + [key.lower() for known in KNOWN for key in known.keys.values()]:
            assert secret not in cls.rekeyd.log.lower(), "a key in the log"

    def test_rows(self):
        for known in KNOWN:
            response = self.rekeyd.keys.Derive(rows_request(known))
            self.assertEqual(response.profile, known.profile)
            keys = response.items[0]
            self.assertEqual((keys.code, keys.message, keys.reference), (0, "", "one"))
            for kind in KINDS:
                self.assertEqual(getattr(keys, kind).hex(), known.keys.get(kind, "").lower(), kind)
            self.assertEqual([(tek.said, tek.counter, tek.eks, tek.key.hex()) for tek in keys.teks],
                             [(1, i, i, key) for i, key in enumerate(known.teks)])
            self.assertTrue(response.served.verified)

    def check_columns(self, known, response, count):
        self.assertEqual(response.count, count)
        self.assertEqual(response.codes, bytes(count))
        for kind in KINDS:
            self.assertEqual(getattr(response, kind), bytes.fromhex(known.keys.get(kind, "")) * count, kind)
        self.assertEqual(response.teks, bytes.fromhex("".join(known.teks)) * count)

    def test_columns(self):
        for known in KNOWN:
            response = self.rekeyd.keys.DeriveBatch(columns_request(known, count=7))
            self.check_columns(known, response, 7)

    def test_stream(self):
        requests = [columns_request(KNOWN[i % 3], count=i % 4, sequence=i) for i in range(40)]
        seen = set()
        for response in self.rekeyd.keys.DeriveStream(iter(requests)):
            seen.add(response.sequence)
            self.check_columns(KNOWN[response.sequence % 3], response, response.sequence % 4)
        self.assertEqual(seen, set(range(40)))

    def test_malformed_is_invalid_argument_naming_the_field(self):
        request = columns_request(KNOWN[0], count=3)
        request.bsid = b"12345"
        with self.assertRaises(grpc.RpcError) as caught:
            self.rekeyd.keys.DeriveBatch(request)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(caught.exception.details(),
                         "bsid: expected 18 octets (3 x 6) or 6 octets for all, found 5 octets")

    def test_octets_that_are_no_message_do_no_harm(self):
        call = self.rekeyd.channel.unary_unary("/rekey.v1.KeyDerivation/DeriveBatch")
        with self.assertRaises(grpc.RpcError):
            call(b"\xff" * 100)
        self.rekeyd.keys.Derive(rows_request(KNOWN[0]))

    def test_health(self):
        for service in ["", "rekey.v1.KeyDerivation", "rekey.v1.Admin"]:
            self.assertEqual(self.rekeyd.health(service), HEALTH_SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            self.rekeyd.health("no.such.Service")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_reflection_lists_the_services(self):
        call = self.rekeyd.channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        list_services = b"\x3a\x00"
        response = next(iter(call(iter([list_services]), timeout=30)))
        for service in [b"rekey.v1.KeyDerivation", b"rekey.v1.Admin", b"grpc.health.v1.Health"]:
            self.assertIn(service, response)

    def test_capabilities_and_self_test(self):
        capabilities = self.rekeyd.admin.GetCapabilities(admin.GetCapabilitiesRequest())
        states = {engine.name: engine.state for engine in capabilities.engines}
        self.assertEqual(set(states), {"cuda", "simd", "openssl"})
        self.assertEqual(states["openssl"], admin.ENGINE_STATE_SERVING)
        self.assertEqual(sum(engine.preferred for engine in capabilities.engines), 1)
        results = self.rekeyd.admin.SelfTest(admin.SelfTestRequest()).results
        self.assertGreater(len(results), 2)
        for result in results:
            self.assertTrue(result.passed, result)

    def test_many_callers_each_get_their_own(self):
        failures = []

        def call(caller):
            try:
                known = KNOWN[caller % 3]
                for _ in range(5):
                    self.check_columns(known, self.rekeyd.keys.DeriveBatch(columns_request(known, caller)), caller)
            except Exception as failure:  # reported by the main thread
                failures.append(failure)

        callers = [threading.Thread(target=call, args=(i,)) for i in range(24)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        self.assertEqual(failures, [])


class DrainTest(unittest.TestCase):
    def test_both_signals_drain(self):
        for number in [signal.SIGTERM, signal.SIGINT]:
            self.assertEqual(Rekeyd().stop(number), 0)

    def test_under_load_every_call_is_answered_or_refused(self):
        rekeyd = Rekeyd()
        known = KNOWN[1]
        expected = bytes.fromhex(known.keys["ak"]) * 500
        outcomes = collections.Counter()
        lock = threading.Lock()

        def call():
            while True:
                try:
                    response = rekeyd.keys.DeriveBatch(columns_request(known, 500))
                    outcome = "right" if response.ak == expected else "wrong"
                except grpc.RpcError as error:
                    outcome = error.code()
                with lock:
                    outcomes[outcome] += 1
                if outcome != "right":
                    return

        callers = [threading.Thread(target=call) for _ in range(8)]
        for caller in callers:
            caller.start()
        deadline = time.monotonic() + 60
        while outcomes["right"] <= 2 * len(callers) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(rekeyd.stop(), 0, rekeyd.log)
        for caller in callers:
            caller.join()
        self.assertGreater(outcomes["right"], 2 * len(callers))
        # gRPC itself cancels a call that reaches it after it stopped.
        self.assertLessEqual(set(outcomes), {"right", grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})
        self.assertEqual(outcomes[grpc.StatusCode.UNAVAILABLE] + outcomes[grpc.StatusCode.CANCELLED], len(callers))

    def test_a_stream_gets_its_accepted_answers(self):
        rekeyd = Rekeyd()
        known = KNOWN[1]
        stopping = threading.Event()

        def requests():
            sequence = 0
            while not stopping.is_set():
                yield columns_request(known, 100, sequence)
                sequence += 1

        answers = 0
        with self.assertRaises(grpc.RpcError) as caught:
            for response in rekeyd.keys.DeriveStream(requests()):
                self.assertEqual(response.ak[:20].hex(), known.keys["ak"])
                answers += 1
                if answers == 50:
                    rekeyd.process.send_signal(signal.SIGTERM)
        stopping.set()
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertIn("draining", caught.exception.details())
        self.assertEqual(rekeyd.process.wait(60), 0)
        rekeyd.stop()

    def test_while_it_drains_and_a_second_signal(self):
        rekeyd = Rekeyd()
        # Answers that nobody reads keep the drain waiting.
        release = threading.Event()

        def requests():
            for sequence in range(8):
                yield columns_request(KNOWN[0], 65_536, sequence)
            release.wait(60)

        stream = rekeyd.keys.DeriveStream(requests())
        next(stream)
        rekeyd.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 60
        while rekeyd.health() != HEALTH_NOT_SERVING:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(rekeyd.health("rekey.v1.KeyDerivation"), HEALTH_NOT_SERVING)
        # Calls are refused a moment after health says so.
        with self.assertRaises(grpc.RpcError) as caught:
            while time.monotonic() < deadline:
                rekeyd.keys.Derive(rows_request(KNOWN[0]))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertIsNone(rekeyd.process.poll())
        self.assertEqual(rekeyd.stop(), -signal.SIGTERM)
        release.set()
        stream.cancel()


class StartTest(unittest.TestCase):
    def test_plaintext_beyond_this_machine_needs_insecure(self):
        refused = run_to_end("--listen", "0.0.0.0:0")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--insecure", refused.stderr)
        with Rekeyd("--listen", "0.0.0.0:0", "--insecure") as rekeyd:
            rekeyd.keys.Derive(rows_request(KNOWN[0]))
            self.assertEqual(rekeyd.stop(), 0)
            self.assertIn("plaintext", rekeyd.log)

    def test_wrong_usage_exits_with_two(self):
        for flags in [["--no-such-flag"], ["--engine", "abacus"], ["--verify", "some"], ["--listen", "here"],
                      ["--config", "/no/such/file"]]:
            self.assertEqual(run_to_end(*flags).returncode, 2, flags)

    def test_help_and_version(self):
        for flag in ["--help", "--version"]:
            ran = run_to_end(flag)
            self.assertEqual(ran.returncode, 0)
            self.assertIn("rekeyd", ran.stdout)

    def test_a_taken_address_exits_with_one(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            ran = run_to_end("--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("cannot listen", ran.stderr)

    def test_an_engine_that_cannot_serve_exits_with_one(self):
        with Rekeyd() as rekeyd:
            engines = rekeyd.admin.GetCapabilities(admin.GetCapabilitiesRequest()).engines
        absent = [engine for engine in engines if engine.state != admin.ENGINE_STATE_SERVING]
        if not absent:
            self.skipTest("every engine serves on this machine")
        for engine in absent:
            ran = run_to_end("--listen", "127.0.0.1:0", "--engine", engine.name)
            self.assertEqual(ran.returncode, 1)
            self.assertIn(engine.reason, ran.stderr)

    def test_a_forced_engine_really_runs(self):
        for flags, env in [(["--engine", "openssl"], {}), ([], {"REKEY_ENGINE": "openssl"})]:
            with Rekeyd(*flags, env=env) as rekeyd:
                self.assertEqual(rekeyd.keys.Derive(rows_request(KNOWN[0])).served.engine, "openssl")

    def test_the_vector_engine_has_the_threads_asked_for(self):
        for threads, said in [(1, []), (3, ["3 threads"])]:
            with Rekeyd("--engine", "simd", "--verify", "all", "--simd-threads", str(threads)) as rekeyd:
                engines = rekeyd.admin.GetCapabilities(admin.GetCapabilitiesRequest()).engines
                description = next(engine.description for engine in engines if engine.name == "simd")
                self.assertEqual(re.findall(r"\d+ threads", description), said)
                for known in KNOWN:
                    response = rekeyd.keys.DeriveBatch(columns_request(known, 10_000))
                    self.assertEqual(response.served.engine, "simd")
                    self.assertEqual(response.ak, bytes.fromhex(known.keys["ak"]) * 10_000)
                    self.assertEqual(response.teks, bytes.fromhex("".join(known.teks)) * 10_000)

    def test_the_configuration_file_is_read(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write('engine = "openssl"\nverify = "all"\n')
            file.flush()
            with Rekeyd("--config", file.name) as rekeyd:
                served = rekeyd.keys.Derive(rows_request(KNOWN[0])).served
                self.assertEqual((served.engine, served.verified), ("openssl", True))

    def test_memory_cannot_be_dumped(self):
        with Rekeyd() as rekeyd:
            with open(f"/proc/{rekeyd.process.pid}/limits", encoding="ascii") as limits:
                core = next(line for line in limits if line.startswith("Max core file size"))
            self.assertEqual(core.split()[4:6], ["0", "0"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
