#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is left of keys in rekeyd's memory, and in what it writes, once the calls that had them are over."""
import os
import re
import secrets
import sys
import tempfile
import time
import unittest
import urllib.request

import grpc

from harness import (ARGUMENTS, BSID, KNOWN, MSID, UNITTEST_ARGUMENTS, Rekeyd, columns_request, kd)

# Of each key so much is looked for: a piece of a key that was copied in parts is found too.
PIECE = 16
DERIVED = ["ak", "cmac_key_u", "cmac_key_d", "teks"]


ZEROS = bytes(1 << 16)


def runs_of(octets):
    """Yields what lies between stretches of zeros: most memory was never touched."""
    run = bytearray()
    for place in range(0, len(octets), len(ZEROS)):
        chunk = octets[place:place + len(ZEROS)]
        if chunk != ZEROS[:len(chunk)]:
            run += chunk
        elif run:
            yield bytes(run)
            run.clear()
    if run:
        yield bytes(run)


def memory_of(pid):
    """Yields all that the process can write to, and has written to."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            area, permissions = line.split()[:2]
            if not permissions.startswith("rw"):
                continue
            begin, end = (int(address, 16) for address in area.split("-"))
            memory.seek(begin)
            yield from runs_of(memory.read(end - begin))


def places_of(needle, octets):
    place = octets.find(needle)
    while place >= 0:
        yield place
        place = octets.find(needle, place + 1)


class Traces:
    """Where keys were found: in the form of a message on the wire, which only gRPC has, or otherwise."""

    def __init__(self, pid, keys, messages):
        self.wire, self.other = 0, []
        for octets in memory_of(pid):
            for name, key in keys.items():
                for place in places_of(key[:PIECE], octets):
                    if any(octets[place - 2:place] == message[at - 2:at]
                           for message in messages for at in places_of(key[:PIECE], message)):
                        self.wire += 1
                    else:
                        self.other.append(name)


class ResidueTest(unittest.TestCase):
    def setUp(self):
        if ARGUMENTS.sanitized:
            self.skipTest("sanitizers keep what was freed")
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.audit = os.path.join(self.folder.name, "audit.jsonl")

    def start(self, *flags):
        rekeyd = Rekeyd("--verify", "all", "--log-level", "debug", "--audit", self.audit, "--metrics", "127.0.0.1:0",
                        *flags)
        self.addCleanup(rekeyd.close)
        try:
            next(memory_of(rekeyd.process.pid))
        except OSError as refused:
            self.skipTest(f"this user may not read the memory of a process that forbids it: {refused}")
        return rekeyd

    @staticmethod
    def columns(count):
        """AMSs of one's own. Only the first of a column has its tag, which tells the wire's form, before it."""
        request = columns_request(KNOWN[1], count)
        request.pmk = secrets.token_bytes(20 * count)
        return request

    @staticmethod
    def rows(count):
        return kd.DeriveRequest(profile=KNOWN[1].profile, items=[
            kd.AmsInput(pmk=secrets.token_bytes(20), msid=MSID, bsid=BSID, nonce=bytes.fromhex(KNOWN[1].nonce),
                        cmac_key_count=1, ak_sn=1, saids=[1]) for _ in range(count)])

    @staticmethod
    def settle(rekeyd):
        """Waits until the connection is gone and nothing is under way any more."""
        rekeyd.channel.close()
        url = rekeyd.wait_for_log(r"metrics at (\S+)").group(1)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with urllib.request.urlopen(url, timeout=30) as response:
                text = response.read().decode()
            if re.search(r"^rekeyd_open_calls 0$", text, re.MULTILINE):
                break
        time.sleep(0.3)
        return text

    def check_nothing_of_ours(self, engine):
        rekeyd = self.start("--engine", engine)
        keys, messages = {}, []

        def note(what, request, response, first_keys):
            messages.extend([request.SerializeToString(), response.SerializeToString()])
            for name, key in first_keys.items():
                self.assertGreaterEqual(len(key), PIECE, (what, name))
                keys[f"{what} {name}"] = key

        def note_columns(what, request, response):
            note(what, request, response,
                 {"pmk": request.pmk, **{kind: getattr(response, kind) for kind in DERIVED}})

        # One alone, one that is cut and spread over threads, many at once that share batches, a stream, rows.
        for count in (1, 20_000):
            request = self.columns(count)
            note_columns(f"{count} in columns", request, rekeyd.keys.DeriveBatch(request, timeout=60))
        requests = [self.columns(1) for _ in range(8)]
        futures = [rekeyd.keys.DeriveBatch.future(request, timeout=60) for request in requests]
        for i, (request, future) in enumerate(zip(requests, futures)):
            note_columns(f"request {i} of 8", request, future.result())
        request = self.columns(1)
        for response in rekeyd.keys.DeriveStream(iter([request]), timeout=60):
            note_columns("a stream", request, response)
        request = self.rows(3)
        response = rekeyd.keys.Derive(request, timeout=60)
        for i, row in enumerate(response.items):
            note(f"row {i}", request, response, {
                "pmk": request.items[i].pmk, "ak": row.ak, "cmac_key_u": row.cmac_key_u, "cmac_key_d": row.cmac_key_d,
                "tek 0": row.teks[0].key, "tek 1": row.teks[1].key})
        # One that is refused as a whole, and one with an item that is wrong.
        request = self.columns(1)
        request.bsid = b"short"
        with self.assertRaises(grpc.RpcError) as caught:
            rekeyd.keys.DeriveBatch(request, timeout=60)
        messages.append(request.SerializeToString())
        keys["refused pmk"] = request.pmk
        texts = [caught.exception.details()]
        request = self.columns(1)
        request.ak_sn = b"\x10"
        response = rekeyd.keys.DeriveBatch(request, timeout=60)
        self.assertNotEqual(response.codes, b"\x00")
        messages.append(request.SerializeToString())
        keys["pmk of a bad item"] = request.pmk

        texts.append(self.settle(rekeyd))
        traces = Traces(rekeyd.process.pid, keys, messages)
        print(f"{engine}: of {len(keys)} keys, gRPC keeps {traces.wire} copies in freed buffers of its own")
        self.assertEqual(traces.other, [], "copies that are not in the wire's form: they are rekeyd's")
        # In what gRPC reads into and writes from, and at most once more where it put slices together.
        self.assertLessEqual(traces.wire, 2 * len(keys))
        self.assertEqual(rekeyd.stop(), 0)
        with open(self.audit, encoding="ascii") as audit:
            texts.append(audit.read())
        text = "\n".join([*texts, rekeyd.log]).lower()
        for name, key in keys.items():
            self.assertNotIn(key[:PIECE].hex(), text, name)
            self.assertNotIn(key[:8].hex(), text, name)

    def test_the_vector_engine_leaves_nothing(self):
        self.check_nothing_of_ours("simd")

    def test_openssl_leaves_nothing(self):
        self.check_nothing_of_ours("openssl")

    def test_keys_that_nobody_asked_for_are_nowhere(self):
        for engine in ["simd", "openssl"]:
            asked = self.start("--engine", engine)
            request = self.columns(10)
            request.outputs.append(kd.KEY_KIND_AKID)
            akids = asked.keys.DeriveBatch(request, timeout=60).akid
            self.settle(asked)
            with Rekeyd("--engine", engine) as other:
                del request.outputs[:]
                response = other.keys.DeriveBatch(request, timeout=60)
            self.assertEqual(response.akid, akids)
            keys = {f"{kind} {i}": getattr(response, kind)[i * size:]
                    for kind, size in [("ak", 20), ("cmac_key_u", 16), ("cmac_key_d", 16), ("teks", 32)]
                    for i in range(10)}
            traces = Traces(asked.process.pid, keys, [])
            self.assertEqual(traces.other, [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
