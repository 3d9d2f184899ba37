"""`arm`: an operator lets a book on mainnet trade real money, with everything in view.

Shown are the account by the venue's own number, every setting that bounds what the book may do,
and what its last cycle would have it do. What was shown is what is recorded: a change of account
or limits disarms (`core.arming`). Whoever arms names the account by its number, since a "yes" alone
is given out of habit.
"""

from collections.abc import Iterator

from hedged.core.arming import accounts_of, limits_of
from hedged.core.decimals import plain
from hedged.core.events import Armed
from hedged.core.preflight import Mark, key_checks
from hedged.core.types import AssetDecision, Environment
from hedged.engine.control import Answer, Command, CommandError
from hedged.engine.cycle import Cycle
from hedged.engine.executor import Executor
from hedged.ports import Journal


async def armed(command: Command, cycle: Cycle, journal: Journal, executor: Executor) -> Answer:
    """Arm the book of a cycle, or show what that would mean when it is not confirmed yet.

    Raises:
        CommandError: there is nothing to arm, or an account that cannot be recognised again.
        StoreError: it could not be recorded.
    """
    book, hedges = cycle.snapshot.book, cycle.snapshot.hedges
    if cycle.snapshot.environment is not Environment.MAINNET:
        raise CommandError(
            f"environment is {cycle.snapshot.environment.value}: only mainnet needs arming"
        )
    numbers = {name: access.account_id for name, access in executor.accesses.items()}
    venues = {leg.venue for hedge in hedges for leg in hedge.legs}
    for venue in venues:
        if not numbers.get(venue):
            raise CommandError(
                f"{venue} does not tell the number of its account: it could not be recognised "
                "again, so it cannot be armed"
            )
    _refuse_unseen(command, cycle, executor)
    accounts, limits = (
        accounts_of(numbers, hedges),
        limits_of(hedges, cycle.snapshot.caps, cycle.snapshot.total),
    )
    if command.get("confirmed") != "yes":
        plans = [line for asset in cycle.decision.assets for line in _plan(asset)]
        shown = [*accounts, *limits, *plans, f"{book} will trade real money within these limits"]
        return Answer(tuple(shown), {"accounts": accounts, "limits": limits}, asks=True)
    _refuse_unnamed(command, {numbers[venue] or "" for venue in venues})
    who, why = command.get("who", ""), command.get("why", "")
    await journal.append(Armed(book, tuple(accounts), tuple(limits), who, why))
    said = f"{book} is armed; another account or other limits disarm it, and `hedged disarm {book}`"
    return Answer((said,), {"accounts": accounts, "limits": limits})


def _refuse_unnamed(command: Command, numbers: set[str]) -> None:
    """Whoever arms must name the account: a "yes" alone is given out of habit."""
    named = {number.strip() for number in command.get("account", "").split(",")} - {""}
    if named != numbers:
        found = ", ".join(sorted(named)) or "none"
        wanted = ", ".join(sorted(numbers))
        raise CommandError(
            f"not armed: it would trade in account {wanted}, and the account that was named is "
            f"{found}; name it: --account {wanted}"
        )


def _refuse_unseen(command: Command, cycle: Cycle, executor: Executor) -> None:
    """A key that may withdraw never trades; where nobody tells, the operator must have looked."""
    snapshot = cycle.snapshot
    for venue in sorted({leg.venue for hedge in snapshot.hedges for leg in hedge.legs}):
        access = executor.accesses[venue]
        if access.may_withdraw is None and command.get("rights") != "seen":
            raise CommandError(
                f"{venue} does not tell whether its key may withdraw: look at the exchange's page "
                "of the key, then say --rights-seen"
            )
        checks = key_checks(venue, access, snapshot.environment, snapshot.execution, snapshot.at)
        for check in checks:
            if check.mark is Mark.WRONG:
                raise CommandError(f"{venue} {check.what}: {check.found}; {check.remedy}")


def _plan(asset: AssetDecision) -> Iterator[str]:
    """What the last cycle would do for an asset, order by order."""
    yield f"{asset.asset}: {asset.reason.value}: {asset.why}"
    for order in asset.orders:
        yield (
            f"{asset.asset}: would {order.side.value} {plain(order.contracts)} contracts of "
            f"{order.instrument.symbol}, {plain(order.notional_usd, 2)} USD, "
            f"at {plain(order.limit_price)} or better"
        )
