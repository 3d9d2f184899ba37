"""The API tells what the plan tells, obeys operators only, and never stands in the way."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hedged.core.types import Amount, Flow, FlowKind, Reason, TradingState
from hedged.core.view import asset_object
from hedged.ports import StoreError
from hedged.web.server import served
from hedged.web.tokens import Scope
from tests.web.build import asked, stage, unavailable

JSON = {"Content-Type": "application/json"}


@pytest.mark.asyncio
async def test_status_and_books_say_what_the_plan_says_to_the_letter(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        await on.hedger.run_cycle()
        decision = await on.hedger.run_cycle()
        status = await (await client.get("/api/v1/status")).json()
        (book,) = (await (await client.get("/api/v1/books")).json())["books"]
    told = json.loads(json.dumps(asset_object(decision.assets[0])))
    assert told.items() <= book["assets"][0].items()
    (shown,) = status["books"][0]["assets"]
    assert {key: value for key, value in shown.items() if key in told}.items() <= told.items()
    assert (status["environment"], status["execution"], status["ready"]) == ("sim", "live", True)
    assert status["books"][0]["doing"].startswith("Nothing to do: BTC is within its band. BTC:")
    assert status["last_act"]["said"].startswith("Sent: sell 324,593 contracts of BTC/USD:BTC")


@pytest.mark.asyncio
async def test_orders_fills_states_and_decisions(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        for _ in range(4):
            await on.hedger.run_cycle()
        await client.post("/api/v1/pause", json={"why": "lunch"}, headers=on.token())
        found = {
            what: (await (await client.get(f"/api/v1/{what}")).json())[what]
            for what in ("orders", "fills", "states", "decisions", "lines")
        }
    (order,) = found["orders"]
    assert (order["state"], order["filled"], order["side"]) == ("filled", "324593", "sell")
    assert [(f["contracts"], f["cause"]) for f in found["fills"]] == [("324593", "trade")]
    assert found["states"][0]["why"] == "lunch"
    assert [(d["reason"], d["cycles"]) for d in found["decisions"]] == [
        ("IN_BAND", 3),
        ("ABOVE_BAND", 1),
    ]
    assert {line["label"] for line in found["lines"]} >= {"collateral", "hedge"}


@pytest.mark.asyncio
async def test_funding_is_told_as_it_is_and_as_it_was_paid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = stage(tmp_path)
    nothing = Amount(Decimal(0), "BTC")
    paid = [
        Flow(
            str(n),
            kind,
            nothing,
            Decimal(n) / 1000,
            Decimal(0),
            None,
            on.venue.clock.now(),
            "",
            "",
            "",
        )
        for n, kind in enumerate([FlowKind.FUNDING, FlowKind.FUNDING, FlowKind.TRANSFER])
    ]
    paid[2] = replace(paid[2], funding=Decimal(0))

    async def flows(_since: datetime) -> tuple[Flow, ...]:
        return tuple(paid)

    monkeypatch.setattr(on.venue, "flows", flows)
    async with asked(on) as client:
        await on.hedger.run_cycle()
        told = await (await client.get("/api/v1/funding")).json()
    (now,) = told["funding"]
    assert now["instrument"] == "BTC/USD:BTC"
    (of_main,) = told["paid"]
    assert (of_main["venue"], of_main["why"]) == ("main", None)
    assert [p["amount"] for p in of_main["payments"]] == ["0.001", "0"], "newest first"


@pytest.mark.asyncio
async def test_a_dry_run_lists_what_it_assumed_and_has_nothing_to_halt(tmp_path: Path) -> None:
    on = stage(tmp_path, live=False)
    async with asked(on) as client:
        await on.hedger.run_cycle()
        (order,) = (await (await client.get("/api/v1/orders")).json())["orders"]
        assert (order["state"], order["client_id"]) == ("assumed", None)
        refused = await client.post("/api/v1/halt", headers=on.token())
        assert refused.status == 409
        assert "dry-run" in (await refused.json())["error"]
        assert (await client.post("/api/v1/cycle", headers=on.token())).status == 200
    assert on.woken == [True]


@pytest.mark.asyncio
async def test_a_halt_that_no_disk_takes_is_shown_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = stage(tmp_path)
    assert on.journal is not None

    async def full(*_: object) -> None:
        raise StoreError("No space left on device")

    async with asked(on) as client:
        await on.hedger.run_cycle()
        monkeypatch.setattr(on.journal, "append", full)
        await client.post("/api/v1/halt", json={"why": "fire"}, headers=on.token())
        status = await (await client.get("/api/v1/status")).json()
        assert status["state"] == {
            "state": "halted",
            "at": None,
            "who": "anna-0",
            "why": "fire (not on record: a restart would lift it)",
        }
        assert (status["ready"], status["not_ready"][0]["reason"]) == (False, "HALTED")
        metrics = await (await client.get("/metrics")).text()
        assert 'hedged_trading_state{state="halted"} 1.0' in metrics
        monkeypatch.undo()
        await client.post("/api/v1/resume", headers=on.token())
        status = await (await client.get("/api/v1/status")).json()
        assert (status["state"]["state"], status["ready"]) == ("active", True)


@pytest.mark.asyncio
async def test_halt_and_resume_go_through_while_a_cycle_hangs(tmp_path: Path) -> None:
    on = stage(tmp_path)
    assert on.journal is not None
    never = asyncio.Event()

    async def hang(*_: object) -> None:
        await never.wait()

    async with asked(on) as client:
        await on.hedger.run_cycle()
        on.venue.quote = hang  # type: ignore[method-assign, assignment] # a venue that hangs
        cycle = asyncio.create_task(on.hedger.run_cycle())
        await asyncio.sleep(0)
        holder = on.token()
        told = await client.post("/api/v1/halt", json={"why": "fire"}, headers=holder)
        assert (await told.json())["said"].startswith("trading state is halted; ")
        assert on.journal.ledger.state is TradingState.HALTED
        state = (await (await client.get("/api/v1/status")).json())["state"]
        assert (state["state"], state["who"], state["why"]) == ("halted", "anna-0", "fire")
        ready = await client.get("/readyz")
        assert ready.status == 503
        assert (await ready.json())["not_ready"][0]["what_to_do"] == "find the cause, then resume"
        assert (await client.post("/api/v1/resume", headers=holder)).status == 200
        assert (await client.get("/readyz")).status == 200
        assert not cycle.done()
        cycle.cancel()
    assert on.woken == [True, True]


@pytest.mark.asyncio
async def test_operators_need_their_scope_and_readers_none_on_loopback(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        assert (await client.get("/api/v1/status")).status == 200
        bare = await client.post("/api/v1/halt")
        assert bare.status == 401
        assert bare.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await client.post("/api/v1/halt", headers=on.token(Scope.READ))).status == 403
        wrong = {"Authorization": "Bearer hedged_guess"}
        guesses = [(await client.post("/api/v1/halt", headers=wrong)).status for _ in range(12)]
        assert set(guesses) == {401, 429}
        assert (await client.post("/api/v1/halt", headers=on.token())).status == 429
    assert on.subject.state is TradingState.ACTIVE


@pytest.mark.asyncio
async def test_where_others_can_reach_it_reading_takes_a_token_too(tmp_path: Path) -> None:
    on = stage(tmp_path, hosts=["hedge.example.org"])
    async with asked(on) as client:
        for path in ("/api/v1/status", "/metrics", "/api/v1/events"):
            assert (await client.get(path)).status == 401, path
        reader = on.token(Scope.READ)
        assert (await client.get("/api/v1/status", headers=reader)).status == 200
        assert (await client.get("/healthz")).status == 200
        on.venue.before_read = unavailable
        await on.hedger.run_cycle()
        told = await (await client.get("/readyz")).json()
        assert [finding["detail"] for finding in told["not_ready"]] == [""]


@pytest.mark.asyncio
async def test_foreign_hosts_and_origins_are_refused_on_every_path(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        for path in ("/", "/healthz", "/api/v1/status", "/nothing"):
            for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
                assert (await client.get(path, headers=headers)).status == 403
        host = f"{client.host}:{client.port}"
        same = await client.get("/api/v1/status", headers={"Origin": f"http://{host}"})
        assert same.status == 200
        assert "unsafe" not in same.headers["Content-Security-Policy"]
        assert same.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('{"colour": "red"}', 400),
        ('{"why": 3}', 400),
        ('{"why": "\\u0007"}', 400),
        (f'{{"why": "{"x" * 501}"}}', 400),
        ("x" * 20_000, 413),
        ("[" * 9_000, 400),
    ],
)
async def test_a_bad_body_is_answered_and_changes_nothing(
    body: str, status: int, tmp_path: Path
) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        answer = await client.post("/api/v1/halt", data=body, headers={**JSON, **on.token()})
        assert answer.status == status
        assert (await answer.json())["error"]
    assert on.subject.state is TradingState.ACTIVE


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=1&limit=2", "colour=red", "limit=10000000000000000000000"],
)
async def test_a_bad_query_is_answered(query: str, tmp_path: Path) -> None:
    async with asked(stage(tmp_path)) as client:
        assert (await client.get(f"/api/v1/orders?{query}")).status == 400


@pytest.mark.asyncio
async def test_not_ready_before_the_first_cycle_and_when_cycles_stop(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        before = await (await client.get("/readyz")).json()
        assert [f["reason"] for f in before["not_ready"]] == ["UNRECONCILED"]
        await on.hedger.run_cycle()
        assert (await client.get("/readyz")).status == 200
        await on.venue.clock.advance(41.0)
        after = await (await client.get("/readyz")).json()
        assert [f["reason"] for f in after["not_ready"]] == [Reason.STALE_DATA]
        assert "the last cycle was 41 s ago, limit 40 s" in after["not_ready"][0]["detail"]


@pytest.mark.asyncio
async def test_events_bring_the_status_at_once_and_after_each_cycle(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client, client.get("/api/v1/events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        first = await stream.content.readuntil(b"\n\n")
        assert json.loads(first.partition(b"data: ")[2])["books"] == []
        await on.hedger.run_cycle()
        second = await stream.content.readuntil(b"\n\n")
        assert json.loads(second.partition(b"data: ")[2])["books"][0]["cycle"] > 0
    assert on.hedger.last is not None


@pytest.mark.asyncio
async def test_a_listener_that_leaves_is_forgotten_without_a_word(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        stream = await client.get("/api/v1/events")
        await stream.content.readuntil(b"\n\n")
        with capture_logs() as logs:
            stream.close()
            while on.recorder.listeners:
                on.recorder.tell()
                await asyncio.sleep(0.01)
    assert logs == []


@pytest.mark.asyncio
async def test_listeners_are_counted_out(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        streams = [await client.get("/api/v1/events") for _ in range(20)]
        assert (await client.get("/api/v1/events")).status == 503
        for stream in streams:
            stream.close()


@pytest.mark.asyncio
async def test_history_marks_the_order(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        await on.hedger.run_cycle()
        asked_for = {"book": "core", "asset": "BTC"}
        found = await (await client.get("/api/v1/history", params=asked_for)).json()
        assert found["series"]["net_delta"]["value"] == [5.0]
        assert found["series"]["liquidation_distance"]["value"] == [None]
        assert [mark["state"] for mark in found["marks"]] == ["sent"]
        missing = await client.get("/api/v1/history", params={"book": "core", "asset": "ETH"})
        assert missing.status == 404


@pytest.mark.asyncio
async def test_the_configuration_names_no_secret_and_not_where_it_is(tmp_path: Path) -> None:
    async with asked(stage(tmp_path)) as client:
        text = await (await client.get("/api/v1/configuration")).text()
    assert '"api_key":"env:[redacted]"' in text
    assert "web-secret" not in text
    assert "WEB_KEY" not in text


@pytest.mark.asyncio
async def test_fault_40_a_bug_in_a_handler_is_one_answer_and_one_log_line(tmp_path: Path) -> None:
    on = stage(tmp_path)
    async with asked(on) as client:
        on.recorder.cycles = None  # type: ignore[assignment] # a bug
        with capture_logs() as logs:
            answer = await client.get("/api/v1/status")
        assert answer.status == 500
        assert "Traceback" not in await answer.text()
    assert [entry["event"] for entry in logs] == ["web.request_failed"]


@pytest.mark.asyncio
async def test_fault_40_an_address_in_use_is_tried_again_and_stops_nothing(tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    on = stage(tmp_path, bind=f"127.0.0.1:{port}")
    with capture_logs() as logs:
        async with served(on.subject, on.recorder, [on.hedger], on.tokens):
            while not any(entry["event"] == "web.failed" for entry in logs):  # noqa: ASYNC110 - a condition
                await asyncio.sleep(0.01)
            await on.hedger.run_cycle()
            taken.close()
            while not any(entry["event"] == "web.started" for entry in logs):
                await on.venue.clock.advance(1.0)
                await asyncio.sleep(0.01)
    assert on.hedger.last is not None
    assert "none on trading" in next(e for e in logs if e["event"] == "web.failed")["effect"]


@pytest.mark.asyncio
async def test_without_a_bind_nothing_is_served_or_watched(tmp_path: Path) -> None:
    on = stage(tmp_path, bind=None)
    before = list(on.hedger.watchers)
    async with served(on.subject, on.recorder, [on.hedger], on.tokens):
        assert on.hedger.watchers == before


@pytest.mark.asyncio
async def test_pages_are_packed_and_known_again(tmp_path: Path) -> None:
    async with asked(stage(tmp_path)) as client:
        page = await client.get("/")
        assert page.headers["Content-Encoding"] == "gzip"
        again = await client.get("/", headers={"If-None-Match": page.headers["ETag"]})
        assert again.status == 304
        text = await page.text()
        script = text.partition('data-plotly="/static/plotly')[2].partition('"')[0]
        plotly = await client.get(f"/static/plotly{script}")
        assert "immutable" in plotly.headers["Cache-Control"]
        assert plotly.status == 200
