"""FEEL in processes: conditions and attributes that begin with `=`, as Camunda 8 writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.values import iso
from engines.decisions import feel
from engines.expressions import evaluate
from engines.expressions.evaluate import ExpressionFailed
from engines.expressions.moments import Moment
from engines.expressions.tokens import Unreadable


def evaluate_feel(text: str, scope: Mapping[str, Any], now: datetime) -> Any:
    """The value of `=expression`; raises `ExpressionFailed`."""
    written = text.strip().removeprefix("=").strip()
    try:
        return feel.parse(written).evaluate(scope, now)
    except (feel.Unreadable, feel.Impossible) as error:
        raise ExpressionFailed(f"{text.strip()[:200]!r}: {error}", expression=text.strip()[:200]) from error


def check_feel(text: str) -> None:
    """Whether it can be read; raises `Unreadable`."""
    try:
        feel.parse(text.strip().removeprefix("=").strip())
    except feel.Unreadable as error:
        raise Unreadable(str(error)) from error


def value_of(text: str, scope: Mapping[str, Any], now: datetime) -> Any:
    """What a text of a model says, as plain data: FEEL after `=`, else text with `${…}` in it."""
    if text.startswith("="):
        return evaluate_feel(text, scope, now)
    found = evaluate.value(text, scope, now)
    return iso(found.at) if isinstance(found, Moment) else found


evaluate.LANGUAGES["="] = evaluate_feel
evaluate.CHECKS["="] = check_feel
