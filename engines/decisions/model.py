"""Read a DMN file, of version 1.1 to 1.5, safely; what can never work is refused with its element and line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from lxml import etree

from domain.errors import InvalidDefinition
from engines.decisions.boxed import Boxes, children, first, local
from engines.decisions.definitions import Decision, DecisionModel, InputData, Knowledge, Lambda
from engines.decisions.tokens import odd
from engines.decisions.values import MAX_DEPTH
from engines.documents import Node, parsed, text_of, understood

__all__ = ["DecisionModel", "read"]
MAX_ELEMENTS = 100_000
MAX_NAMES = 500
MAX_NAME = 500
_SPACE = "omg.org/spec/DMN/"
_NAMED = ("inputData", "decision", "businessKnowledgeModel", "variable", "itemComponent", "formalParameter", "column")
_VERSION_TAG = "{http://camunda.org/schema/1.0/dmn}versionTag"
_LOGIC = ("decisionTable", "literalExpression", "context", "invocation", "list", "relation", "functionDefinition")
_UNKNOWN = ("conditional", "filter", "for", "some", "every")
Ids: TypeAlias = dict[str, Node]


def read(source: bytes) -> DecisionModel:
    """The decisions of a file; raises `InvalidDefinition` with reason and line."""
    root = _parsed(source)
    with understood(root):
        return _read(root)


def _read(root: Node) -> DecisionModel:
    for node in children(root, "import"):
        raise InvalidDefinition("importing other models is not supported", line=node.sourceline)
    names = {" ".join((node.get("name") or "").split()) for node in root.iter() if local(node) in _NAMED}
    if sum(map(odd, names)) > MAX_NAMES or max(map(len, names), default=0) > MAX_NAME:
        raise InvalidDefinition(f"there are more than {MAX_NAMES} names with signs, or longer than {MAX_NAME}", line=1)
    boxes = Boxes(frozenset(names - {""}), root.get("expressionLanguage"))
    ids = _by_id(root)
    decisions = [_decision(node, ids, boxes) for node in children(root, "decision")]
    if not decisions:
        raise InvalidDefinition("there is no decision in this file", line=root.sourceline)
    found = {decision.id: decision for decision in decisions}
    _refuse_cycles(found, ids)
    return DecisionModel(
        id=root.get("id") or "",
        name=root.get("name") or "",
        decisions=found,
        knowledge=tuple(_knowledge(node, boxes) for node in children(root, "businessKnowledgeModel")),
        inputs=tuple(_input(node) for node in children(root, "inputData")),
        types=_types(root),
    )


def _parsed(source: bytes) -> Node:
    root = parsed(source)
    space = etree.QName(root).namespace
    if local(root) != "definitions" or (space and _SPACE not in space):
        raise InvalidDefinition(f"the root element is {root.tag}, not DMN definitions", line=root.sourceline)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise InvalidDefinition(f"the file has more than {MAX_ELEMENTS} elements")
    return root


def _by_id(root: Node) -> Ids:
    found: Ids = {}
    for node in children(root, "decision", "inputData", "businessKnowledgeModel", "decisionService", "knowledgeSource"):
        name = node.get("id")
        if not name:
            raise InvalidDefinition(f"the {local(node)} {node.get('name')!r} has no id", line=node.sourceline)
        if name in found:
            raise InvalidDefinition(f"the id {name!r} is used twice", line=node.sourceline)
        found[name] = node
    return found


def _decision(node: Node, ids: Ids, boxes: Boxes) -> Decision:
    variable = first(node, "variable")
    name = node.get("name") or node.get("id")
    for unknown in children(node, *_UNKNOWN):
        raise InvalidDefinition(f"decision {name!r}: {local(unknown)} is not supported", line=unknown.sourceline)
    logic = first(node, *_LOGIC)
    return Decision(
        id=node.get("id"),
        name=name,
        variable=" ".join(((None if variable is None else variable.get("name")) or name).split()),
        type=None if variable is None else variable.get("typeRef"),
        version_tag=node.get(_VERSION_TAG),
        logic=None if logic is None else boxes.logic(logic, f"decision {name!r}"),
        decisions=tuple(
            name for name in _required(node, ids, "informationRequirement") if local(ids[name]) == "decision"
        ),
    )


def _required(node: Node, ids: Ids, kind: str) -> list[str]:
    found = []
    for requirement in children(node, kind):
        for target in children(requirement, "requiredDecision", "requiredInput"):
            name = (target.get("href") or "").rpartition("#")[2]
            if name not in ids:
                raise InvalidDefinition(
                    f"decision {node.get('name')!r} requires {target.get('href')!r}, which is not in this file",
                    line=target.sourceline,
                )
            found.append(name)
    return found


def _refuse_cycles(decisions: Mapping[str, Decision], ids: Ids) -> None:
    """A decision that needs its own result can never be made; neither can one that needs too long a chain."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above or len(above) > MAX_DEPTH:
            what = "needs its own result" if name in above else f"needs a chain of more than {MAX_DEPTH} decisions"
            raise InvalidDefinition(f"decision {decisions[name].name!r} {what}", line=ids[name].sourceline)
        if name not in done:
            for required in decisions[name].decisions:
                visit(required, (*above, name))
            done.add(name)

    for name in decisions:
        visit(name, ())


def _knowledge(node: Node, boxes: Boxes) -> Knowledge:
    name = " ".join((node.get("name") or "").split())
    body = first(node, "encapsulatedLogic")
    if body is None:
        raise InvalidDefinition(f"the knowledge model {name!r} has no logic", line=node.sourceline)
    function = boxes.logic(body, f"knowledge model {name!r}")
    if not isinstance(function, Lambda):
        raise InvalidDefinition(f"the knowledge model {name!r} is no function", line=body.sourceline)
    return Knowledge(name, function)


def _input(node: Node) -> InputData:
    variable = first(node, "variable")
    name = (variable.get("name") if variable is not None else None) or node.get("name") or node.get("id")
    return InputData(" ".join(name.split()), None if variable is None else variable.get("typeRef"))


def _types(root: Node) -> dict[str, str]:
    """What types of the model's own are made of; collections and structures stand for themselves."""
    found = {}
    for node in children(root, "itemDefinition"):
        base = first(node, "typeRef")
        if base is not None and node.get("isCollection") != "true" and node.get("name"):
            found[node.get("name")] = text_of(base)
    return found
