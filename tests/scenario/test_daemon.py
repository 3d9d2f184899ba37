"""The daemon as a process: it starts, decides, survives, trades when told to, and ends well."""

import signal
from pathlib import Path

import pytest

from tests.houses import house
from tests.process import embedded_exchange, process, written


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_fault_28_a_signal_ends_it_cleanly_and_keeps_the_hedge(
    number: signal.Signals, tmp_path: Path
) -> None:
    with embedded_exchange() as exchange:
        config = written(tmp_path, exchange.url, execution="live")
        with process("run", "-c", config, "--live") as daemon:
            daemon.event("order.done")
            daemon.event("cycle.done", reason="IN_BAND", asset="BTC")
            assert daemon.end(number) == 0
        said = [event["event"] for event in daemon.events()]
        assert [event for event in said if event != "alert.told"][-1] == "daemon.stopped"
        (account,) = exchange.admin("state")["accounts"].values()
        assert set(account["positions"]) == {house().perp("BTC"), house().perp("ETH")}


def test_live_without_the_flag_is_dry_run_and_the_first_line_says_so(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        config = written(tmp_path, exchange.url, execution="live")
        with process("run", "-c", config) as daemon:
            assert "--live is missing" in daemon.next_line()
            daemon.event("order.proposed", blocked=["DRY_RUN"])
            daemon.event("cycle.done", reason="IN_BAND", assumed=True)
            daemon.end()
        (account,) = exchange.admin("state")["accounts"].values()
        assert (account["positions"], account["open_orders"]) == ({}, [])


@pytest.mark.usefixtures("at_home")
def test_fault_23_it_outlives_an_exchange_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        port = exchange.url.rpartition(":")[2]
        config = written(tmp_path, exchange.url)
        daemon_process = process("run", "-c", config)
        daemon = daemon_process.__enter__()
        daemon.event("cycle.done", reason="IN_BAND")
    try:
        gone = daemon.event("cycle.done", reason="SOURCE_MISSING")
        assert gone["drift_usd"] is None
        with embedded_exchange("--port", port):
            daemon.event("cycle.done", reason="IN_BAND")
        assert daemon.end() == 0
    finally:
        daemon_process.__exit__(None, None, None)


def test_it_starts_before_the_exchange_does(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        port = exchange.url.rpartition(":")[2]
    config = written(tmp_path, exchange.url)
    with process("run", "-c", config) as daemon:
        daemon.event("cycle.done", reason="SOURCE_MISSING")
        with embedded_exchange("--port", port):
            daemon.event("cycle.done", reason="ABOVE_BAND")
            assert daemon.end() == 0


@pytest.mark.usefixtures("at_home")
def test_a_withdrawal_by_hand_is_bought_back_reduce_only(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        config = written(tmp_path, exchange.url, execution="live")
        with process("run", "-c", config, "--live") as daemon:
            daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
            exchange.admin("withdraw", account="demo", coin="BTC", amount="1")
            sent = daemon.event("order.sent", instrument="BTC/USD:BTC")
            assert (sent["side"], sent["reduce_only"]) == ("buy", True)
            daemon.event("order.done", client_id=sent["client_id"])
            daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
            daemon.end()


@pytest.mark.proof
def test_no_line_of_the_log_carries_a_secret(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        config = written(tmp_path, exchange.url)
        config.write_text(config.read_text().replace("[log]", '[log]\nlevel = "debug"'))
        with process("run", "-c", config) as daemon:
            daemon.event("cycle.done", reason="IN_BAND")
    with process("run", "-c", config) as daemon:  # now every read fails, with ccxt's own texts
        daemon.event("cycle.done", reason="SOURCE_MISSING")
        daemon.end()
    said = "\n".join(daemon.lines)
    assert "demo-secret" not in said
    assert "demo-key" not in said
