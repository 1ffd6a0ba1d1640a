"""What is found in a model at deployment: refused, or told as a warning with the element, its line and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from domain.deployment import Warned
from engines.documents import Node
from engines.expressions.check import check_text
from engines.expressions.tokens import Unreadable
from engines.spiff.feel import check_feel
from engines.spiff.source import refused
from engines.spiff.table import REFUSED, WARNED, Rule

LONGEST = 300
"""How much of a text is repeated in what is told of it."""


def check_any(text: str) -> Any:
    """Read a text that may hold expressions of either language; raises `Unreadable`."""
    if text.startswith("="):
        check_feel(text)
        return ()
    return check_text(text)


def read_or_warn(node: Node, what: str, text: str, check_it: Callable[[str], Any]) -> Iterator[Warned]:
    """What can be read but fails when it is evaluated is warned of; raises `InvalidDefinition` for what cannot."""
    try:
        findings = check_it(text)
    except Unreadable as error:
        raise refused(node, f"{what} {text.strip()[:LONGEST]!r} cannot be read: {error}") from error
    for finding in findings or ():
        yield warned(node, f"{what} {text.strip()[:LONGEST]!r}: {finding.text}", "it fails when an instance comes here")


def told_or_left_out(node: Node, what: str, text: str, check_it: Callable[[str], Any]) -> Iterator[Warned]:
    """The same where nothing fails for it."""
    try:
        findings = [finding.text for finding in check_it(text)]
    except Unreadable as error:
        findings = [f"cannot be read: {error}"]
    for finding in findings:
        yield warned(node, f"{what} {text.strip()[:LONGEST]!r}: {finding}", "it is left out, and told on the task")


def by_table(table: Mapping[str, Rule], node: Node, name: str, what: str) -> Iterator[Warned]:
    """What the table says of an element or attribute; raises `InvalidDefinition` for what is not run at all."""
    rule = table.get(name)
    if rule is None:
        yield warned(node, f"{what} is not known here", "it is passed over")
    elif rule.verdict == REFUSED:
        raise refused(element_of(node), f"{what}: {rule.note}", node)
    elif rule.verdict == WARNED:
        yield warned(node, f"{what} is not run", rule.note)


def element_of(node: Node) -> Node:
    """The nearest element with an id that a modeller sees."""
    while node is not None and (node.get("id") is None or node.tag.endswith(("EventDefinition", "Expression"))):
        if node.getparent() is None:
            break
        node = node.getparent()
    return node


def warned(node: Node, text: str, remedy: str) -> Warned:
    """A warning about the element that a modeller sees."""
    element = element_of(node)
    return Warned(element.get("id"), node.sourceline, text, remedy)
