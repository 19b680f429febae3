#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rekeyd under mutual TLS: who gets in, what each may call, and certificates that change while it runs."""
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

import grpc

from authority import Authority, channel_credentials
from harness import (ARGUMENTS, HEALTH_SERVING, KNOWN, UNITTEST_ARGUMENTS, FolderTest, Rekeyd, admin, admin_pb2_grpc,
                     columns_request, key_derivation_pb2_grpc, rows_request, run_to_end)

SERVER_NAMES = "DNS:localhost,IP:127.0.0.1"
DERIVE = "/rekey.v1.KeyDerivation/Derive"


class TlsTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder.name)
        self.server_files = self.authority.issue("rekeyd.example", SERVER_NAMES)
        self.config = self.path("rekeyd.toml")
        self.write_config()

    def write_config(self, **changes):
        settings = {"tls-cert": self.server_files[0], "tls-key": self.server_files[1], "tls-ca": self.authority.ca,
                    "allow-derive": ["gateway.example"], "allow-operate": ["operator.example"], **changes}
        with open(self.config, "w", encoding="ascii") as file:
            for name, value in settings.items():
                file.write(f"{name} = {value!r}\n")

    def client(self, name, authority=None, **issue):
        files = (authority or self.authority).issue(name, **issue)
        return channel_credentials(self.authority.ca, *files)

    def start(self, **kwargs):
        rekeyd = Rekeyd("--config", self.config, **kwargs)
        self.addCleanup(rekeyd.close)
        return rekeyd

    def call(self, rekeyd, credentials, call):
        """The code that a call on a connection of its own ends with."""
        with rekeyd.open_channel(credentials) as channel:
            try:
                call(channel)
                return grpc.StatusCode.OK
            except grpc.RpcError as error:
                self.details = error.details()
                return error.code()

    @staticmethod
    def derive(channel):
        return key_derivation_pb2_grpc.KeyDerivationStub(channel).Derive(rows_request(KNOWN[1]), timeout=30)

    @staticmethod
    def capabilities(channel):
        return admin_pb2_grpc.AdminStub(channel).GetCapabilities(admin.GetCapabilitiesRequest(), timeout=30)

    @staticmethod
    def self_test(channel):
        return admin_pb2_grpc.AdminStub(channel).SelfTest(admin.SelfTestRequest(), timeout=60)

    @staticmethod
    def health(channel):
        assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=30) == HEALTH_SERVING


class RolesTest(TlsTest):
    def test_each_role_opens_what_is_its_own(self):
        rekeyd = self.start()
        ok, denied = grpc.StatusCode.OK, grpc.StatusCode.PERMISSION_DENIED
        nobody = {"derive": denied, "capabilities": denied, "self_test": denied, "health": ok}
        gateway = {"derive": ok, "capabilities": ok, "self_test": denied, "health": ok}
        operator = {"derive": denied, "capabilities": ok, "self_test": ok, "health": ok}
        for client, expected in [
                (self.client("gateway.example"), gateway),
                (self.client("gateway-7", alternative="DNS:other.example,DNS:gateway.example"), gateway),
                (self.client("operator.example"), operator),
                (self.client("stranger.example"), nobody),
                (self.client(""), nobody)]:
            found = {name: self.call(rekeyd, client, getattr(self, name)) for name in expected}
            self.assertEqual(found, expected)
        self.assertEqual(rekeyd.stop(), 0)

    def test_a_refusal_says_who_what_and_which_role(self):
        rekeyd = self.start()
        code = self.call(rekeyd, self.client("stranger.example"), self.derive)
        self.assertEqual((code, self.details), (
            grpc.StatusCode.PERMISSION_DENIED,
            f"stranger.example may not call {DERIVE}: that takes the role derive"))

    def test_a_stream_is_refused_too(self):
        rekeyd = self.start()

        def stream(channel):
            requests = iter([columns_request(KNOWN[1])])
            list(key_derivation_pb2_grpc.KeyDerivationStub(channel).DeriveStream(requests, timeout=30))
        self.assertEqual(self.call(rekeyd, self.client("operator.example"), stream), grpc.StatusCode.PERMISSION_DENIED)
        self.assertEqual(self.call(rekeyd, self.client("gateway.example"), stream), grpc.StatusCode.OK)

    def test_roles_that_are_taken_away_are_gone_at_the_next_call(self):
        rekeyd = self.start()
        with rekeyd.open_channel(self.client("gateway.example")) as channel:
            self.derive(channel)
            self.write_config(**{"allow-derive": ["other.example"]})
            rekeyd.process.send_signal(signal.SIGHUP)
            rekeyd.wait_for_log("reloaded")
            with self.assertRaises(grpc.RpcError) as caught:
                self.derive(channel)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
        self.assertEqual(self.call(rekeyd, self.client("other.example"), self.derive), grpc.StatusCode.OK)


class HandshakeTest(TlsTest):
    def test_who_has_no_good_certificate_does_not_get_in(self):
        rekeyd = self.start()
        unknown = Authority(self.folder.name, "unknown")
        for name, credentials in {
                "wrong": self.client("gateway.example", authority=unknown),
                "expired": self.client("gateway.example", days=-1),
                "none": channel_credentials(self.authority.ca),
                "plaintext": None}.items():
            with self.subTest(name):
                self.assertEqual(self.call(rekeyd, credentials, self.health), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(self.call(rekeyd, self.client("gateway.example"), self.derive), grpc.StatusCode.OK)

    def test_a_client_refuses_a_server_of_another_authority(self):
        rekeyd = self.start()
        unknown = Authority(self.folder.name, "unknown")
        credentials = channel_credentials(unknown.ca, *self.authority.issue("gateway.example"))
        self.assertEqual(self.call(rekeyd, credentials, self.derive), grpc.StatusCode.UNAVAILABLE)

    def test_nothing_older_than_tls_1_3(self):
        rekeyd = self.start()
        cert, key = self.authority.issue("gateway.example")
        for version, code in [("-tls1_2", 1), ("-tls1_3", 0)]:
            ran = subprocess.run(
                ["openssl", "s_client", "-connect", rekeyd.address, version, "-alpn", "h2", "-cert", cert, "-key", key,
                 "-CAfile", self.authority.ca, "-verify_return_error"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=60)
            self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)

    def test_tls_is_good_enough_beyond_this_machine(self):
        rekeyd = self.start_on("0.0.0.0:0")
        self.assertEqual(self.call(rekeyd, self.client("gateway.example"), self.derive), grpc.StatusCode.OK)
        self.assertEqual(rekeyd.stop(), 0)
        self.assertNotIn("plaintext", rekeyd.log)

    def start_on(self, address):
        rekeyd = Rekeyd("--config", self.config, "--listen", address)
        self.addCleanup(rekeyd.close)
        return rekeyd


class RenewalTest(TlsTest):
    def serial(self, rekeyd):
        """The serial number of the certificate that a new connection is shown."""
        pem = subprocess.run(["openssl", "s_client", "-connect", rekeyd.address, "-alpn", "h2"], text=True,
                             errors="replace", stdin=subprocess.DEVNULL, capture_output=True, timeout=60).stdout
        return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, text=True, capture_output=True,
                              check=True).stdout

    def put(self, files):
        """As a renewal tool does: each file at once, one after the other."""
        for source, target in zip(files, self.server_files):
            shutil.copy(source, target + ".new")
            os.replace(target + ".new", target)

    def test_renewal_under_load_drops_no_call(self):
        rekeyd = self.start()
        credentials = self.client("gateway.example")
        stopping = threading.Event()
        outcomes, lock = [], threading.Lock()

        def open_connection():
            with rekeyd.open_channel(credentials) as channel:
                keys = key_derivation_pb2_grpc.KeyDerivationStub(channel)
                while not stopping.is_set():
                    outcome = call(keys)
                    with lock:
                        outcomes.append(outcome)

        def call(keys):
            try:
                response = keys.DeriveBatch(columns_request(KNOWN[1], 50), timeout=60)
                return "right" if response.ak[:20].hex() == KNOWN[1].keys["ak"] else "wrong"
            except grpc.RpcError as error:
                return error

        def new_connections():
            while not stopping.is_set():
                outcome = self.call(rekeyd, credentials, self.derive)
                with lock:
                    outcomes.append("right" if outcome == grpc.StatusCode.OK else outcome)

        threads = [threading.Thread(target=open_connection) for _ in range(3)]
        threads.append(threading.Thread(target=new_connections))
        for thread in threads:
            thread.start()
        serials = {self.serial(rekeyd)}
        for i in range(5):
            before = len(outcomes)
            self.put(self.authority.issue(f"renewed-{i}", SERVER_NAMES))
            serials.add(self.serial(rekeyd))
            deadline = time.monotonic() + 60
            while len(outcomes) < before + 20 and time.monotonic() < deadline:
                time.sleep(0.01)
        stopping.set()
        for thread in threads:
            thread.join()
        self.assertEqual(set(outcomes), {"right"})
        self.assertEqual(len(serials), 6, "each renewal was taken")
        self.assertEqual(rekeyd.stop(), 0)

    def test_files_that_do_not_fit_are_refused_and_the_ones_before_stay(self):
        rekeyd = self.start()
        before = self.serial(rekeyd)
        shutil.copy(self.authority.issue("renewed", SERVER_NAMES)[0], self.server_files[0])
        self.assertEqual(self.serial(rekeyd), before)
        rekeyd.wait_for_log(r"certificates: files have changed and are refused.*tls-key: expected the private key of")
        self.assertEqual(self.call(rekeyd, self.client("gateway.example"), self.derive), grpc.StatusCode.OK)

    def test_a_reload_is_refused_whole(self):
        rekeyd = self.start()
        self.write_config(**{"tls-cert": "/no/such.pem", "allow-derive": ["other.example"]})
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log(r"reload refused, nothing has changed: tls-cert: expected PEM in /no/such.pem")
        self.assertEqual(self.call(rekeyd, self.client("gateway.example"), self.derive), grpc.StatusCode.OK)
        self.assertEqual(self.call(rekeyd, self.client("other.example"), self.derive),
                         grpc.StatusCode.PERMISSION_DENIED)

    def test_another_authority_is_taken_for_new_connections(self):
        rekeyd = self.start()
        other = Authority(self.folder.name, "other")
        client = channel_credentials(self.authority.ca, *other.issue("gateway.example"))
        self.assertEqual(self.call(rekeyd, client, self.derive), grpc.StatusCode.UNAVAILABLE)
        self.write_config(**{"tls-ca": other.ca})
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log("reloaded")
        self.assertEqual(self.call(rekeyd, client, self.derive), grpc.StatusCode.OK)
        self.assertEqual(self.call(rekeyd, self.client("gateway.example"), self.derive), grpc.StatusCode.UNAVAILABLE)


class RekeyctlTest(TlsTest):
    def run_it(self, rekeyd, files, *arguments, command="derive"):
        flags = ["--tls-cert", files[0], "--tls-key", files[1], "--tls-ca", self.authority.ca] if files else []
        wave = "pmk,msid,bsid,nonce,cmac_key_count,ak_sn,saids\n" \
               "ea8487a0f6f4b35fbddb2f232b771d2f71fdda94,001b11c9d50c,000000000005,0102030405060708,1,1,1\n"
        return subprocess.run(
            [ARGUMENTS.rekeyctl, command, "--server", rekeyd.address, *flags, *arguments,
             *(["--in", "-", "--format", "csv"] if command == "derive" else [])],
            input=wave, capture_output=True, text=True, timeout=60)

    def test_every_rpc_over_tls(self):
        rekeyd = self.start()
        files = self.authority.issue("gateway.example")
        for rpc in ["stream", "batch", "rows"]:
            ran = self.run_it(rekeyd, files, "--rpc", rpc, "--verify")
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn(KNOWN[1].keys["ak"], ran.stdout)

    def test_what_it_says_when_it_may_not(self):
        rekeyd = self.start()
        ran = self.run_it(rekeyd, self.authority.issue("gateway.example"), command="selftest")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("that takes the role operate", ran.stderr)

    def test_what_it_says_when_it_does_not_get_in(self):
        rekeyd = self.start()
        for files in [None, self.authority.issue("old.example", days=-1)[:2]]:
            ran = self.run_it(rekeyd, files, command="health")
            self.assertEqual(ran.returncode, 5 if files is None else 1, ran.stderr)
        ran = self.run_it(rekeyd, Authority(self.folder.name, "unknown").issue("gateway.example"), command="health")
        self.assertEqual(ran.returncode, 5, ran.stderr)
        self.assertIn("certificate", ran.stderr)

    def test_a_server_under_another_name(self):
        self.server_files = self.authority.issue("renamed", "DNS:rekeyd.example")
        self.write_config()
        rekeyd = self.start()
        files = self.authority.issue("gateway.example")
        self.assertEqual(self.run_it(rekeyd, files, command="health").returncode, 5)
        ran = self.run_it(rekeyd, files, "--server-name", "rekeyd.example", command="health")
        self.assertEqual((ran.returncode, ran.stdout), (0, "SERVING\n"), ran.stderr)


class StartTest(TlsTest):
    def test_bad_files_are_named_by_a_check_and_at_the_start(self):
        self.server_files = self.authority.issue("old.example", SERVER_NAMES, days=-1)
        self.write_config()
        for flags in [["--check-config"], []]:
            ran = run_to_end("--config", self.config, *flags)
            self.assertEqual(ran.returncode, 2)
            self.assertIn("tls-cert: expected a certificate that is valid today", ran.stderr)

    def test_a_good_configuration_is_called_good(self):
        ran = run_to_end("--config", self.config, "--check-config")
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "the configuration is good\n", ""))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
