"""Objects of the engine as an expression sees them: `execution`, `task`, and only what they show."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engines.expressions.data import Impossible, plain


@dataclass(frozen=True, slots=True)
class Exposed:
    """Named members, read when asked for if they are functions, and methods that take plain data or other objects."""

    members: Mapping[str, Any | Callable[[], Any]] = field(default_factory=dict)
    methods: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def member(self, name: str) -> Any:
        """`x`, which may also be written as the method `getX()`."""
        if name in self.members:
            found = self.members[name]
            return found() if callable(found) else found
        getter = self.methods.get(f"get{name[:1].upper()}{name[1:]}")
        if getter is None:
            raise Impossible(f"there is no member {name!r}")
        return _called(name, getter, ())

    def call(self, name: str, arguments: Sequence[Any]) -> Any:
        """A method, or the getter of a member: `getX()`, `isX()`."""
        if name in self.methods:
            return _called(name, self.methods[name], [_argument(argument) for argument in arguments])
        member = property_of(name)
        if not arguments and member in self.members:
            return self.member(member)
        raise Impossible(f"there is no method {name!r}")


def property_of(method: str) -> str:
    """The property a getter reads; empty when the method is none."""
    for prefix in ("get", "is"):
        if method.startswith(prefix) and method[len(prefix) : len(prefix) + 1].isupper():
            return method[len(prefix)].lower() + method[len(prefix) + 1 :]
    return ""


def _argument(value: Any) -> Any:
    return value if isinstance(value, Exposed) else plain(value)


def _called(name: str, method: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    if not _takes(method, arguments):
        raise Impossible(f"the method {name!r} does not take {len(arguments)} values")
    return method(*arguments)


def _takes(method: Callable[..., Any], arguments: Sequence[Any]) -> bool:
    try:
        inspect.signature(method).bind(*arguments)
    except TypeError:
        return False
    except ValueError:  # what is written in C may not tell what it takes
        return True
    return True
