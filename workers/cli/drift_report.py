"""What a reconciliation found, for people and for scripts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from domain.drift import Drift
from tasks.repair.reconcile import Report

MAX_LINES = 100


def in_words(report: Report, checked: int) -> str:
    """A line for each disagreement, the sum of them at the end."""
    left = {drift.key for drift in report.left}
    lines = [f"still in flight: {what}" for what in report.in_flight]
    lines += [line(drift, repaired=drift.key not in left) for drift in _told(report)[:MAX_LINES]]
    hidden = len(_told(report)) - MAX_LINES
    lines += [f"and {hidden} more; --json has all of them"] if hidden > 0 else []
    return "\n".join([*lines, _sum(report, checked)])


def as_json(report: Report, checked: int) -> dict[str, Any]:
    """`{checked, inFlight, drift: [{kind, application, aggregate, id, key, detail, repaired}], left}`."""
    left = {drift.key for drift in report.left}
    return {
        "checked": checked,
        "inFlight": list(report.in_flight),
        "drift": [_plain(drift, drift.key not in left) for drift in _told(report)],
        "left": len(report.left),
    }


def _told(report: Report) -> list[Drift]:
    """What was found, and what only showed itself while it was mended."""
    found = {(drift.kind, drift.key) for drift in report.found}
    return [*report.found, *(drift for drift in report.left if (drift.kind, drift.key) not in found)]


def line(drift: Drift, *, repaired: bool = False) -> str:
    """One disagreement."""
    mended = " (repaired)" if repaired else ""
    return f"{drift.kind:8} {drift.key.application} {drift.key.aggregate} {drift.key.id}: {drift.detail}{mended}"


def _sum(report: Report, checked: int) -> str:
    if not report.found and not report.left:
        return f"{checked} aggregates compared, no drift."
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(one.kind for one in report.found).items()))
    return f"{checked} aggregates compared, {len(report.found)} drifted ({kinds}), {len(report.left)} left."


def _plain(drift: Drift, repaired: bool) -> dict[str, Any]:
    return {
        "kind": drift.kind,
        "application": drift.key.application,
        "aggregate": drift.key.aggregate,
        "id": drift.key.id,
        "key": drift.key.opaque,
        "detail": drift.detail,
        "repaired": repaired,
    }
