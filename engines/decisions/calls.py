"""Calling: functions of the model first, then those of FEEL itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engines.decisions.functions import BUILTINS
from engines.decisions.scope import Node, Scope
from engines.decisions.types import Type
from engines.decisions.values import Function, Impossible, Run


def called(callee: Node, name: str | None, positional: Sequence[Node], named: Mapping[str, Node]) -> Node:
    """A call by position or by name; null when the arguments do not fit."""
    builtin = BUILTINS.get(name) if name else None

    def found(scope: Scope) -> Any:
        scope.run.spend()
        known = name is None or scope.has(name)
        own = callee(scope) if known else None
        if builtin is None or isinstance(own, Function):
            if not known:
                raise Impossible(f"there is no function {name!r}")
            return _own(scope, own, positional, named)
        if name == "is defined":
            return _is_defined(scope, positional)
        values = [node(scope) for node in positional]
        return builtin(scope.run, values, {key: node(scope) for key, node in named.items()})

    return found


def defined(parameters: Sequence[tuple[str, Type]], body: Node, cost: int) -> Node:
    """A function written in the model; it sees the scope it stands in."""
    names = tuple(name for name, _ in parameters)
    types = tuple(of for _, of in parameters)

    def made(scope: Scope) -> Any:
        def call(run: Run, values: Sequence[Any]) -> Any:
            run.spend(cost)
            fitted = [of.fitted(run, value) for of, value in zip(types, values, strict=True)]
            if any(after is None and before is not None for before, after in zip(values, fitted, strict=True)):
                return None
            return scope.deeper(lambda: body(scope.inner(dict(zip(names, fitted, strict=True)))))

        return Function(names, call)

    return made


def _own(scope: Scope, function: Any, positional: Sequence[Node], named: Mapping[str, Node]) -> Any:
    if not isinstance(function, Function):
        return None
    nodes = [named[parameter] for parameter in function.parameters if parameter in named] if named else positional
    if len(nodes) != len(function.parameters) or len(named) > len(nodes):
        return None
    return function.call(scope.run, [node(scope) for node in nodes])


def _is_defined(scope: Scope, positional: Sequence[Node]) -> bool | None:
    if len(positional) != 1:
        return None
    try:
        return positional[0](scope) is not None
    except Impossible:
        return False
