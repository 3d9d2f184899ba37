"""What hedged can do at each venue, as its profile says: for `hedged venues` and the docs."""

from dataclasses import dataclass

from hedged.core.reports import Rules
from hedged.core.types import Environment
from hedged.ports import Style
from hedged.venue.profiles import PROFILES, Profile


@dataclass(frozen=True, slots=True)
class About:
    """One venue."""

    exchange: str
    title: str
    environments: tuple[str, ...]
    kinds: tuple[str, ...]  # of contracts that can be hedged with
    order_unit: str
    accounts: tuple[str, ...]  # that are read beside the trading account
    styles: tuple[str, ...]  # of orders that may be sent; none: it is only read
    has_dead_man: bool  # a switch that hedged arms
    has_log: bool  # the account's own log of flows is read
    needs_passphrase: bool
    limit_per_hour: int
    deadline_s: int | None  # after which an order is refused; None: none are sent
    proof_s: int | None  # for which one must not be found, to have never been placed
    notes: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        """Whether hedged sends orders there."""
        return bool(self.styles)

    @property
    def orders(self) -> str:
        """What may be sent."""
        if not self.is_live:
            return "none: dry-run only"
        return ", ".join(self.styles)

    @property
    def has_test_environment(self) -> bool:
        """Whether it can be tried without real money."""
        return self.environments != (Environment.MAINNET.value,)


def venues() -> tuple[About, ...]:
    """Every venue that hedged knows, by name."""
    return tuple(_about(PROFILES[exchange]) for exchange in sorted(PROFILES))


def _about(profile: Profile) -> About:
    accounts = [account for account in (profile, profile.linear) if account is not None]
    deadline = profile.deadline
    return About(
        exchange=profile.exchange,
        title=profile.title,
        environments=tuple(profile.environments),
        kinds=tuple(kind.value for account in accounts for kind in account.contracts),
        order_unit="contracts" if profile.amounts_in_contracts else "USD (inverse), coins (linear)",
        accounts=tuple(sorted(profile.accounts)),
        styles=tuple(
            style.value for style in Style if any(account.write_routes for account in accounts)
        ),
        has_dead_man=any(account.has_dead_man for account in accounts),
        has_log=bool(profile.flows),
        needs_passphrase=profile.needs_passphrase,
        limit_per_hour=profile.limit_per_hour,
        deadline_s=None if deadline is None else deadline.order_s,
        proof_s=None if deadline is None else int(deadline.proof(Rules()).over_s),
        notes=(*(_only_read(account) for account in accounts if account.only_read), *profile.notes),
    )


def _only_read(account: Profile) -> str:
    kinds = " and ".join(kind.value for kind in account.contracts)
    return f"No orders for {kinds} contracts: {account.only_read}."
