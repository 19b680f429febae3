#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""KeyContexts of a running rekeyd: the life of an AMS, as a controller sees it."""
import itertools
import os
import signal
import sys
import unittest

import grpc

from harness import BSID, HEALTH_SERVING, MSID, PMK, UNITTEST_ARGUMENTS, FolderTest, Rekeyd, admin, kd

from rekey.v1 import key_contexts_pb2 as kc
from rekey.v1 import key_contexts_pb2_grpc

NONCE = bytes.fromhex("0102030405060708")
TARGET = bytes.fromhex("000000000006")
OTHER = bytes.fromhex("000000000007")
DAY_MS = 86_400_000
SERVICE = "rekey.v1.KeyContexts"
OK = grpc.StatusCode.OK.value[0]
INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT.value[0]
NOT_FOUND = grpc.StatusCode.NOT_FOUND.value[0]
FAILED_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION.value[0]

operations = itertools.count(1)


def operation():
    return f"operation {next(operations)}"


def msid(number):
    return number.to_bytes(6, "big")


def authentication(lifetime_ms=DAY_MS, pmk=PMK):
    return kc.Authentication(pmk=pmk, pmk_lifetime_ms=lifetime_ms, nonce_bs=NONCE, ak_sn=1)


def establish_request(msids=(MSID,), saids=(1,), **kwargs):
    return kc.EstablishRequest(operation_id=operation(), items=[
        kc.AmsRegistration(msid=m, bsid=BSID, profile=kd.PROFILE_16M_DRAFT, saids=saids,
                           authentication=authentication(**kwargs)) for m in msids])


def handover_request(msids=(MSID,), count=None, target=TARGET, bitmap=2, **kwargs):
    return kc.StartHandoverRequest(
        operation_id=operation(), items=[kc.HandoverItem(msid=m, cmac_key_count=count) for m in msids],
        handover=kc.Handover(target_bsid=target, ho_process_optimization=bitmap, **kwargs))


def complete_request(target=TARGET, msids=(MSID,)):
    return kc.CompleteHandoverRequest(operation_id=operation(), target_bsid=target,
                                      items=[kc.TargetItem(msid=m) for m in msids])


class ContextsTest(unittest.TestCase):
    """All tests of a class share a server, on which MSID is not registered at first."""

    @classmethod
    def setUpClass(cls):
        cls.rekeyd = Rekeyd("--contexts-store", "memory")
        cls.addClassCleanup(cls.rekeyd.close)
        cls.contexts = key_contexts_pb2_grpc.KeyContextsStub(cls.rekeyd.channel)

    def setUp(self):
        self.contexts.Remove(kc.RemoveRequest(operation_id=operation(), msids=[MSID]))

    def one(self, response):
        self.assertEqual(len(response.items), 1)
        return response.items[0]

    def good(self, response):
        for item in response.items:
            self.assertEqual((item.code, item.message), (OK, ""))
        return response.items[0]

    def refused(self, response, code, text):
        item = self.one(response)
        self.assertEqual(item.code, code, item.message)
        self.assertIn(text, item.message)
        self.assertFalse(item.contexts)

    def get(self, with_keys=False):
        return self.contexts.Get(kc.GetRequest(msids=[MSID], with_keys=with_keys)).items[0]

    def check_keys(self, context, ams=MSID, pmk=PMK):
        """The keys of a context are those that the stateless service derives."""
        counters = sorted({tek.counter for tek in context.keys.teks})
        saids = list(dict.fromkeys(tek.said for tek in context.keys.teks))
        row = kd.AmsInput(pmk=pmk, msid=ams, bsid=context.bsid, nonce=NONCE, cmac_key_count=context.cmac_key_count,
                          ak_sn=1, saids=saids)
        expected = self.rekeyd.keys.Derive(kd.DeriveRequest(
            profile=kd.PROFILE_16M_DRAFT, items=[row], tek_counters=counters)).items[0]
        self.assertEqual(expected.code, OK, expected.message)
        for name in ("msid_star", "ak", "akid", "cmac_key_u", "cmac_key_d"):
            found = getattr(context.keys, name)
            if found:
                self.assertEqual(found, getattr(expected, name), name)
        self.assertEqual(list(context.keys.teks), list(expected.teks))
        self.assertTrue(context.keys.teks)

    def wait_for(self, events, kind, cause):
        for event in events:
            if (event.kind, event.cause) == (kind, cause):
                return event
        raise AssertionError("the stream ended")


class LifeTest(ContextsTest):
    def test_a_handover_is_prepared_and_completed(self):
        first = self.good(self.contexts.Establish(establish_request(saids=(1, 2))))
        self.assertEqual(first.state, kc.AMS_STATE_SERVING)
        self.check_keys(first.contexts[0])
        started = self.good(self.contexts.StartHandover(handover_request(disconnection_time_ms=DAY_MS)))
        self.assertEqual(started.state, kc.AMS_STATE_PREPARING)
        context = started.contexts[0]
        self.assertEqual((context.bsid, context.cmac_key_count, context.usable), (TARGET, 1, False))
        self.assertEqual([(tek.said, tek.counter, tek.eks) for tek in context.teks],
                         [(1, 0, 0), (1, 1, 1), (2, 0, 0), (2, 1, 1)])
        self.check_keys(context)
        completed = self.good(self.contexts.CompleteHandover(complete_request()))
        self.assertEqual((completed.state, completed.next_cmac_key_count), (kc.AMS_STATE_SERVING, 2))
        held = self.get(with_keys=True)
        self.assertEqual([(c.role, c.bsid, c.usable) for c in held.contexts],
                         [(kc.CONTEXT_ROLE_SERVING, TARGET, True)])
        self.assertEqual(held.contexts[0].keys, context.keys)
        self.assertFalse(self.get().contexts[0].HasField("keys"))
        self.refused(self.contexts.CompleteHandover(complete_request()), FAILED_PRECONDITION,
                     "CompleteHandover in the state serving")

    def test_several_candidates_and_a_cancelled_handover(self):
        self.good(self.contexts.Establish(establish_request()))
        for target in (TARGET, OTHER):
            self.good(self.contexts.StartHandover(handover_request(target=target)))
        self.assertEqual(len(self.get().contexts), 3)
        cancelled = self.good(self.contexts.CancelHandover(
            kc.CancelHandoverRequest(operation_id=operation(), items=[kc.TargetItem(msid=MSID)])))
        self.assertEqual((cancelled.state, cancelled.next_cmac_key_count), (kc.AMS_STATE_SERVING, 1))
        self.assertTrue(self.get().contexts[0].usable)
        self.good(self.contexts.StartHandover(handover_request(count=1)))

    def test_resource_retain_time_discards_the_serving_context(self):
        watch = self.contexts.Watch(kc.WatchRequest(), timeout=60)
        watch.initial_metadata()
        self.good(self.contexts.Establish(establish_request()))
        self.good(self.contexts.StartHandover(handover_request(resource_retain_time_ms=50)))
        event = self.wait_for(watch, kc.CONTEXT_EVENT_KIND_DISCARDED, kc.CONTEXT_EVENT_CAUSE_RESOURCE_RETAIN_TIME)
        self.assertEqual((event.msid, event.bsid, event.role), (MSID, BSID, kc.CONTEXT_ROLE_SERVING))
        self.assertEqual(self.get().state, kc.AMS_STATE_ENTERING)
        self.good(self.contexts.CompleteHandover(complete_request()))
        again = self.contexts.Watch(kc.WatchRequest(after=event.sequence), timeout=60)
        self.assertEqual(next(again).kind, kc.CONTEXT_EVENT_KIND_USABLE)
        lost = self.contexts.Watch(kc.WatchRequest(after=1), timeout=60)
        with self.assertRaises(grpc.RpcError) as caught:
            next(lost)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.OUT_OF_RANGE)

    def test_re_authentication(self):
        self.good(self.contexts.Establish(establish_request()))
        self.refused(self.contexts.StartHandover(handover_request(bitmap=0)), FAILED_PRECONDITION,
                     "re-authentication is due")
        self.assertTrue(self.get().reauthentication_due)
        pmk = bytes(range(20))
        renewed = self.good(self.contexts.Reauthenticate(kc.ReauthenticateRequest(
            operation_id=operation(),
            items=[kc.ReauthenticateItem(msid=MSID, new_pmk=authentication(pmk=pmk))])))
        self.check_keys(renewed.contexts[0], pmk=pmk)
        held = self.get(with_keys=True)
        self.assertEqual([c.role for c in held.contexts], [kc.CONTEXT_ROLE_SERVING, kc.CONTEXT_ROLE_OLD])
        self.check_keys(held.contexts[1])
        self.good(self.contexts.Reauthenticate(kc.ReauthenticateRequest(
            operation_id=operation(), items=[kc.ReauthenticateItem(msid=MSID, first_tek_used=True)])))
        self.assertEqual(len(self.get().contexts), 1)

    def test_tek_updates(self):
        self.good(self.contexts.Establish(establish_request(saids=(1, 2))))
        request = kc.UpdateTekRequest(operation_id=operation(), items=[kc.TekItem(msid=MSID, saids=[2])])
        updated = self.good(self.contexts.UpdateTek(request)).contexts[0]
        self.assertEqual([(tek.said, tek.counter, tek.eks) for tek in updated.keys.teks], [(2, 2, 2)])
        self.assertEqual(updated.keys.ak, b"")
        self.check_keys(updated)
        self.assertEqual(self.good(self.contexts.UpdateTek(request)).contexts[0], updated)
        held = self.get(with_keys=True).contexts[0]
        self.assertEqual({(tek.said, tek.counter) for tek in held.keys.teks}, {(1, 0), (1, 1), (2, 1), (2, 2)})

    def test_an_operation_is_done_once(self):
        establish = establish_request()
        first = self.contexts.Establish(establish)
        self.assertEqual(self.contexts.Establish(establish).items, first.items)
        start = handover_request()
        started = self.contexts.StartHandover(start)
        self.assertEqual(self.contexts.StartHandover(start).items, started.items)
        start.handover.target_bsid = OTHER
        self.refused(self.contexts.StartHandover(start), INVALID_ARGUMENT, "operation_id")
        remove = kc.RemoveRequest(operation_id=operation(), msids=[MSID])
        self.good(self.contexts.Remove(remove))
        self.good(self.contexts.Remove(remove))
        self.assertEqual(self.get().code, NOT_FOUND)

    def test_a_wave_to_one_target(self):
        amss = [msid(number) for number in range(1, 4_097)]
        self.good(self.contexts.Establish(establish_request(amss)))
        started = self.contexts.StartHandover(handover_request(amss))
        self.good(started)
        # A slow engine, or one on a busy machine, takes a large batch in parts; a thousand AMSs are never parted.
        self.assertGreaterEqual(started.served.batch_items, 1_000)
        for place in (0, 1_000, 4_095):
            self.check_keys(started.items[place].contexts[0], ams=amss[place])
        self.good(self.contexts.CompleteHandover(complete_request(msids=amss)))

    def test_a_bad_item_fails_alone_and_a_bad_request_as_a_whole(self):
        response = self.contexts.Establish(establish_request([MSID, b"short", MSID]))
        self.assertEqual([item.code for item in response.items], [OK, INVALID_ARGUMENT, INVALID_ARGUMENT])
        self.assertIn("msid: expected 6 octets, found 5", response.items[1].message)
        self.assertIn("each once", response.items[2].message)
        self.refused(self.contexts.StartHandover(handover_request([msid(9)])), NOT_FOUND, "msid")
        with self.assertRaises(grpc.RpcError) as caught:
            self.contexts.Remove(kc.RemoveRequest(msids=[MSID]))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("operation_id: expected 1 to 64 octets, found 0", caught.exception.details())

    def test_counts(self):
        self.good(self.contexts.Establish(establish_request()))
        self.good(self.contexts.StartHandover(handover_request(count=65_535)))
        started = self.good(self.contexts.CompleteHandover(complete_request()))
        self.assertEqual((started.next_cmac_key_count, started.reauthentication_due), (65_536, True))
        for count in (None, 0, 65_535):
            self.refused(self.contexts.StartHandover(handover_request(count=count, target=OTHER)),
                         FAILED_PRECONDITION, "CMAC_KEY_COUNT is stale")
        self.good(self.contexts.StartHandover(handover_request(count=65_535)))  # equal: cached keys


class OperationTest(ContextsTest):
    def test_operators_see_it_until_a_drain_ends_those_that_watch(self):
        self.assertEqual(self.rekeyd.health(SERVICE), HEALTH_SERVING)
        self.good(self.contexts.Establish(establish_request()))
        self.contexts.StartHandover(handover_request(count=0, target=OTHER))
        text = self.rekeyd.admin.GetMetrics(admin.GetMetricsRequest()).text
        for line in ('rekeyd_contexts_amss{state="serving"} 1', 'rekeyd_contexts_refused_total{cause="stale_count"} 1',
                     'rekeyd_requests_total{code="OK",profile="",rpc="KeyContexts.Establish"} 1'):
            self.assertIn(line, text)
        watch = self.contexts.Watch(kc.WatchRequest(), timeout=60)
        watch.initial_metadata()
        self.assertEqual(self.rekeyd.stop(signal.SIGTERM), 0)
        with self.assertRaises(grpc.RpcError) as caught:
            next(watch)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)


class RestartTest(FolderTest):
    def start(self):
        rekeyd = Rekeyd("--contexts-store", f"rocksdb:{self.folder.name}/contexts",
                        "--contexts-key-file", self.key_file)
        self.addCleanup(rekeyd.close)
        return rekeyd, key_contexts_pb2_grpc.KeyContextsStub(rekeyd.channel)

    def test_timers_go_on_with_the_time_that_is_left(self):
        self.key_file = self.path("key")
        with open(os.open(self.key_file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write("11" * 32 + "\n")
        rekeyd, contexts = self.start()
        contexts.Establish(establish_request())
        contexts.StartHandover(handover_request(resource_retain_time_ms=2_000))
        rekeyd.process.kill()
        rekeyd.process.wait()
        rekeyd, contexts = self.start()
        times = {}
        for event in contexts.Watch(kc.WatchRequest(after=0), timeout=60):
            times[event.kind] = event.time_ms
            if event.kind == kc.CONTEXT_EVENT_KIND_DISCARDED:
                self.assertEqual(event.cause, kc.CONTEXT_EVENT_CAUSE_RESOURCE_RETAIN_TIME)
                break
        self.assertEqual(times[kc.CONTEXT_EVENT_KIND_DISCARDED] - times[kc.CONTEXT_EVENT_KIND_SUSPENDED], 2_000)
        self.assertEqual(contexts.Get(kc.GetRequest(msids=[MSID])).items[0].state, kc.AMS_STATE_ENTERING)


class OffTest(unittest.TestCase):
    def test_without_a_store_there_is_no_such_service(self):
        with Rekeyd() as rekeyd:
            with self.assertRaises(grpc.RpcError) as caught:
                key_contexts_pb2_grpc.KeyContextsStub(rekeyd.channel).Get(kc.GetRequest(msids=[MSID]))
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *UNITTEST_ARGUMENTS])
