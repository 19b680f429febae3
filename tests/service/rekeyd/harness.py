# SPDX-License-Identifier: Apache-2.0
"""rekeyd as a process, for tests, with stubs made from the wire contract and requests with known answers."""
import argparse
import collections
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--rekeyd", required=True)
PARSER.add_argument("--rekeyctl")
PARSER.add_argument("--stubs", required=True)
PARSER.add_argument("--sanitized", action="store_true", help="rekeyd was built with a sanitizer")
ARGUMENTS, UNITTEST_ARGUMENTS = PARSER.parse_known_args()
sys.path.insert(0, ARGUMENTS.stubs)

from rekey.v1 import admin_pb2 as admin  # noqa: E402
from rekey.v1 import admin_pb2_grpc  # noqa: E402
from rekey.v1 import key_derivation_pb2 as kd  # noqa: E402
from rekey.v1 import key_derivation_pb2_grpc  # noqa: E402

PMK = bytes.fromhex("EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94")
MSID = bytes.fromhex("001B11C9D50C")
BSID = bytes.fromhex("000000000005")

Known = collections.namedtuple("Known", "profile nonce count ak_sn saids keys teks")
# Section 3 of the key-derivation specification.
KNOWN = [
    Known(kd.PROFILE_LEGACY_16E, "", 0, 0, [], {
        "ak": "D7EAA9683C377B76A2385B8454B57AE7C9AD3224",
        "akid": "3B7E354A44B25806",
        "cmac_key_u": "F6EED12D93C37271BDB384449CB62467",
        "cmac_key_d": "C0F5E67CA3B7E3C31DE4222A25836B2B",
        "kek": "E09389B8F3391DFEC8A99AF41DA147B9",
    }, []),
    Known(kd.PROFILE_16M_DRAFT, "0102030405060708", 1, 1, [1], {
        "msid_star": "58804f4a1c8d",
        "ak": "a2a9c01df3ee9ab07173a8656ca09ef193a9cbbe",
        "akid": "ed449b1ade087b5e",
        "cmac_key_u": "4ba9577bbf5a25b7adff87ded88a62a3",
        "cmac_key_d": "9c46a886047e5a2ce4949331b928543f",
    }, ["4d341c1ba592a00c27eaebd11c680324", "22a4cee0606938a2fc5cc98d36fa095f"]),
    Known(kd.PROFILE_16M_PUBLISHED, "1112131415161718", 1, 1, [1], {
        "msid_star": "c3aea5982f13",
        "ak": "7d9073bb70fa9c48e04510c6f5a33a1aafc2ee3e",
        "akid": "4f61ec2e1b708d44",
        "cmac_key_u": "d7bf7d3c5e89cbcee05ef3b3551772d2",
        "cmac_key_d": "faef962444675de10144e4f7ee4d2106",
    }, ["b43f9098f8febac07c59eed1ca42e38a", "94b70830b925e20cc535e4f42d897049"]),
]
KINDS = ["msid_star", "ak", "akid", "cmac_key_u", "cmac_key_d", "kek"]

HEALTH_SERVING = b"\x08\x01"
HEALTH_NOT_SERVING = b"\x08\x02"


def rows_request(known):
    row = kd.AmsInput(pmk=PMK, msid=MSID, bsid=BSID, nonce=bytes.fromhex(known.nonce),
                      cmac_key_count=known.count, ak_sn=known.ak_sn, saids=known.saids, reference="one")
    return kd.DeriveRequest(profile=known.profile, items=[row])


def columns_request(known, count=1, sequence=0):
    """The same AMS `count` times."""
    return kd.DeriveBatchRequest(
        profile=known.profile, count=count, pmk=PMK, msid=MSID, bsid=BSID, nonce=bytes.fromhex(known.nonce),
        cmac_key_count=known.count.to_bytes(2, "big"), ak_sn=bytes([known.ak_sn]),
        saids=bytes(known.saids) * count, sequence=sequence)


class FolderTest(unittest.TestCase):
    """Each test has a folder of its own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)


class Rekeyd:
    """A running rekeyd on a free port, called with `credentials`. Its log is in `log` once it has ended."""

    def __init__(self, *flags, env=None, credentials=None):
        self.process = subprocess.Popen(
            [ARGUMENTS.rekeyd, *(() if "--listen" in flags else ("--listen", "127.0.0.1:0")), *flags],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        self.lines = []
        self.listening = threading.Event()
        self.port = None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if not self.listening.wait(60) or self.port is None:
            self.process.kill()
            raise AssertionError("rekeyd did not start:\n" + self.log)
        self.address = f"127.0.0.1:{self.port}"
        self.channel = self.open_channel(credentials)
        self.keys = key_derivation_pb2_grpc.KeyDerivationStub(self.channel)
        self.admin = admin_pb2_grpc.AdminStub(self.channel)

    def open_channel(self, credentials=None):
        # Without the pool of connections that channels share: each makes its own handshake.
        options = [("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        if credentials is None:
            return grpc.insecure_channel(self.address, options=options)
        return grpc.secure_channel(self.address, credentials, options=options)

    def wait_for_log(self, pattern):
        """Waits until the log has a line with the pattern; returns the match."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.search(pattern, self.log)
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in the log:\n{self.log}")

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            found = re.search(r"listening on \S+:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                self.listening.set()
        self.listening.set()

    @property
    def log(self):
        return "".join(self.lines)

    def health(self, service=""):
        """The answer of grpc.health.v1, as octets: Debian has no Python stubs for it."""
        call = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        name = service.encode()
        return call((b"\x0a" + bytes([len(name)]) + name) if name else b"", timeout=30)

    def stop(self, number=signal.SIGTERM):
        """Returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.close()
        return code

    def close(self):
        """Ends it if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        self.reader.join(10)
        self.process.stderr.close()
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def run_to_end(*flags, env=None):
    """For a rekeyd that must not start."""
    return subprocess.run([ARGUMENTS.rekeyd, *flags], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(env or {})})
