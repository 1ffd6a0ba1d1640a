"""What a BPMN file says that helps to play it: its flows, where it may wait, and values its conditions ask about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engines.decisions.definitions import Table
from engines.decisions.model import read as read_decisions
from engines.documents import Node
from engines.spiff.dialects import normalise
from engines.spiff.extensions import attributes
from engines.spiff.source import NAMES, read, tag
from engines.spiff.vendor import form_fields

_NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_LITERAL = r"\"[^\"]*\"|'[^']*'|-?\d+(?:\.\d+)?|true|false|null"
_SIGN = r"==|!=|>=|<=|[<>=]|eq|ne|gt|lt|ge|le"
_COMPARED = re.compile(rf"(?P<name>{_NAME})\s*(?P<sign>{_SIGN})\s*(?P<literal>{_LITERAL})")
_REVERSED = re.compile(rf"(?P<literal>{_LITERAL})\s*(?P<sign>{_SIGN})\s*(?P<name>{_NAME})")
_EQUALS = re.compile(rf"(?P<name>{_NAME})\.(?P<sign>equals)\((?P<literal>{_LITERAL})\)")
_EMPTY = re.compile(rf"(?<!\w)empty\s+(?P<name>{_NAME})")
_DEFINED = re.compile(rf"(?<!\w)is\s+defined\s*\(\s*{_NAME}\s*\)")
_BESIDE = {">": 1, "gt": 1, "<=": 1, "le": 1, "<": -1, "lt": -1, ">=": -1, "ge": -1}
"""On which side of a number a comparison with it comes out otherwise than at it."""
_EXPRESSION = re.compile(r"[$#]\{([^{}]*)\}")
_COMPUTED = re.compile(r"[-+*/%]|(?<!\w)(?:div|mod)(?!\w)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_WORD = re.compile(rf"(?<![\w.])({_NAME})(?!\s*\()(?![\w.])")
_ASSIGNED = re.compile(rf"^\s*({_NAME})\s*=", re.MULTILINE)
_RESERVED = frozenset(
    {
        *(
            "true",
            "false",
            "null",
            "empty",
            "not",
            "and",
            "or",
            "eq",
            "ne",
            "gt",
            "lt",
            "ge",
            "le",
            "div",
            "mod",
            "execution",
        )
    }
)
_A_DATE = "2026-02-01T09:00:00Z"
_WAITS = ("messageEventDefinition", "signalEventDefinition", "timerEventDefinition", "conditionalEventDefinition")
_CATCHES = ("intermediateCatchEvent", "boundaryEvent", "receiveTask")


@dataclass(frozen=True, slots=True)
class Hints:
    """`flows` by process: (id, source, target); `waits` what an element waits for; `values` to try for each variable.

    `fields` are what forms ask for, which nobody else should answer; `conditions` stand by the element whose flows have
    them, with None for a flow without one; `starts` are start events by process, `calls` the processes and `decisions`
    the decisions that are asked for by name.
    """

    flows: Mapping[str, Sequence[tuple[str, str, str]]]
    waits: Mapping[str, str]
    values: Mapping[str, Sequence[Any]]
    calls: frozenset[str]
    fields: frozenset[str]
    conditions: Mapping[str, Sequence[str | None]]
    starts: Mapping[str, frozenset[str]]
    decisions: frozenset[str]


def hints(source: bytes) -> Hints:
    """Read a file as it was written; raises `InvalidDefinition`."""
    root = read(source)
    flows = {
        process.get("id", ""): [
            (flow.get("id", ""), flow.get("sourceRef", ""), flow.get("targetRef", ""))
            for flow in process.iter(tag("sequenceFlow"))
        ]
        for process in root.iterfind("bpmn:process", NAMES)
    }
    waits = {node.get("id", ""): what for node in root.iter(*map(tag, _CATCHES)) if (what := _waited_for(node))}
    normalise(root)
    calls = (node.get("calledElement", "") for node in root.iter(tag("callActivity")))
    decided = (attributes(node).get("decisionRef", "") for node in root.iter(tag("businessRuleTask")))
    starts = {
        process.get("id", ""): frozenset(start.get("id", "") for start in process.iterfind("bpmn:startEvent", NAMES))
        for process in root.iterfind("bpmn:process", NAMES)
    }
    fields = (str(one["id"]) for node in root.iter(*map(tag, ("userTask", "startEvent"))) for one in form_fields(node))
    return Hints(*(flows, waits, _values(root), _plain(calls), frozenset(fields), _ways(root), starts, _plain(decided)))


def asked_by_decisions(source: bytes) -> dict[str, list[Any]]:
    """Values for the variables that decision tables ask for; raises `InvalidDefinition`."""
    found: dict[str, list[Any]] = defaultdict(list)
    logics = [decision.logic for decision in read_decisions(source).decisions.values()]
    for table in (logic for logic in logics if isinstance(logic, Table)):
        for place, column in enumerate(table.inputs):
            if re.fullmatch(_NAME, column.formula.text):
                literals = re.findall(_LITERAL, " ".join(rule.tests[place].text for rule in table.rules))
                values = [value for literal in literals for value in _around(literal)]
                found[column.formula.text] += dict.fromkeys(values or ["text"])
    return dict(found)


def _ways(root: Node) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = defaultdict(list)
    for flow in root.iter(tag("sequenceFlow")):
        condition = flow.find("bpmn:conditionExpression", NAMES)
        found[flow.get("sourceRef", "")].append(None if condition is None else (condition.text or "").strip() or None)
    return dict(found)


def _plain(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if name and "{" not in name and not name.startswith("="))


def _waited_for(node: Node) -> str | None:
    if node.tag == tag("receiveTask"):
        return "message"
    found = next((kind for kind in _WAITS if node.find(f"bpmn:{kind}", NAMES) is not None), None)
    return found and found.removesuffix("EventDefinition")


def _values(root: Node) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for text in _conditions(root, "conditionExpression", "completionCondition", "loopCondition"):
        _compared(text, found)
    awaited: dict[str, list[Any]] = defaultdict(list)
    for text in _conditions(root, "condition"):
        _compared(text, awaited)
    for name, values in awaited.items():
        found[name] += [value for value in values if value is not None and value not in found[name]]
    otherwise = _asked_with_another_way(root)
    for name, values in found.items():
        if all(isinstance(value, str) for value in values) and (len(values) == 1 or name in otherwise):
            values.append(f"not {values[0]}")
    for name, value in _named(root):
        found[name] = found[name] or [value]
    return dict(found)


def _asked_with_another_way(root: Node) -> set[str]:
    """Variables about which is only asked where a way is left that has no condition."""
    asked: dict[bool, set[str]] = {True: set(), False: set()}
    for ways in _ways(root).values():
        names: dict[str, list[Any]] = defaultdict(list)
        for way in ways:
            _compared(way or "", names)
        asked[None in ways].update(names)
    return asked[True] - asked[False]


def _named(root: Node) -> Iterator[tuple[str, Any]]:
    """Variables that no condition asks about, each with something of the kind that is needed there."""
    for loop in root.iter(tag("multiInstanceLoopCharacteristics")):
        for text, value in _collections(loop):
            yield from ((name, value) for name in _words(text))
    for script in root.iter(tag("script")):
        text = script.text or ""
        yield from ((name, 1) for name in set(_words(text)) - set(_ASSIGNED.findall(text)))
    processes = [process.get("id", "") for process in root.iterfind("bpmn:process", NAMES)]
    for call in root.iter(tag("callActivity")):
        own = next(call.iterancestors(tag("process"))).get("id")
        other = next((key for key in processes if key != own), "text")
        yield from (
            (name, other) for inner in _EXPRESSION.findall(call.get("calledElement", "")) for name in _words(inner)
        )
    for name, value in (("timeDate", _A_DATE), ("timeDuration", "PT1H"), ("timeCycle", "R2/PT1H")):
        for timer in root.iter(tag(name)):
            yield from ((word, value) for inner in _EXPRESSION.findall(timer.text or "") for word in _words(inner))
    for text in _texts(root):
        for inner in _EXPRESSION.findall(text):
            value = 1 if _COMPUTED.search(_QUOTED.sub(" ", inner)) else "text"
            yield from ((name, value) for name in _words(inner))


def _conditions(root: Node, *names: str) -> Iterator[str]:
    for name in names:
        for node in root.iter(tag(name)):
            yield (node.text or "").strip()


def _compared(text: str, found: dict[str, list[Any]]) -> None:
    left = _EMPTY.sub(r" \g<name> == null ", _DEFINED.sub(" ", text))
    for pattern in (_EQUALS, _COMPARED, _REVERSED):
        for one in pattern.finditer(left):
            values, beside = found[one["name"]], _BESIDE.get(one["sign"], 1)
            beside = -beside if pattern is _REVERSED else beside
            values.extend(value for value in _beside(one["literal"], beside) if value not in values)
        left = pattern.sub(" ", left)
    for name in _words(left):
        found[name] = found[name] or [True, False]


def _beside(literal: str, side: int) -> list[Any]:
    """A literal and what makes a comparison with it come out the other way."""
    values = _around(literal)
    return [values[0], values[0] + side] if len(values) > 2 else values  # noqa: PLR2004 - a number, with both sides


def _around(literal: str) -> list[Any]:
    """A literal and what is beside it, so that a comparison comes out both ways."""
    if literal == "null":
        return ["text", None]
    if literal in ("true", "false"):
        return [literal == "true", literal != "true"]
    if literal[0] in "\"'":
        return [literal[1:-1]]
    number = float(literal) if "." in literal else int(literal)
    return [number, number + 1, number - 1]


def _collections(loop: Node) -> Iterator[tuple[str, Any]]:
    cardinality = loop.find("bpmn:loopCardinality", NAMES)
    if cardinality is not None:
        yield cardinality.text or "", 2
    reference = loop.find("bpmn:loopDataInputRef", NAMES)
    if reference is not None:
        yield reference.text or "", ["one", "two"]
    for name, text in loop.attrib.items():
        if etree.QName(name).localname == "collection":
            yield text, ["one", "two"]


def _words(text: str) -> Iterator[str]:
    bare = _QUOTED.sub(" ", text)
    return (name for name in _WORD.findall(bare) if name.partition(".")[0] not in _RESERVED)


def _texts(root: Node) -> Iterator[str]:
    for node in root.iter():
        if isinstance(node.tag, str):
            yield from node.attrib.values()
            yield node.text or ""
