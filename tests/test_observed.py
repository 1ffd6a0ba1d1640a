"""What the operations guide lists about metrics and logs is what the code has, no more and no less."""

import re
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from observe import metrics
from webapp.server.metrics import GAUGES, WAKES

ROOT = Path(__file__).parent.parent
LEVELS = {"exception": "error"}
CALL = re.compile(r"\.(info|warning|error|exception|critical)\(\s*\"([a-z]+(?:_[a-z]+)*)\"")
PASSED_ON = {("info", "dead_letter_sent_again"), ("info", "dead_letter_discarded")}
"""Events whose name is an argument."""


def section(title):
    text = (ROOT / "docs" / "operations.md").read_text()
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def metric_rows():
    """One row of the table for every metric there is."""
    counted = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
    rows = {
        (f"{one._name}{'_total' * (one._type == 'counter')}", one._labelnames, one._documentation) for one in counted
    }
    rows |= {(name, labels, text) for name, (text, labels) in GAUGES.items()}
    rows |= {(f"{WAKES[0]}_total", (), WAKES[1])}
    return sorted(f"| `{name}` | {', '.join(labels)} | {text} |" for name, labels, text in rows)


def logged():
    """Every (level, event) our code can log."""
    files = [
        path
        for name in ("domain", "observe", "engines", "store", "tasks", "workers", "webapp")
        for path in (ROOT / name).rglob("*.py")
    ]
    found = {match for path in files for match in CALL.findall(path.read_text())}
    return {(LEVELS.get(level, level), event) for level, event in found} | PASSED_ON


def test_the_guide_lists_every_metric():
    assert sorted(re.findall(r"^\| `taskpool_[a-z_]+` \|.*\|$", section("Metrics"), re.MULTILINE)) == metric_rows()


def test_alerts_are_about_metrics_that_exist():
    names = {row.split("`")[1] for row in metric_rows()}
    told = set(re.findall(r"taskpool_[a-z_]+", section("Metrics")))
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in told} <= names


def test_the_guide_lists_every_line_that_is_logged():
    listed = set(re.findall(r"^\| `([a-z_]+)` \| (info|warning|error|critical) \|", section("Logs"), re.MULTILINE))
    assert {(level, event) for event, level in listed} == logged()
