"""Which points of a long line a picture must show, so that no spike is lost.

The line is divided into equal parts, and of each are kept the first and the last point, the least
and the greatest, and the first gap.
"""

import math
from collections.abc import Iterator, Sequence


def telling(values: Sequence[float], begin: int, parts: int) -> Iterator[int]:
    """Their places, in order, from `begin` on; a value that is no number is a gap."""
    size = math.ceil((len(values) - begin) / parts)
    for start in range(begin, len(values), max(1, size)):
        part = values[start : start + size]
        yield from (start + i for i in sorted({0, len(part) - 1, *_extremes(part)}))


def _extremes(part: Sequence[float]) -> Iterator[int]:
    """The least, the greatest, and the first gap."""
    if not any(map(math.isnan, part)):
        yield part.index(min(part))
        yield part.index(max(part))
        return
    known = [i for i, value in enumerate(part) if not math.isnan(value)]
    if known:
        yield min(known, key=part.__getitem__)
        yield max(known, key=part.__getitem__)
    yield next(i for i, value in enumerate(part) if math.isnan(value))
