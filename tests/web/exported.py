"""The names and labels of all metrics, as the program makes them."""

from hedged.ops.metrics import Metrics


def exported() -> dict[str, set[str]]:
    """Each family as it is shown, with its own labels (not those of a histogram's buckets)."""
    found: dict[str, set[str]] = {}
    for collector in Metrics("0", "sim", "live").registry._collector_to_names:
        name, kind = collector._name, collector._type  # type: ignore[attr-defined] # the client's own
        suffix = {"counter": "_total", "info": "_info"}.get(kind, "")
        labels = set(collector._labelnames)  # type: ignore[attr-defined] # the client's own
        found[name + suffix] = labels
    found["hedged_info"] = {"version", "environment", "execution"}
    return found
