"""FEEL of Camunda 8's attributes, as far as it is the same in our own grammar: paths, texts, numbers and lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engines.expressions import evaluate


def evaluate_feel(text: str, scope: Mapping[str, Any], now: datetime) -> Any:
    """The value of `=expression`; raises `ExpressionFailed`."""
    return evaluate.result(text.strip().removeprefix("="), scope, now)
