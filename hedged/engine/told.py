"""What a cycle says of an asset when it is done."""

from decimal import Decimal

from hedged.core.decimals import plain
from hedged.core.types import AssetDecision


def verdict_fields(
    book: str, cycle: int, asset: AssetDecision, age_s: Decimal | None
) -> dict[str, object]:
    """The verdict with its figures, as they are logged."""
    judged = asset.judged
    said: dict[str, object] = {
        "book": book,
        "cycle": cycle,
        "asset": asset.asset,
        "reason": asset.reason.value,
        "why": asset.why,
        "drift_usd": None,
        "band_usd": None,
        "net_delta": None,
        "age_s": None if age_s is None else plain(age_s, 3),
    }
    if judged is not None:
        said["drift_usd"] = plain(judged.drift_usd, 2)
        said["band_usd"] = plain(judged.target.band_usd, 2)
        said["net_delta"] = plain(judged.exposure.net_delta.value, 8)
    if asset.paper is not None:
        said["assumed"] = True
    return said
