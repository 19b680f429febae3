#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""KeyContexts of running rekeyds on stores that outlive them: RocksDB, and a Redis that two of them share."""
import collections
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from harness import ARGUMENTS, BSID, MSID, PMK, UNITTEST_ARGUMENTS, Rekeyd, kd

from rekey.v1 import key_contexts_pb2 as kc
from rekey.v1 import key_contexts_pb2_grpc

NONCE = bytes.fromhex("0102030405060708")
DAY_MS = 86_400_000
AMSS = int(os.environ.get("REKEY_AMSS", "1000"))

operations = itertools.count(1)


def operation():
    return f"operation {next(operations)}"


def target(number):
    return (0xAA00 + number).to_bytes(6, "big")


def contexts_of(rekeyd):
    return key_contexts_pb2_grpc.KeyContextsStub(rekeyd.channel)


def establish_request(msids):
    authentication = kc.Authentication(pmk=PMK, pmk_lifetime_ms=DAY_MS, nonce_bs=NONCE, ak_sn=1)
    return kc.EstablishRequest(operation_id=operation(), items=[
        kc.AmsRegistration(msid=msid, bsid=BSID, profile=kd.PROFILE_16M_DRAFT, saids=[1],
                           authentication=authentication) for msid in msids])


def handover_request(msids, target_bsid):
    return kc.StartHandoverRequest(
        operation_id=operation(), items=[kc.HandoverItem(msid=msid) for msid in msids],
        handover=kc.Handover(target_bsid=target_bsid, ho_process_optimization=2, disconnection_time_ms=DAY_MS))


def complete_request(msids, target_bsid):
    return kc.CompleteHandoverRequest(operation_id=operation(), target_bsid=target_bsid,
                                      items=[kc.TargetItem(msid=msid) for msid in msids])


def msid_of(number):
    return (0x001B_0000_0000 + number).to_bytes(6, "big")


class StoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.key_file = self.folder / "contexts.key"
        self.write_keys("11" * 32)

    def write_keys(self, *keys):
        self.key_file.touch(mode=0o600)
        self.key_file.write_text("\n".join(keys) + "\n")

    def start(self, store, *flags):
        rekeyd = Rekeyd("--contexts-store", store, "--contexts-key-file", str(self.key_file), "--lock-memory", "off",
                        *flags)
        self.addCleanup(rekeyd.close)
        self.addCleanup(rekeyd.process.kill)
        return rekeyd

    def refusal(self, *flags):
        """Why rekeyd does not start."""
        ended = subprocess.run([ARGUMENTS.rekeyd, "--listen", "127.0.0.1:0", *flags], capture_output=True, text=True,
                               timeout=60)
        self.assertNotEqual(ended.returncode, 0)
        return ended.stderr


class RocksdbTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.store = f"rocksdb:{self.folder}/contexts"

    def test_what_was_answered_survives_a_kill(self):
        rekeyd = self.start(self.store)
        establish = establish_request([MSID])
        first = contexts_of(rekeyd).Establish(establish)
        self.assertEqual(first.items[0].message, "")
        handover = handover_request([MSID], target(1))
        started = contexts_of(rekeyd).StartHandover(handover)
        self.assertEqual(started.items[0].message, "")
        rekeyd.process.kill()
        rekeyd.process.wait()

        contexts = contexts_of(self.start(self.store))
        held = contexts.Get(kc.GetRequest(msids=[MSID], with_keys=True)).items[0]
        self.assertEqual(held.state, kc.AMS_STATE_PREPARING)
        self.assertIn(started.items[0].contexts[0].keys, [context.keys for context in held.contexts])
        self.assertEqual(contexts.StartHandover(handover).items, started.items)
        watched = next(contexts.Watch(kc.WatchRequest(after=0), timeout=60))
        self.assertEqual((watched.kind, watched.msid), (kc.CONTEXT_EVENT_KIND_DERIVED, MSID))

        second = self.refusal("--contexts-store", self.store, "--contexts-key-file", str(self.key_file))
        self.assertRegex(second, r"--contexts-store: .*/contexts: .* process \d+ holds")

    def test_sealing_keys_turn_over_while_it_serves(self):
        rekeyd = self.start(self.store)
        contexts_of(rekeyd).Establish(establish_request([msid_of(i) for i in range(300)]))
        self.write_keys("22" * 32)
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log("reload refused, nothing has changed: the key file does not fit")
        self.write_keys("22" * 32, "11" * 32)
        rekeyd.process.send_signal(signal.SIGHUP)
        rekeyd.wait_for_log("sealed 300 records anew")
        rekeyd.process.kill()
        rekeyd.process.wait()

        self.write_keys("22" * 32)
        held = contexts_of(self.start(self.store)).Get(kc.GetRequest(msids=[msid_of(i) for i in range(300)]))
        self.assertEqual({item.code for item in held.items}, {0})

    def test_a_wrong_key_does_not_start(self):
        rekeyd = self.start(self.store)
        self.assertEqual(rekeyd.stop(), 0)
        self.write_keys("33" * 32)
        log = self.refusal("--contexts-store", self.store, "--contexts-key-file", str(self.key_file))
        self.assertIn("--contexts-store: the key file does not fit the store of contexts: ", log)
        self.assertNotIn("33333333", log)

    def test_check_config_says_what_is_wrong(self):
        self.assertIn("contexts-key-file: expected a key file, or systemd's credential contexts-key",
                      self.refusal("--check-config", "--contexts-store", self.store))
        self.write_keys("11" * 31)
        self.assertIn("contexts.key:1: expected 64 hex digits, found 62",
                      self.refusal("--check-config", "--contexts-store", self.store, "--contexts-key-file",
                                   str(self.key_file)))
        self.assertIn("--contexts-store: expected off, memory, rocksdb:DIR or redis:HOST:PORT, found 'disk'",
                      self.refusal("--check-config", "--contexts-store", "disk"))


class RedisTest(StoreTest):
    def setUp(self):
        super().setUp()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.store = f"redis:127.0.0.1:{self.port}"
        self.start_redis()
        self.addCleanup(lambda: self.redis.kill())

    def start_redis(self):
        self.redis = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = subprocess.run(["redis-cli", "-p", str(self.port), "PING"], capture_output=True, text=True)
            if answer.stdout == "PONG\n":
                return
            time.sleep(0.02)
        self.fail("redis-server does not start")

    def hand_over(self, contexts, msids, rounds, accepted, failures):
        """Hands all AMSs over, round by round, and notes which contexts were accepted."""
        try:
            for number in range(rounds):
                for at in range(0, len(msids), 500):
                    some = msids[at:at + 500]
                    started = contexts.StartHandover(handover_request(some, target(number)), timeout=60)
                    counts = {item.msid: item.contexts[0].cmac_key_count for item in started.items if item.code == 0}
                    completed = contexts.CompleteHandover(complete_request(list(counts), target(number)), timeout=60)
                    accepted.extend((item.msid, target(number), counts[item.msid], item.next_cmac_key_count)
                                    for item in completed.items if item.code == 0)
        except Exception as error:
            failures.append(error)

    def test_two_instances_never_both_advance_an_ams(self):
        rekeyds = [self.start(self.store) for _ in range(2)]
        msids = [msid_of(i) for i in range(AMSS)]
        for at in range(0, AMSS, 1000):
            established = contexts_of(rekeyds[0]).Establish(establish_request(msids[at:at + 1000]))
            self.assertEqual({item.code for item in established.items}, {0})
        accepted, failures = [], []
        threads = [threading.Thread(target=self.hand_over, args=(contexts_of(r), msids, 2, accepted, failures))
                   for r in rekeyds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertGreaterEqual(len(accepted), AMSS)
        # One AMS has one MSID* at an ABS.
        used = collections.Counter((msid, bsid, count) for msid, bsid, count, _ in accepted)
        self.assertEqual([key for key, times in used.items() if times > 1], [])
        largest = collections.defaultdict(int)
        for msid, _, count, following in accepted:
            self.assertGreater(following, count)
            largest[msid] = max(largest[msid], following)
        for at in range(0, AMSS, 1000):
            held = contexts_of(rekeyds[1]).Get(kc.GetRequest(msids=msids[at:at + 1000]))
            for item in held.items:
                self.assertGreaterEqual(item.next_cmac_key_count, largest[item.msid])

    def test_it_serves_again_when_the_server_is_back(self):
        rekeyd = self.start(self.store)
        contexts = contexts_of(rekeyd)
        self.assertEqual(contexts.Establish(establish_request([MSID])).items[0].code, 0)
        self.redis.kill()
        self.redis.wait()
        with self.assertRaisesRegex(Exception, "the Redis server at 127.0.0.1"):
            contexts.Get(kc.GetRequest(msids=[MSID]), timeout=30)
        self.start_redis()
        self.assertEqual(contexts.Get(kc.GetRequest(msids=[MSID]), timeout=30).items[0].code, 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
