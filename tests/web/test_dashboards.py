"""Every query of the Grafana dashboard and of the alert rules names what the daemon exports."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.exported import exported

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
METRIC = re.compile(r"\bhedged_[a-z_]+\b(\{[^}]*\})?")
MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


def grafana() -> Iterator[str]:
    board = json.loads((DEPLOY / "grafana/hedged.json").read_text())
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (str(one["query"]) for one in board["templating"]["list"] if one["type"] == "query")


def alerts() -> dict[str, str]:
    """Alerts with their expressions, on one line or folded."""
    text = (DEPLOY / "prometheus/alerts.yml").read_text()
    rule = re.compile(r"- alert: (\w+)\n +expr: (.*?)\n +(?:for|labels):", re.DOTALL)
    return dict(rule.findall(text))


QUERIES = [*grafana(), *alerts().values()]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_metrics_and_labels_that_exist(query: str) -> None:
    known = exported()
    known["hedged_cycle_duration_seconds_bucket"] = {"book", "le"}
    found = [*METRIC.finditer(query)]
    assert found or query.startswith("up{")
    for match in found:
        name = match.group().partition("{")[0]
        assert name in known
        assert set(MATCHER.findall(match.group(1) or "")) <= known[name]


def test_the_dashboard_shows_every_metric() -> None:
    shown = {
        match.group().partition("{")[0] for query in grafana() for match in METRIC.finditer(query)
    }
    assert {name.removesuffix("_bucket") for name in shown} == set(exported())


def test_every_alert_is_tested() -> None:
    text = (DEPLOY / "prometheus/alerts_test.yml").read_text()
    assert len(alerts()) == (DEPLOY / "prometheus/alerts.yml").read_text().count("- alert:")
    assert set(re.findall(r"alertname: (\w+)\n +exp_alerts:\n", text)) == set(alerts())
