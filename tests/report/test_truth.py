"""The report of a daemon's life over real HTTP, held against the exchange's own books.

The exchange's ledger is the judge: what the report says that the book gained over the period must
be what wallets and positions came to there, whatever happened in between, and nothing may be left
that is not explained by name. All that the report is made from is the daemon's journal.
"""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.core.types import FlowKind
from hedged.core.types import Reason as Verdict
from hedged.ports import Selection
from hedged.report.history import History, told
from hedged.report.made import Report, made
from hedged.report.payments import FundingLog, Payments
from hedged.report.records import journalled
from hedged.report.statement import Statement, kept_statements
from hedged.report.tax import Line, tax_lines
from hedged.sim.accounts import Wallet
from hedged.sim.ledger import Reason
from hedged.sim.orders import Execution, RefusedError, Side
from tests.houses import House, house
from tests.rig import SYMBOL, Rig, rig

D = Decimal
LINEAR = "BTC/USDT:USDT"
FIRST = f'instrument = "{SYMBOL}"'
MORE = f'[[books.core.hedges.more]]\nvenue = "main"\ninstrument = "{LINEAR}"'
HOUR_S = 3600
START = D(65_000)
HALF = 0.5


@dataclass
class Life:
    """A daemon and its exchange, hour by hour."""

    rig: Rig
    kind: str
    chance: random.Random
    step_s: int
    price: Decimal = START
    mark: Decimal = START
    truths: list[Decimal] = field(default_factory=list)
    statement: Statement = field(default_factory=Statement)

    @property
    def truth(self) -> Decimal:
        """The book in USD, by the exchange's own ledger: coins at the index, USDT at 1.

        USDT counts where the hedge pays in it.
        """
        exchange, account = self.rig.exchange, self.rig.account
        wallets = {account.margin_wallet, account.spot_wallet, Wallet.FUND}
        purses = [account.purse(wallet) for wallet in wallets]
        coins = sum((exchange.ledger.balance(purse, "BTC") for purse in purses), D(0))
        quote = exchange.ledger.balance(account.purse(), "USDT")
        for position in account.positions.values():
            profit = position.unrealised(exchange.market(position.instrument.key).mark)
            if position.instrument.is_inverse:
                coins += profit
            else:
                quote += profit
        return coins * self.price + (D(0) if self.kind == "inverse" else quote)

    async def pass_time(self, happening: str) -> None:
        """Prices move, something happens, and the daemon looks until it is content."""
        rig, chance = self.rig, self.chance
        rig.clock.skip(self.step_s - chance.randint(0, 900))
        began = rig.clock.now()
        self.price = round(self.price * D(str(1 + chance.gauss(0, 0.006))), 1)
        self.mark = round(self.price * D(str(1 + chance.gauss(0, 0.0008))), 1)
        rig.exchange.advance(rig.server.clock())
        rig.exchange.set_index("BTC", self.price, self.mark)
        rig.exchange.set_funding_rate("BTC", D(str(round(chance.gauss(0.0001, 0.0003), 6))))
        self._happen(happening)
        while (await rig.cycle()).reason is not Verdict.IN_BAND:
            rig.clock.skip(11)
            assert rig.clock.now() < began + timedelta(minutes=5)

    async def end(self) -> None:
        """One more look an hour later, at the same prices, so that the journal has the end."""
        self.rig.clock.skip(HOUR_S + 1)
        self.rig.exchange.advance(self.rig.server.clock())
        self.truths.append(self.truth)
        seen = await self.rig.cycle()
        assert seen.reason is Verdict.IN_BAND

    def _happen(self, happening: str) -> None:
        exchange, account, chance = self.rig.exchange, self.rig.account, self.chance
        beside = account.spot_wallet
        match happening:
            case "deposit":
                amount = D(chance.randint(1, 40)) / 100
                exchange.deposit(account, "BTC", amount, wallet=beside)
            case "withdrawal":
                amount = D(chance.randint(1, 20)) / 100
                with suppress(RefusedError):
                    exchange.withdraw(account, "BTC", amount, wallet=beside)
            case "spot trade":
                held = exchange.ledger.balance(account.purse(beside), "USDT")
                can_buy = held > 30_000 and chance.random() < HALF
                side = Side.BUY if can_buy else Side.SELL
                with suppress(RefusedError):  # what he owes may not grow
                    size = D(chance.randint(1, 30)) / 100
                    exchange.trade_by_hand(account, "BTCUSDT", side, size)
            case "another's trade":
                side = chance.choice([Side.BUY, Side.SELL])
                if self.kind == "linear":
                    size, market = D(chance.randint(5, 90)) / 1000, "BTCUSDT:linear"
                else:
                    size, market = D(chance.randint(5, 90) * 100), self.rig.house.perp()
                exchange.trade_by_hand(account, market, side, size)
            case "own transfer":
                amount = D(chance.randint(1, 50)) / 100
                places = [account.margin_wallet, Wallet.FUND]
                chance.shuffle(places)
                number = f"own-{len(account.transfers)}"
                with suppress(RefusedError):  # there is nothing yet
                    exchange.transfer(
                        *(account, "BTC", amount),
                        source=places[0],
                        target=places[1],
                        transfer_id=number,
                    )
            case "funding":
                exchange.charge_funding("BTC", D("0.0002"))
            case "rise":
                self.price, self.mark = self.price * D("1.1"), self.mark * D("1.1")
                exchange.set_index("BTC", self.price, self.mark)
            case "stored coins leave":
                exchange.withdraw(account, "BTC", D(2), wallet=Wallet.FUND)


async def lived(
    folder: Path,
    kind: str,
    happenings: list[str],
    seed: int,
    *,
    spent: int = 1,
    stored: str = "0.01",
    step_s: int = HOUR_S,
) -> tuple[Life, Report]:
    """Hours of life, and the report of them from the journal alone.

    `spent` is USDT that is gone from the beginning, `stored` BTC that are in the funding account.
    """

    def before(made_rig: Rig) -> None:
        if kind == "linear":
            text = made_rig.config.read_text().replace(FIRST, f'instrument = "{LINEAR}"')
            made_rig.config.write_text(text)
        clock, account = made_rig.clock, made_rig.account
        made_rig.server.clock = lambda: round(clock.now().timestamp() * 1000)
        made_rig.exchange.withdraw(account, "USDT", D(spent), wallet=account.spot_wallet)
        made_rig.exchange.transfer(
            *(account, "BTC", D(stored)),
            source=account.margin_wallet,
            target=Wallet.FUND,
            transfer_id="first-0",
        )

    beside = '"spot", "funding"' if house().name == "binance" else '"funding"'
    spot = f'spot = [{{ venue = "main", accounts = [{beside}] }}]'
    async with rig(
        folder,
        extra=f"{spot}\n{MORE if kind == 'mixed' else ''}",
        venue='external = "adopt"',
        before=before,
        patience="20s",
    ) as made_rig:
        made_rig.client.milliseconds = made_rig.server.clock
        life = Life(made_rig, kind, random.Random(seed), step_s)  # noqa: S311 - reproducible
        life.truths.append(life.truth)
        began = made_rig.clock.now()
        await made_rig.until(lambda asset: asset.reason is Verdict.IN_BAND)
        for number, happening in enumerate(happenings):
            await life.pass_time(happening)
            if number % 3 == 0:
                await kept(made_rig)
        await life.end()
        await kept(made_rig)
        entries = await made_rig.journal.entries(Selection())
        statements = kept_statements(entries)
        listed = await made_rig.daemon.venues["main"].flows(began - timedelta(days=1))
        life.statement = statements["main"]
        assert life.statement.flows == listed, "each line once"
        report = made(journalled(entries), statements, timedelta(days=3))
        (paid,) = await FundingLog(made_rig.daemon.venues, made_rig.clock).payments()
        assert_as_the_dashboard(report, told("core", entries), paid, life.statement)
        return life, report


def assert_as_the_dashboard(
    report: Report, shown: History, paid: Payments, statement: Statement
) -> None:
    """Charts, lists and reports show the same figures."""
    (found,) = report.summaries
    points = [p for p in shown.points["BTC"] if p.figures is not None]
    samples = found.records.samples
    assert [point.seq for point in points] == [sample.seq for sample in samples]
    for point, sample in zip(points, samples, strict=True):
        figures = point.figures
        assert figures is not None
        assert (figures.price, figures.drift_usd) == (sample.mark, sample.drift_usd)
        assert (figures.band_usd, figures.position_usd) == (sample.band_usd, sample.position_usd)
        assert figures.index_basis is not None
        assert figures.index_basis == pytest.approx(sample.mark / sample.index - 1, abs=D("1e-20"))
    (first, *_) = found.basis
    last = points[-1].figures
    assert last is not None
    assert last.index_basis is not None
    assert first.last == pytest.approx(last.index_basis * 10_000, abs=D("1e-12"))
    assert {fill.trade_id for fill in shown.fills} == {t.trade_id for t in found.records.trades}
    assert len(shown.orders) == found.orders
    charged = [flow for flow in statement.flows if flow.kind is FlowKind.FUNDING or flow.funding]
    assert list(paid.flows) == charged


async def kept(made_rig: Rig) -> None:
    """Have the statement read and recorded, as every hour."""
    assert made_rig.daemon.bookkeeper is not None
    await made_rig.daemon.bookkeeper.keep()


HAPPENINGS = ["deposit", "withdrawal", "spot trade", "another's trade", "own transfer", "funding"]


def assert_told(life: Life, report: Report) -> None:
    """The report is what happened, but for what the exchange rounds."""
    (found,) = report.summaries
    causes, gained = found.causes, found.value_after - found.value_before
    assert abs(causes.total - gained) <= D("1e-15") * found.value_after
    beside = sum((sum(quote.by_kind.values(), D(0)) for quote in report.quotes), D(0))
    rounded = len(found.steps) * 8 * D("1e-8") * life.price
    assert abs(gained + beside - (life.truths[-1] - life.truths[0])) <= rounded
    assert causes.unexplained == 0
    assert abs(causes.venue_rounding) <= rounded
    assert causes.transfers == 0
    account = life.rig.account
    own = [fill for fill in account.fills if fill.kind is Execution.TRADE and fill.link_id]
    assert found.fills == len(own) > 0
    assert found.orders == len(life.rig.orders)
    (note,) = report.notes
    assert note.endswith("records of main are in it."), "nothing is missing"


@pytest.mark.asyncio
async def test_a_report_is_what_the_exchange_shows(tmp_path: Path, at_home: House) -> None:
    life, report = await lived(tmp_path, "inverse", ["", *HAPPENINGS, ""], seed=3)
    assert_told(life, report)
    assert_each_cause(report)
    (found,) = report.summaries
    is_unified = at_home.name == "bybit"  # else deposits and spot trades are in another wallet
    assert (found.causes.outside == 0) is is_unified
    assert (found.causes.flows != 0) is is_unified


@pytest.mark.parametrize("kind", [pytest.param("linear", marks=pytest.mark.proof), "mixed"])
@pytest.mark.asyncio
async def test_a_report_of_linear_contracts_is_too(tmp_path: Path, kind: str) -> None:
    life, report = await lived(tmp_path, kind, ["", *HAPPENINGS, ""], seed=3)
    assert_told(life, report)
    assert_each_cause(report)
    (spot,) = [fill for fill in life.rig.account.fills if fill.instrument.is_spot]
    (quote,) = report.quotes
    assert set(quote.by_kind) == {FlowKind.TRADE}
    assert abs(quote.by_kind[FlowKind.TRADE]) == pytest.approx(spot.quantity * spot.price)


@pytest.mark.asyncio
async def test_tax_rows_are_what_the_exchange_booked(tmp_path: Path, at_home: House) -> None:
    """Its profit of each fill is by the average entry, its fee and its funding are to the digit."""
    happenings = ["withdrawal", "rise", "another's trade", "deposit", "funding", "withdrawal"]
    life, report = await lived(tmp_path, "inverse", happenings, seed=5)
    lines = list(tax_lines(report.summaries[0].records, life.statement.flows))
    fills = [line for line in lines if line.record is not None]
    booked = [f for f in life.rig.account.fills if f.kind is Execution.TRADE]
    assert {line.kind for line in fills} == {"fill", "trade"}
    assert len(fills) == len(booked) >= 4
    by_id = {at_home.trade_id(fill): fill for fill in booked}
    assert {line.id for line in fills} == by_id.keys()
    for line in fills:
        fill = by_id[line.id]
        assert (line.fee, line.currency) == (fill.fee, "BTC")
        assert line.usd_each == fill.price
        assert line.average == pytest.approx(fill.profit, abs=D("1.1e-8"))
    assert any(line.average for line in fills), "some of it was closed"
    assert any(line.fifo != line.average for line in fills)
    ledger, purse = life.rig.exchange.ledger, life.rig.account.purse()
    paid = [p for p in ledger.postings if p.reason is Reason.FUNDING and p.coin == "BTC"]
    received = [p.amount if p.target == purse else -p.amount for p in paid]
    funding = [line for line in lines if line.kind == "funding"]
    assert [line.amount for line in funding] == received
    assert D(0) < max(received)
    assert len({(line.kind, line.id) for line in lines}) == len(lines)
    assert_in_dollars(lines)


def assert_in_dollars(lines: list[Line]) -> None:
    for line in lines:
        assert line.usd_each is not None
        assert line.usd(line.amount) == pytest.approx((line.amount - line.fee) * line.usd_each)


@pytest.mark.asyncio
async def test_interest_on_coins_that_are_owed_is_named(tmp_path: Path) -> None:
    """The hedge of stored coins lost more than its wallet has, which then owes the difference."""
    happenings = ["rise", "stored coins leave", "", "", ""]
    life, report = await lived(tmp_path, "inverse", happenings, seed=4, stored="4.95")
    ledger = life.rig.exchange.ledger
    assert ledger.balance(life.rig.account.purse(), "BTC") < D("-0.1")
    assert_told(life, report)
    (found,) = report.summaries
    posted = (p for p in ledger.postings if (p.reason, p.coin) == (Reason.INTEREST, "BTC"))
    paid = sum((posting.amount for posting in posted), D(0))
    assert found.causes.interest < 0
    assert abs(found.causes.interest) == pytest.approx(abs(paid) * life.price, rel=D("0.02"))
    assert found.causes.outside == pytest.approx(-2 * life.price, rel=D("0.1"))


def assert_each_cause(report: Report) -> None:
    (found,) = report.summaries
    causes = found.causes
    assert causes.inventory != 0 != causes.perp_index
    assert causes.basis != 0, "marks are not the index"
    assert causes.slippage < 0 > causes.fees
    assert causes.funding > 0
    assert causes.external != 0
    assert causes.venue_rounding != 0


def drawn() -> list[str]:
    chance = random.Random(20261122)  # noqa: S311 - reproducible
    return [chance.choice([*HAPPENINGS[:-1], *[""] * 10]) for _ in range(30 * 6)]


@pytest.mark.proof
@pytest.mark.asyncio
async def test_the_report_of_a_month_is_what_the_exchange_shows(
    tmp_path: Path, at_home: House
) -> None:
    life, report = await lived(tmp_path, "inverse", drawn(), 11, spent=99_000, step_s=4 * HOUR_S)
    assert_told(life, report)
    assert_month(report)


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["linear", "mixed"])
@pytest.mark.asyncio
async def test_the_report_of_a_month_of_linear_contracts_is_too(tmp_path: Path, kind: str) -> None:
    life, report = await lived(tmp_path, kind, drawn(), 11, spent=99_000, step_s=4 * HOUR_S)
    assert_told(life, report)
    assert_month(report)


def assert_month(report: Report) -> None:
    (found,) = report.summaries
    assert found.causes.funding != 0
    assert found.carry_per_year is not None
    assert found.in_band is not None
    assert found.in_band > D("0.8"), "what takes it out counts for the four hours before"
    windows = report.windows["core", "BTC"]
    assert len(windows) > 60
    assert all(w.slope is not None and D("-1.25") < w.slope < D("-0.8") for w in windows)
