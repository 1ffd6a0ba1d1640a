"""What names mean while an expression is evaluated: the innermost one counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from engines.decisions.values import MAX_DEPTH, Impossible, Run, taken

_NOTHING: Mapping[str, Any] = {}


class Scope:
    """Names, and the scope around them; plain data is taken over when it is asked for."""

    __slots__ = ("names", "outer", "plain", "run")

    def __init__(
        self, run: Run, names: dict[str, Any], outer: Scope | None = None, plain: Mapping[str, Any] = _NOTHING
    ) -> None:
        self.run = run
        self.names = names
        self.outer = outer
        self.plain = plain

    def inner(self, names: dict[str, Any]) -> Scope:
        """A scope inside this one."""
        return Scope(self.run, names, self)

    def has(self, name: str) -> bool:
        """Whether the name means anything."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names or name in scope.plain:
                return True
            scope = scope.outer
        return False

    def find(self, name: str) -> Any:
        """What the name means; raises `Impossible` when it means nothing."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            if name in scope.plain:
                return scope.names.setdefault(name, taken(self.run, scope.plain[name]))
            scope = scope.outer
        raise Impossible(f"there is no variable {name!r}")

    def deeper(self, call: Callable[[], Any]) -> Any:
        """Call a function, not too deep within others."""
        self.run.depth += 1
        if self.run.depth > MAX_DEPTH:
            raise Impossible(f"calls functions more than {MAX_DEPTH} deep")
        try:
            return call()
        finally:
            self.run.depth -= 1


Node: TypeAlias = Callable[[Scope], Any]
"""A part of an expression: its value in a scope."""
