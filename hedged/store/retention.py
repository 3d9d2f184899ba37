"""How long entries are kept; what still matters is in the checkpoint or unresolved, and stays."""

from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Retention:
    """Ages in seconds, by the time of the entries."""

    digests_s: float = 30 * DAY_S  # of snapshots
    resolved_s: float = 400 * DAY_S  # all the rest: what reports of a tax year and more are made of
    observations: int = 500_000  # digests, decisions, comparisons: the newest so many
