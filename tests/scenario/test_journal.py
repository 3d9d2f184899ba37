"""Live execution on the journal: restarts, rivals, outside trades, and operator commands."""

from pathlib import Path

import pytest

from tests.houses import house
from tests.process import Exchange, Process, embedded_exchange, hedged, process, written


def opened(daemon: Process) -> None:
    for asset in ("BTC", "ETH"):
        daemon.event("cycle.done", asset=asset, reason="IN_BAND")


@pytest.mark.proof
@pytest.mark.usefixtures("at_home")
def test_fault_10_a_trade_by_hand_freezes_until_it_is_acknowledged(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        config = written(tmp_path, exchange.url, execution="live")
        with process("run", "-c", config, "--live") as daemon:
            opened(daemon)
            exchange.admin(
                "trade", account="demo", symbol=house().perp(), side="buy", quantity="50000"
            )
            frozen = daemon.event("cycle.done", asset="BTC", reason="EXTERNAL_CHANGE")
            assert f"buy {50_000 / house().lot:f} BTC/USD:BTC" in frozen["why"]
            daemon.event("cycle.done", asset="ETH", reason="IN_BAND")
            assert (
                "waiting: main BTC/USD:BTC"
                in hedged("ack", "-c", config, "--symbol", "ETH/USD:ETH").stderr
            )
            done = hedged("ack", "-c", config, "--why", "it was me")
            assert done.returncode == 0, done.stderr
            assert "acknowledged main BTC/USD:BTC" in done.stdout
            sent = daemon.event("order.sent", instrument="BTC/USD:BTC")
            assert sent["side"] == "sell"
            daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
            assert daemon.end() == 0
        shown = hedged("journal", "export", "-c", config, "--format", "json")
        assert shown.returncode == 0, shown.stderr
        for kind in ("intent", "submit", "acknowledgement", "fill", "external-change", "ack"):
            assert f'"{kind}"' in shown.stdout


def test_fault_29_a_second_instance_is_refused_and_told_who_is_there(
    exchange: Exchange, tmp_path: Path
) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    other = tmp_path / "other"
    other.mkdir()
    same_account = written(other, exchange.url, execution="live")
    with process("run", "-c", config, "--live") as daemon:
        opened(daemon)
        for rival in (config, same_account):
            done = hedged("run", "-c", rival, "--live")
            assert done.returncode == 1
            assert f"in use by process {daemon.popen.pid} on" in done.stderr
        daemon.end()


def test_a_halt_survives_a_restart_until_resume(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    done = hedged("halt", "-c", config, "--why", "exercise")
    assert "trading state is halted\n" in done.stdout, done.stderr
    with process("run", "-c", config, "--live") as daemon:
        daemon.event("cycle.done", asset="BTC")
        exchange.admin("deposit", account="demo", coin="BTC", amount="1")
        daemon.event("order.proposed", asset="BTC", blocked=["HALTED"])
        assert hedged("resume", "-c", config).stdout == "trading state is active\n"
        daemon.event("order.sent", instrument="BTC/USD:BTC")
        daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
        assert daemon.end() == 0
