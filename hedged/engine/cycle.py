"""One finished cycle, for those who watch: the dashboard, metrics, whoever wants to know.

A watcher is called at the end of each cycle, on the loop's own thread. It only reads and must
be quick; one that fails is logged and never touches trading.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hedged.core.types import Decision, Snapshot


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one cycle saw and decided; times are monotonic seconds."""

    snapshot: Snapshot
    decision: Decision
    seen_s: float  # when the snapshot was taken: what its ages count from
    took_s: float  # from the start of the reads to the end of the acts


Watch = Callable[[Cycle], None]
