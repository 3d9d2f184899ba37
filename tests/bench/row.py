"""One line of the benchmark page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measured median beside its limit and its floor, all in `unit`; None: there is none."""

    what: str
    median: float
    limit: float | None
    unit: str
    floor: float | None
    floor_is: str
    measured_by: str

    @property
    def missed(self) -> bool:
        """Whether the limit is exceeded."""
        return self.limit is not None and self.median > self.limit

    def line(self) -> str:
        """As a row of the table."""
        mark = " **missed**" if self.missed else ""
        floor, ratio = "–", "–"
        limit = "–" if self.limit is None else f"≤ {self.limit:g} {self.unit}".strip()
        if self.floor is not None:
            floor = f"{self.floor:.2f} {self.unit} ({self.floor_is})"
            ratio = f"{self.median / self.floor:.1f}"
        return (
            f"| {self.what} | {self.median:.2f} {self.unit}{mark} | {limit} "
            f"| {floor} | {ratio} | {self.measured_by} |"
        )
