"""Alerts reach people or are counted as lost, and whatever an address does stays with it."""

import asyncio
import threading
import time

import pytest
from structlog.testing import capture_logs

from hedged.ops.heartbeat import Heartbeat
from hedged.ops.notify import (
    LISTED,
    AddressError,
    Alert,
    Level,
    Message,
    Outbox,
    apprise_at,
    message,
    secret_parts,
)
from tests.alerts.receiver import receiving
from tests.engine.fake import virtual

INFO = Alert(Level.INFO, "the daemon starts", "core: BTC")
WARNING = Alert(Level.WARNING, "core BTC: COLLAR", "6 % from index, limit 5 %.")
CRITICAL = Alert(Level.CRITICAL, "trading is halted", "key refused.")
OVER = Alert(Level.CRITICAL, "core BTC: MARGIN_LOW", "It lasted 3 min.", is_over=True)


def test_what_goes_together_is_one_message_the_gravest_first() -> None:
    made = message([OVER, INFO, CRITICAL, WARNING], "hedged sim live", lost=2)
    assert made.level is Level.CRITICAL
    assert made.title == "[hedged sim live] trading is halted, and 3 more"
    blocks = made.body.split("\n\n")
    assert blocks[0] == "CRITICAL: trading is halted\nkey refused."
    assert [block.partition(":")[0] for block in blocks[:4]] == [
        "CRITICAL",
        "WARNING",
        "INFO",
        "OVER",
    ]
    assert blocks[4] == "2 earlier alerts did not get through, see the log"
    assert message([OVER], "hedged").level is Level.INFO, "an end alarms nobody"


def test_a_message_has_an_end() -> None:
    made = message([WARNING] * 500, "hedged")
    assert made.body.count("COLLAR") == LISTED
    assert made.body.endswith("... and 480 more, see the log")


class Address:
    """A place that takes messages, or does not, or hangs."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.works = True
        self.tries = 0
        self.open = threading.Event()
        self.open.set()

    def __call__(self, text: Message) -> bool:
        self.tries += 1
        assert self.open.wait(30)
        if self.works:
            self.got.append(text)
        return self.works


def until(is_done: object) -> None:
    deadline_s = time.monotonic() + 20
    while not is_done():  # type: ignore[operator] # a condition
        assert time.monotonic() < deadline_s
        time.sleep(0.002)


def test_fault_40_a_hanging_address_holds_nobody_up_and_its_queue_is_bounded() -> None:
    hanging, well = Address(), Address()
    hanging.open.clear()
    slow = Outbox("env:SLOW", hanging, "hedged", capacity=10)
    quick = Outbox("env:QUICK", well, "hedged", capacity=10)
    with capture_logs() as logs:
        slow.put([INFO])
        until(lambda: hanging.tries)
        began_s = time.monotonic()
        slow.put([CRITICAL])
        for _ in range(1000):
            slow.put([WARNING])
        assert time.monotonic() - began_s < 1
        quick.put([WARNING])
        until(lambda: well.got)
    assert len(slow) == 10
    assert slow.dropped == 991
    assert [entry["event"] for entry in logs] == ["alerts.dropped"], "said once"
    hanging.open.set()
    until(lambda: len(hanging.got) == 2)
    assert hanging.got[1].title.endswith("trading is halted, and 9 more"), "the critical one stays"
    assert "991 earlier alerts did not get through" in hanging.got[1].body
    slow.close()
    quick.close()


def test_an_address_that_fails_is_tried_again_then_given_up_and_the_next_message_says_so() -> None:
    address = Address()
    address.works = False
    with capture_logs() as logs:
        outbox = Outbox("env:X", address, "hedged", pauses_s=(0.01, 0.01))
        outbox.put([CRITICAL])
        until(lambda: outbox.dropped)
        assert address.tries == 3
        address.works = True
        outbox.put([INFO])
        until(lambda: outbox.sent)
    assert "1 earlier alerts did not get through" in address.got[0].body
    assert [e["event"] for e in logs] == ["alerts.not_delivered"] * 2 + ["alerts.undelivered"]
    outbox.close()


def test_what_waits_at_the_end_is_still_delivered_and_a_hanging_address_is_left() -> None:
    well, hanging = Address(), Address()
    hanging.open.clear()
    outbox = Outbox("env:X", well, "hedged")
    outbox.put([INFO])
    outbox.close()
    assert len(well.got) == 1
    with capture_logs() as logs:
        stuck = Outbox("env:Y", hanging, "hedged")
        stuck.put([INFO])
        stuck.close(patience_s=0.05)
    assert [entry["event"] for entry in logs] == ["alerts.left"]
    hanging.open.set()
    stuck.close()


@pytest.mark.asyncio
async def test_apprise_delivers_and_tells_when_it_cannot() -> None:
    async with receiving() as receiver:
        deliver = await asyncio.to_thread(apprise_at, f"json://{receiver.url}/s3cret-path")
        text = message([CRITICAL], "hedged sim live")
        assert await asyncio.to_thread(deliver, text)
        assert receiver.messages[0]["title"] == "[hedged sim live] trading is halted"
        assert receiver.messages[0]["type"] == "failure"
        receiver.status = 503
        assert not await asyncio.to_thread(deliver, text)


def test_an_address_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(AddressError) as caught:
        apprise_at("nonsense://s3cret")
    assert "s3cret" not in str(caught.value)


def test_all_parts_of_an_address_that_may_be_secret_are_known() -> None:
    parts = secret_parts("tgram://123456789:AAFF-token/-100200300/?footer=verysecret")
    assert {"123456789:AAFF-token", "-100200300", "verysecret"} <= set(parts)
    parts = secret_parts("https://hc.example.org/ping/6e1f-uuid")
    assert "6e1f-uuid" in parts
    assert "hc.example.org" not in parts
    assert secret_parts("http://[broken") == ["http://[broken"]


@pytest.mark.asyncio
async def test_a_heartbeat_goes_after_good_cycles_of_all_books_and_at_most_so_often() -> None:
    clock = virtual()
    async with receiving() as receiver:
        heart = Heartbeat(f"http://{receiver.url}/ping", "POST", 60.0, ("a", "b"), clock)
        beating = asyncio.create_task(heart.beat())
        heart.cycle_ended("a", is_good=True)
        heart.cycle_ended("b", is_good=False)
        await asyncio.sleep(0)
        assert receiver.requests == []
        heart.cycle_ended("b", is_good=True)
        await receiver.until(lambda: receiver.requests == ["POST /ping"])
        for _ in range(5):
            heart.cycle_ended("a", is_good=True)
            heart.cycle_ended("b", is_good=True)
        await asyncio.sleep(0.05)
        assert len(receiver.requests) == 1
        await clock.advance(61)
        await receiver.until(lambda: len(receiver.requests) == 2)
        beating.cancel()


@pytest.mark.asyncio
async def test_fault_40_a_monitor_that_is_down_is_said_once_and_beaten_again() -> None:
    clock = virtual()
    async with receiving() as receiver:
        receiver.status = 500
        with capture_logs() as logs:
            heart = Heartbeat(f"http://{receiver.url}/s3cret", "GET", 60.0, ("a",), clock)
            beating = asyncio.create_task(heart.beat())
            for count in (1, 2, 3):
                receiver.status = 200 if count == 3 else 500
                heart.cycle_ended("a", is_good=True)
                await receiver.until(lambda n=count: len(receiver.requests) == n)
                await receiver.until(lambda n=count: n < 3 or len(logs) == 2)
                await asyncio.sleep(0.05)
                await clock.advance(61)
            beating.cancel()
    assert [entry["event"] for entry in logs] == ["heartbeat.failed", "heartbeat.again"]
    assert "s3cret" not in repr(logs)
