"""What can be said of expressions before any instance runs: whether they can be read, and what they call in vain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeAlias

from engines.expressions.evaluate import CHECKS, is_other, opens, parsed, parts_of
from engines.expressions.exposed import property_of
from engines.expressions.functions import FUNCTIONS, STATICS
from engines.expressions.grammar import Call
from engines.expressions.methods import KNOWN
from engines.expressions.scripting.language import LANGUAGES, NAMES
from engines.expressions.scripting.methods import EXTRA, SCRIPT_STATICS
from engines.expressions.scripts import compile_script
from engines.expressions.tokens import Unreadable

# Objects of the engine: which methods they have is known where they are made.
OBJECTS = frozenset({"execution", "task", "caseExecution", "delegateTask", "delegateExecution"})
_OF_SCRIPTS = KNOWN.union(*EXTRA.values())
_Functions: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that can be read and will fail when it is evaluated; `at` counts characters from 0."""

    text: str
    at: int


def check_text(text: str, objects: Collection[str] = OBJECTS) -> tuple[Finding, ...]:
    """Look at the text of an attribute; raises `Unreadable`."""
    try:
        parts = parts_of(text)
    except RecursionError:
        raise Unreadable("it is nested too deep") from None
    calls = [call for part in parts if not isinstance(part, str) for call in part.calls]
    return tuple(_findings(calls, objects, FUNCTIONS))


def check_condition(text: str, objects: Collection[str] = OBJECTS) -> tuple[Finding, ...]:
    """Look at a condition, which may stand without `${…}`; raises `Unreadable`."""
    if is_other(text):
        if "=" not in CHECKS:
            raise Unreadable("expressions after `=` are FEEL, which is not available here", 0)
        CHECKS["="](text.strip())
        return ()
    if opens(text):
        return check_text(text, objects)
    try:
        return tuple(_findings(parsed(text).calls, objects, FUNCTIONS))
    except RecursionError:
        raise Unreadable("it is nested too deep") from None


def check_script(text: str, language: str | None, objects: Collection[str] = OBJECTS) -> tuple[Finding, ...]:
    """Look at a script; raises `Unreadable` that names the line."""
    calls = compile_script(text, language).calls
    known = LANGUAGES[NAMES[(language or "").strip().lower()]].functions
    return tuple(_findings(calls, objects, {**FUNCTIONS, **known}, _OF_SCRIPTS, SCRIPT_STATICS))


def _findings(
    calls: Iterable[Call],
    objects: Collection[str],
    functions: _Functions,
    methods: Collection[str] = KNOWN,
    statics: Mapping[tuple[str, str], object] = STATICS,
) -> Iterable[Finding]:
    for call in sorted(calls, key=attrgetter("at")):
        if not call.of:
            if call.name not in functions:
                yield Finding(f"calls a function `{call.name}` that there is not", call.at)
        elif not (call.owner in objects or _of_data(call, methods) or (call.owner or "", call.name) in statics):
            of = f" of `{call.owner}`" if call.owner else ""
            yield Finding(f"calls a method `{call.name}`{of} that is not one of the methods data has", call.at)


def _of_data(call: Call, methods: Collection[str]) -> bool:
    """Methods that some kind of value has; a getter may read what a mapping holds."""
    return call.name in methods or (not call.values and property_of(call.name) != "")
