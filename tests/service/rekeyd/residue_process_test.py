#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is left of keys in rekeyd's memory, and in what it writes, once the calls that had them are over."""
import re
import secrets
import sys
import time
import unittest
import urllib.request

import grpc

from harness import (ARGUMENTS, BSID, KNOWN, MSID, UNITTEST_ARGUMENTS, FolderTest, Rekeyd, columns_request, kd)

# Of each key so much is looked for: a piece of a key that was copied in parts is found too.
PIECE = 16
# Octets an AMS.
DERIVED = {"ak": 20, "cmac_key_u": 16, "cmac_key_d": 16, "teks": 32}


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


class Trace:
    """One key to look for, as a part of a column of a message."""

    def __init__(self, message, column, place=0):
        # What is freed loses its first octets to the allocator, so that the first key of a column shows little.
        self.column, self.place = column, place
        self.piece = column[place:place + PIECE]
        assert len(self.piece) == PIECE
        text = message.SerializeToString()
        begin = text.index(column)
        self.tag_before = text[begin - 2:begin]
        self.tag_after = text[begin + len(column):][:2]

    def is_on_the_wire(self, octets, place):
        """Whether what was found at a place is a copy in a buffer of gRPC, which alone has messages as they are on the
        wire: the column has tags around it. Where other memory has taken their place it shows in the address, since
        rekeyd's own columns begin where malloc or a multiple of 20 AMSs does, at a multiple of 16."""
        begin = place - self.place
        if begin % 16 != 0:
            return True
        end = begin + len(self.column)
        return octets[max(begin - 2, 0):max(begin, 0)] == self.tag_before or octets[end:end + 2] == self.tag_after

    def describe(self, octets, place):
        """How much of the column lies around what was found at a place: columns are in one piece, working memory is
        not."""
        begin = place - self.place
        first, last = self.place, self.place + PIECE
        while first > 0 and begin + first > 0 and octets[begin + first - 1] == self.column[first - 1]:
            first -= 1
        while last < len(self.column) and octets[begin + last:begin + last + 1] == self.column[last:last + 1]:
            last += 1
        return f"octets {first} to {last} of {len(self.column)}"


def look_for(traces, pid):
    """Returns how many copies were found in the form of the wire, and the names of those that were found otherwise."""
    wire, other = 0, []
    for octets in memory_of(pid):
        for name, trace in traces.items():
            for place in places_of(trace.piece, octets):
                if trace.is_on_the_wire(octets, place):
                    wire += 1
                else:
                    other.append(f"{name}, {trace.describe(octets, place)}")
    return wire, other


class ResidueTest(FolderTest):
    def setUp(self):
        if ARGUMENTS.sanitized:
            self.skipTest("sanitizers keep what was freed")
        super().setUp()
        self.audit = self.path("audit.jsonl")

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
        """AMSs of one's own."""
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
        traces = {}

        def note(what, request, response, which):
            traces[f"{what}, pmk"] = Trace(request, request.pmk, 20 * which)
            for kind, size in DERIVED.items():
                traces[f"{what}, {kind}"] = Trace(response, getattr(response, kind), size * which)

        # One alone, some, very many (cut and spread over threads), many at once (which share batches), a stream, rows.
        for count, which in [(1, 0), (40, 20), (20_000, 19_999)]:
            request = self.columns(count)
            note(f"{count} in columns", request, rekeyd.keys.DeriveBatch(request, timeout=60), which)
        requests = [self.columns(20) for _ in range(8)]
        futures = [rekeyd.keys.DeriveBatch.future(request, timeout=60) for request in requests]
        for i, (request, future) in enumerate(zip(requests, futures)):
            note(f"request {i} of 8", request, future.result(), 10)
        request = self.columns(30)
        for response in rekeyd.keys.DeriveStream(iter([request]), timeout=60):
            note("a stream", request, response, 15)
        request = self.rows(3)
        response = rekeyd.keys.Derive(request, timeout=60)
        for i, (item, row) in enumerate(zip(request.items, response.items)):
            traces[f"row {i}, pmk"] = Trace(request, item.pmk)
            for kind in ["ak", "cmac_key_u", "cmac_key_d"]:
                traces[f"row {i}, {kind}"] = Trace(response, getattr(row, kind))
            for tek in row.teks:
                traces[f"row {i}, tek {tek.counter}"] = Trace(response, tek.key)
        # One that is refused as a whole, and one with an item that is wrong.
        request = self.columns(30)
        request.bsid = b"short"
        with self.assertRaises(grpc.RpcError) as caught:
            rekeyd.keys.DeriveBatch(request, timeout=60)
        traces["refused, pmk"] = Trace(request, request.pmk, 300)
        texts = [caught.exception.details()]
        request = self.columns(30)
        request.ak_sn = b"\x10" * 30
        response = rekeyd.keys.DeriveBatch(request, timeout=60)
        self.assertNotIn(0, response.codes)
        traces["bad items, pmk"] = Trace(request, request.pmk, 300)

        texts.append(self.settle(rekeyd))
        wire, other = look_for(traces, rekeyd.process.pid)
        print(f"{engine}: of {len(traces)} keys, gRPC keeps {wire} copies in freed buffers of its own")
        self.assertEqual(other, [], "copies that are not in the form of the wire: they are rekeyd's")
        # In what gRPC reads into and writes from, and at most once more where it puts slices together.
        self.assertLessEqual(wire, 2 * len(traces))
        self.assertEqual(rekeyd.stop(), 0)
        with open(self.audit, encoding="ascii") as audit:
            texts.append(audit.read())
        text = "\n".join([*texts, rekeyd.log]).lower()
        for name, trace in traces.items():
            self.assertNotIn(trace.piece[:8].hex(), text, name)

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
            traces = {f"{kind} {i}": Trace(response, getattr(response, kind), i * size)
                      for kind, size in DERIVED.items() for i in range(10)}
            self.assertEqual(look_for(traces, asked.process.pid), (0, []))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
