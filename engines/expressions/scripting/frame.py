"""What a running script holds: its own names, copies of the variables it read, and how much it may still do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engines.expressions.data import Impossible, plain, weigh
from engines.expressions.exposed import Exposed

MAX_STEPS = 100_000
PER_STEP = 32
"""How much of a value, as `weigh` counts it, is looked at in a step."""


class Frame(Mapping[str, Any]):
    """The names a script sees; what it changes stays here until somebody takes it over."""

    def __init__(self, outer: Mapping[str, Any]) -> None:
        self._outer = outer
        self._copies: dict[str, Any] = {}
        self._left = MAX_STEPS
        self.names: dict[str, Any] = {}
        self.declared: set[str] = set()
        self.sent: dict[str, Any] = {}
        self.result: Any = None
        if not isinstance(outer.get("execution"), Exposed):
            self._copies["execution"] = self._execution(outer.get("execution"))

    def __getitem__(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        if name not in self._copies:
            self._copies[name] = self.copied(self._outer[name])
        return self._copies[name]

    def __contains__(self, name: object) -> bool:
        return name in self.names or name in self._copies or name in self._outer

    def __iter__(self) -> Iterator[str]:
        return iter({**self._outer, **self._copies, **self.names})

    def __len__(self) -> int:
        return len({**self._outer, **self._copies, **self.names})

    def spend(self, steps: int) -> None:
        """Count what is done; raises `Impossible` when it is too much."""
        self._left -= steps
        if self._left < 0:
            raise Impossible(f"the script takes more than {MAX_STEPS} steps")

    def spend_on(self, value: Any) -> None:
        """Count work that grows with a value."""
        if isinstance(value, str):
            self.spend(len(value) // PER_STEP)
        elif isinstance(value, list | tuple | Mapping):
            self.spend(weigh(value) // PER_STEP)

    def copied(self, value: Any) -> Any:
        """A value that the script may change: variables stay as they are."""
        if not isinstance(value, list | tuple | Mapping):
            return value
        self.spend_on(value)
        return plain(value)

    def changed(self) -> dict[str, Any]:
        """The names assigned without being declared, and the variables changed in place."""
        kept = (name for name in self.names if name not in self.declared)
        found = {name: self.names[name] for name in kept if not isinstance(self.names[name], Exposed)}
        copies = {name: copy for name, copy in self._copies.items() if isinstance(copy, list | dict)}
        return {**{name: copy for name, copy in copies.items() if copy != self._outer.get(name)}, **found}

    def _execution(self, facts: Any) -> Exposed:
        """Where no engine gives an `execution`, one that keeps what the script sets."""

        def keep(name: str, value: Any) -> None:
            self.sent[name] = value

        methods: dict[str, Callable[..., Any]] = {
            "setVariable": keep,
            "setVariableLocal": keep,
            "getVariable": self._variable,
            "hasVariable": lambda name: name in self.sent or name in self._outer,
        }
        return Exposed(dict(facts) if isinstance(facts, Mapping) else {}, methods)

    def _variable(self, name: str) -> Any:
        return self.sent[name] if name in self.sent else self._outer.get(name)
