"""Read the logic of decisions: tables, literal expressions and the boxed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from lxml import etree

from domain.errors import InvalidDefinition
from engines.decisions import definitions as dmn
from engines.decisions.feel import Expression, Tests, Unreadable, parse, parse_tests
from engines.decisions.juel import Juel
from engines.decisions.values import MAX_DEPTH
from engines.documents import Node, text_of

_FEEL = ("feel", "omg.org/spec/dmn")
_ANY = parse_tests("-")


class Boxes:
    """Reads the logic of one file, with the names and the language it declares."""

    def __init__(self, names: frozenset[str], language: str | None) -> None:
        self._names = names
        self._language = language
        self._depth = 0
        self._readers: dict[str, Callable[[Node, str], dmn.Logic]] = {
            "decisionTable": self._table,
            "literalExpression": self._text,
            "context": self._context,
            "invocation": self._invocation,
            "list": self._items,
            "relation": self._relation,
            "functionDefinition": self._lambda,
            "encapsulatedLogic": self._lambda,
        }

    def logic(self, node: Node, where: str) -> dmn.Logic:
        """An element as logic; raises `InvalidDefinition`."""
        read = self._readers.get(local(node))
        if read is None:
            raise InvalidDefinition(f"{where}: {local(node)} is not supported", line=node.sourceline)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidDefinition(f"{where}: nested deeper than {MAX_DEPTH}", line=node.sourceline)
        found = read(node, where)
        self._depth -= 1
        return found

    def _table(self, node: Node, where: str) -> dmn.Table:
        policy, aggregation = node.get("hitPolicy", "UNIQUE"), node.get("aggregation")
        if policy not in get_args(dmn.HitPolicy):
            raise InvalidDefinition(f"{where}: there is no hit policy {policy!r}", line=node.sourceline)
        if aggregation is not None and (policy != "COLLECT" or aggregation not in get_args(dmn.Aggregation)):
            raise InvalidDefinition(f"{where}: {policy} cannot aggregate by {aggregation!r}", line=node.sourceline)
        inputs = tuple(self._input(column, where) for column in children(node, "input"))
        outputs = tuple(self._output(column, where) for column in children(node, "output"))
        if not outputs:
            raise InvalidDefinition(f"{where}: the table has no output", line=node.sourceline)
        if len(outputs) > 1 and len({output.name for output in outputs}) < len(outputs):
            raise InvalidDefinition(f"{where}: outputs need names of their own", line=node.sourceline)
        if aggregation is not None and len(outputs) > 1:
            raise InvalidDefinition(f"{where}: {aggregation} needs a single output", line=node.sourceline)
        if policy in ("PRIORITY", "OUTPUT ORDER") and all(output.values is None for output in outputs):
            raise InvalidDefinition(
                f"{where}: {policy} needs output values, most important first", line=node.sourceline
            )
        rules = tuple(
            self._rule(number, row, where, inputs, outputs) for number, row in enumerate(children(node, "rule"), 1)
        )
        return dmn.Table(policy, aggregation, inputs, outputs, rules)

    def _input(self, node: Node, where: str) -> dmn.Input:
        expression = first(node, "inputExpression")
        text = "" if expression is None else text_of(first(expression, "text"))
        label = node.get("label") or text or node.get("id") or "input"
        if not text:
            raise InvalidDefinition(f"{where}: input {label!r} has no expression", line=node.sourceline)
        formula = self._formula(expression, f"{where}, input {label!r}")
        variable = node.get("{http://camunda.org/schema/1.0/dmn}inputVariable") or "cellInput"
        return dmn.Input(label, formula, expression.get("typeRef"), variable)

    def _output(self, node: Node, where: str) -> dmn.Output:
        name = node.get("name") or node.get("label") or node.get("id") or "output"
        values, default = first(node, "outputValues"), first(node, "defaultOutputEntry")
        return dmn.Output(
            " ".join(name.split()),
            node.get("typeRef"),
            None if values is None else self._values(values),
            None if default is None else self._formula(default, f"{where}, default of output {name!r}"),
        )

    def _values(self, node: Node) -> dmn.Formula | None:
        """The values listed, in their order; what restricts them in another way has no order."""
        text = text_of(first(node, "text"))
        try:
            return parse(f"[{text}]", self._names) if text else None
        except Unreadable:
            return None

    def _rule(
        self, number: int, node: Node, where: str, inputs: tuple[dmn.Input, ...], outputs: tuple[dmn.Output, ...]
    ) -> dmn.Rule:
        here = f"{where}, rule {number}"
        tests, results = children(node, "inputEntry"), children(node, "outputEntry")
        if len(tests) != len(inputs) or len(results) != len(outputs):
            raise InvalidDefinition(
                f"{here} has {len(tests)} and {len(results)} cells, the table {len(inputs)} inputs"
                f" and {len(outputs)} outputs",
                line=node.sourceline,
            )
        return dmn.Rule(
            number,
            node.get("id"),
            tuple(self._tests(cell, f"{here}, {of.label!r}") for cell, of in zip(tests, inputs, strict=True)),
            tuple(
                self._formula(cell, f"{here}, {of.name!r}") if text_of(first(cell, "text")) else None
                for cell, of in zip(results, outputs, strict=True)
            ),
        )

    def _tests(self, node: Node, where: str) -> Tests:
        text = text_of(first(node, "text"))
        if text and not self._is_feel(node):
            raise InvalidDefinition(
                f"{where}: tests in {node.get('expressionLanguage')!r} are not supported", line=node.sourceline
            )
        found: Tests = self._read(node, where, lambda: parse_tests(text, self._names)) if text else _ANY
        return found

    def _formula(self, node: Node, where: str) -> dmn.Formula:
        text = text_of(first(node, "text"))
        language = node.get("expressionLanguage") or self._language or ""
        if self._is_feel(node):
            found: Expression = self._read(node, where, lambda: parse(text, self._names))
            return found
        if language.lower() == "juel":
            juel: Juel = self._read(node, where, lambda: Juel(text))
            return juel
        raise InvalidDefinition(f"{where}: the language {language!r} is not run", line=node.sourceline)

    def _is_feel(self, node: Node) -> bool:
        language = (node.get("expressionLanguage") or self._language or "feel").lower()
        return any(word in language for word in _FEEL)

    def _read(self, node: Node, where: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Unreadable as error:
            inner = first(node, "text")
            line = node.sourceline if inner is None else inner.sourceline
            raise InvalidDefinition(f"{where}: {text_of(inner)[:100]!r}: {error}", line=line) from error

    def _text(self, node: Node, where: str) -> dmn.Text:
        if not text_of(first(node, "text")):
            raise InvalidDefinition(f"{where}: the expression is empty", line=node.sourceline)
        return dmn.Text(self._formula(node, where), node.get("typeRef"))

    def _context(self, node: Node, where: str) -> dmn.Context:
        found = []
        for entry in children(node, "contextEntry"):
            variable = first(entry, "variable")
            name = None if variable is None else " ".join((variable.get("name") or "").split())
            of = None if variable is None else variable.get("typeRef")
            found.append((name, of, self._only(entry, f"{where}, entry {name!r}")))
        return dmn.Context(tuple(found))

    def _invocation(self, node: Node, where: str) -> dmn.Invocation:
        callee = first(node, "literalExpression")
        if callee is None:
            raise InvalidDefinition(f"{where}: the invocation calls nothing", line=node.sourceline)
        bindings = []
        for binding in children(node, "binding"):
            parameter = first(binding, "parameter")
            name = "" if parameter is None else " ".join((parameter.get("name") or "").split())
            bindings.append((name, self._only(binding, f"{where}, argument {name!r}")))
        return dmn.Invocation(self._formula(callee, where), tuple(bindings))

    def _items(self, node: Node, where: str) -> dmn.Items:
        return dmn.Items(tuple(self.logic(item, where) for item in children(node, *_FORMS)))

    def _relation(self, node: Node, where: str) -> dmn.Relation:
        columns = tuple(" ".join((column.get("name") or "").split()) for column in children(node, "column"))
        rows = tuple(tuple(self.logic(cell, where) for cell in children(row, *_FORMS)) for row in children(node, "row"))
        if any(len(row) != len(columns) for row in rows):
            raise InvalidDefinition(f"{where}: a row has not as many cells as there are columns", line=node.sourceline)
        return dmn.Relation(columns, rows)

    def _lambda(self, node: Node, where: str) -> dmn.Lambda:
        if node.get("kind", "FEEL") != "FEEL":
            raise InvalidDefinition(f"{where}: functions in {node.get('kind')} are not run", line=node.sourceline)
        parameters = tuple(
            (" ".join((parameter.get("name") or "").split()), parameter.get("typeRef"))
            for parameter in children(node, "formalParameter")
        )
        return dmn.Lambda(parameters, self._only(node, where))

    def _only(self, node: Node, where: str) -> dmn.Logic:
        found = first(node, *_FORMS)
        if found is None:
            raise InvalidDefinition(f"{where}: there is no expression", line=node.sourceline)
        return self.logic(found, where)


_FORMS = ("decisionTable", "literalExpression", "context", "invocation", "list", "relation", "functionDefinition")


def local(node: Node) -> str:
    """The name of an element without its namespace."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def children(node: Node, *names: str) -> list[Node]:
    """The elements of these names directly inside, of the file's own namespace."""
    space = etree.QName(node).namespace
    return [inner for inner in node if local(inner) in names and etree.QName(inner).namespace == space]


def first(node: Node, *names: str) -> Node:
    """The first of them, if there is one."""
    found = children(node, *names)
    return found[0] if found else None
