"""Price paths: files as the interface states them, scripts, seeded walks, played in time."""

import gzip
import itertools
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.feed import apply_point, feed
from hedged.sim.orders import Side
from hedged.sim.prices import (
    PriceFileError,
    PricePath,
    PricePoint,
    Walk,
    generated,
    read_prices,
    scripted,
)

MARKET = Path(__file__).parents[3] / "shared" / "market"
real_files = pytest.mark.skipif(
    not MARKET.is_dir(), reason="the real price files (../shared/market) are not here"
)


def written(folder: Path, text: str, name: str = "prices.csv") -> Path:
    path = folder / name
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("t_s,index\n15,100.5\n30,101\n", PricePoint(15_000, Decimal("100.5"))),
        ("t_s,index\n0.5,100\n", PricePoint(500, Decimal(100))),
        ("ts,close,open\n2023-03-01T00:00:00Z,7,8\n", PricePoint(1_677_628_800_000, Decimal(7))),
        ("open_time,price\n1677628800000,7\n", PricePoint(1_677_628_800_000, Decimal(7))),
        (
            "timestamp,index_price,mark,fundingRate\n2023-03-01 00:00:00,7,7.1,-0.0001\n",
            PricePoint(1_677_628_800_000, Decimal(7), Decimal("7.1"), Decimal("-0.0001")),
        ),
        (
            "t_s,index,perp_mark,interest_1h\n0,7,,\n",
            PricePoint(0, Decimal(7), None, None),
        ),
    ],
)
@pytest.mark.parametrize("name", ["prices.csv", "prices.csv.gz"])
def test_files_are_read_by_their_columns(
    tmp_path: Path, text: str, first: PricePoint, name: str
) -> None:
    path = read_prices(written(tmp_path, text, name))
    assert next(iter(path.points)) == first
    assert path.charges_funding is ("interest" in text or "funding" in text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "no time column (t_s, ts, timestamp, open_time); its columns are: a, b"),
        ("ts,volume\n1,2\n", "no price column"),
        ("", "its columns are: none"),
        ("t_s,index\n", "has no rows"),
        ("t_s,index\n0,zero\n", "line 2: not a time and a price > 0: 0, zero"),
        ("t_s,index\n0,0\n", "line 2: not a time and a price > 0"),
        ("t_s,index\n0,-1\n", "line 2"),
        ("t_s,index\n0,NaN\n", "line 2"),
        ("t_s,index\n0,\n", "line 2"),
        ("t_s,index\n0\n", "line 2"),
        ("ts,index\nyesterday,5\n", "line 2"),
        ("t_s,index\n0,1\n0,1\n", "line 3: time does not increase (0)"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(PriceFileError) as refused:
        list(read_prices(written(tmp_path, text)).points)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_opened_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"not gzip")
    for path in (broken, tmp_path / "missing.csv", tmp_path):
        with pytest.raises(PriceFileError, match="cannot be read"):
            read_prices(path)


@real_files
@pytest.mark.parametrize(
    ("name", "index", "mark", "has_funding"),
    [
        ("workloads/w1_path.csv.gz", "9157.72", "9157.72", True),
        ("workloads/w2_path.csv.gz", "23144.78", "23144.78", True),
        ("deribit_btc_index_funding_1h_2019_2020.csv.gz", "5150.94", None, True),
        ("binanceus_btcusd_1m_2023_03.csv.gz", "23143.72", None, False),
        ("bitmex_xbtusd_1m_2018_11.csv.gz", "6337.5", None, False),
        ("bitmex_xbtusd_1m_2021_05.csv.gz", "46503.0", None, False),
    ],
)
def test_real_files_are_readable(
    name: str, index: str, mark: str | None, *, has_funding: bool
) -> None:
    path = read_prices(MARKET / name)
    first = next(iter(path.points))
    assert first.index == Decimal(index)
    assert first.mark == (Decimal(mark) if mark else None)
    assert path.charges_funding is has_funding
    assert sum(1 for _ in itertools.islice(path.points, 5_000)) == 5_000


@real_files
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("binance_bybit_okx_btc_eth_8h_2023_2024.csv.gz", "holds one market"),
        ("bitmex_xbtusd_funding_2016_2020.csv.gz", "no price column"),
        ("workloads/w4_flows.csv.gz", "no price column"),
        ("workloads/w5_outages.csv.gz", "no time column"),
    ],
)
def test_real_files_of_other_things_are_refused(name: str, says: str) -> None:
    with pytest.raises(PriceFileError, match=says):
        read_prices(MARKET / name)


def test_walks_are_the_same_for_the_same_seed() -> None:
    def walk(seed: int) -> list[PricePoint]:
        path = generated(Decimal(65_000), seed=seed, step_s=60)
        return list(itertools.islice(path.points, 200))

    assert walk(1) == walk(1)
    assert walk(1) != walk(2)
    assert walk(1)[0].index == 65_000
    assert [point.at_ms for point in walk(1)[:3]] == [0, 60_000, 120_000]


def test_a_walk_has_the_volatility_that_it_was_given() -> None:
    quiet = Walk(volatility=0.5, jumps_per_day=0)
    path = generated(Decimal(100), seed=4, step_s=3600, walk=quiet)
    prices = [float(point.index) for point in itertools.islice(path.points, 24 * 365)]
    moves = [(b / a - 1) ** 2 for a, b in itertools.pairwise(prices)]
    assert sum(moves) ** 0.5 == pytest.approx(0.5, rel=0.05)


def test_funding_follows_the_basis_and_is_capped() -> None:
    walk = Walk()
    assert walk.funding_rate(Decimal(0)) == Decimal("0.0001")
    assert walk.funding_rate(Decimal("0.0004")) == Decimal("0.0001")
    assert walk.funding_rate(Decimal("0.001")) == Decimal("0.0005")
    assert walk.funding_rate(Decimal("-0.002")) == Decimal("-0.0015")
    assert walk.funding_rate(Decimal("0.1")) == Decimal("0.005")


class VirtualClock:
    """Time that passes only by sleeping."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def read(self) -> int:
        return self.now_ms

    async def sleep(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1000)


@pytest.mark.asyncio
async def test_a_path_is_played_from_now_on_at_its_speed(
    exchange: Exchange, account: Account
) -> None:
    clock = VirtualClock(exchange.now_ms)
    start_ms = clock.now_ms
    seen: list[tuple[int, Decimal]] = []

    async def sleep(seconds: float) -> None:
        seen.append((clock.now_ms - start_ms, exchange.prices["BTC"]))
        await clock.sleep(seconds)

    path = scripted([(100, Decimal(60_000)), (160, Decimal(61_000)), (220, Decimal(62_000))])
    await feed(exchange, "BTC", path, clock=clock.read, speed=10, sleep=sleep)
    assert seen == [(0, Decimal(65_000)), (0, Decimal(60_000)), (6_000, Decimal(61_000))]
    assert clock.now_ms - start_ms == 12_000
    assert exchange.market("BTCUSD").mark == 62_000
    assert exchange.market("BTCUSDT").mark == 62_000
    assert account.name == "main"


@pytest.mark.asyncio
async def test_a_path_goes_on_from_where_someone_has_moved_the_price(exchange: Exchange) -> None:
    clock = VirtualClock(exchange.now_ms)
    path = PricePath(
        [PricePoint(hour * 1_000, Decimal(60_000 + 600 * hour), None) for hour in range(4)]
    )
    seen: list[Decimal] = []

    async def sleep(seconds: float) -> None:
        if len(seen) == 2:
            exchange.set_index("BTC", Decimal(30_300))
        await clock.sleep(seconds)
        seen.append(exchange.prices["BTC"])

    await feed(exchange, "BTC", path, clock=clock.read, sleep=sleep)
    assert [*seen[1:], exchange.prices["BTC"]] == [60_000, 30_300, 30_600, 30_900]
    assert exchange.market("BTCUSD").mark == 30_900


@pytest.mark.asyncio
async def test_funding_in_a_file_replaces_the_venues_own(
    exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(65_000))
    clock = VirtualClock(exchange.now_ms)
    points = [
        PricePoint(hour * 3_600_000, Decimal(65_000), charged_rate=Decimal(rate))
        for hour, rate in enumerate(("0", "0.0001", "0", "0.0002"))
    ]
    path = PricePath([*points, PricePoint(40 * 3_600_000, Decimal(65_000))], charges_funding=True)
    await feed(exchange, "BTC", path, clock=clock.read, sleep=clock.sleep)
    paid = [-fill.fee for fill in account.fills if fill.kind == "Funding"]
    assert paid == [Decimal("0.0001"), Decimal("0.0002")]


def test_a_generated_point_sets_what_the_venue_predicts(exchange: Exchange) -> None:
    point = next(iter(generated(Decimal(65_000), seed=1).points))
    apply_point(exchange, "BTC", point)
    assert exchange.market("BTCUSD").funding_rate == Decimal("0.0001")
    assert exchange.market("BTCUSD").funding_stamps == []
