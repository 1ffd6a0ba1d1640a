"""What is said when the expressions or scripts of a process cannot be evaluated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from domain.errors import Refused
from engines.expressions.data import Impossible
from engines.expressions.tokens import Unreadable

# What reading and computing may end with.
FAILURES = (Unreadable, Impossible, ArithmeticError, TypeError, ValueError, RecursionError)


class ExpressionFailed(Refused):
    """An expression of the process cannot be evaluated with these variables."""

    status: ClassVar[int] = 422
    slug: ClassVar[str] = "expression-failed"


def attempt(text: str, act: Callable[[], Any]) -> Any:
    """What reading or computing gives; whatever may go wrong there is an `ExpressionFailed` that quotes the text."""
    try:
        return act()
    except FAILURES as error:
        raise failed(text, error) from error


def failed(text: str, error: Exception) -> ExpressionFailed:
    """The failure of a text, with its reason."""
    reason = "it is nested too deep" if isinstance(error, RecursionError) else error
    return ExpressionFailed(f"{text.strip()[:200]!r}: {reason}", expression=text.strip()[:200])
