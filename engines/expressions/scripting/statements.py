"""What the statements of scripts do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from engines.expressions.data import Impossible, kind
from engines.expressions.meaning import Evaluate
from engines.expressions.scripting.frame import Frame
from engines.expressions.scripting.language import Language
from engines.expressions.scripting.reader import Target

# What a statement says about how to go on: nothing, or that a loop or the script ends.
Statement: TypeAlias = Callable[[Frame, datetime], str | None]
BREAK: Final = "break"
CONTINUE: Final = "continue"
RETURN: Final = "return"


def sequence(statements: Sequence[Statement]) -> Statement:
    """One after the other."""

    def act(frame: Frame, now: datetime) -> str | None:
        for statement in statements:
            signal = statement(frame, now)
            if signal is not None:
                return signal
        return None

    return act


def evaluated(value: Evaluate) -> Statement:
    """An expression for its effect; the last one is the result of the script."""

    def act(frame: Frame, now: datetime) -> None:
        frame.result = value(frame, now)

    return act


def looped(language: Language, test: Evaluate, body: Statement, step: Statement | None, steps: int) -> Statement:
    """As long as a test is true; `steps` is what a round costs beside its body."""

    def act(frame: Frame, now: datetime) -> str | None:
        while language.true(test(frame, now)):
            frame.spend(steps)
            signal = body(frame, now)
            if signal in (BREAK, RETURN):
                return signal if signal == RETURN else None
            if step is not None:
                step(frame, now)
        return None

    return act


def each(name: str, items: Evaluate, body: Statement, *, by_name: bool) -> Statement:
    """For each item of a list, each name of a mapping; with `by_name`, for each place of a list."""

    def act(frame: Frame, now: datetime) -> str | None:
        found = items(frame, now)
        if not isinstance(found, list | tuple | dict | str):
            raise Impossible(f"a loop needs a list, not {kind(found)}")
        frame.spend_on(found)
        frame.declared.add(name)
        for item in list(range(len(found)) if by_name and not isinstance(found, dict) else found):
            frame.spend(1)
            frame.names[name] = item
            signal = body(frame, now)
            if signal in (BREAK, RETURN):
                return signal if signal == RETURN else None
        return None

    return act


def assigned(target: Target, value: Evaluate) -> Evaluate:
    """Set a member of a mapping or an item of a list."""
    owner, key = target.owner, target.key

    def act(scope: Any, now: datetime) -> Any:
        found = value(scope, now)
        if owner is None or key is None:
            scope.names[target.name] = found
            return found
        _set(owner(scope, now), key(scope, now), found)
        return found

    return act


def _set(owner: Any, key: Any, value: Any) -> None:
    if isinstance(owner, dict):
        owner[str(key)] = value
    elif isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < len(owner):
        owner[key] = value
    elif isinstance(owner, list) and key == len(owner):
        owner.append(value)
    else:
        raise Impossible(f"{key!r} cannot be assigned here")
