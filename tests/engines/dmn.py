"""Small DMN files for tests: a table as rows of cells."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

NEWEST = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(*parts: str, space: str = NEWEST) -> bytes:
    xmlns = f' xmlns="{space}"' if space else ""
    camunda = 'xmlns:camunda="http://camunda.org/schema/1.0/dmn"'
    return f'<definitions{xmlns} {camunda} id="d" name="D" namespace="urn:x">{"".join(parts)}</definitions>'.encode()


def decision(name: str, logic: str, *, requires: Sequence[str] = (), more: str = "", variable: str = "") -> str:
    needed = "".join(
        f'<informationRequirement id="{name}_{other}"><requiredDecision href="#{other}"/></informationRequirement>'
        for other in requires
    )
    return f'<decision id="{name}" name="{name}"{more}>{variable}{needed}{logic}</decision>'


def text(expression: str, attributes: str = "") -> str:
    return f"<literalExpression{attributes}><text>{escape(expression)}</text></literalExpression>"


def table(
    inputs: Sequence[str], outputs: Sequence[str], *rules: Sequence[str], policy: str = "UNIQUE", more: str = ""
) -> str:
    """Inputs as `expression` or `expression:type`, outputs as `name`, `name:type` or `name:type:values`."""
    columns = "".join(_input(column) for column in inputs) + "".join(_output(column) for column in outputs)
    rows = "".join(_rule(rule, len(inputs)) for rule in rules)
    return f"<decisionTable hitPolicy={quoteattr(policy)}{more}>{columns}{rows}</decisionTable>"


def _input(column: str) -> str:
    expression, _, of = column.partition(":")
    of = f' typeRef="{of}"' if of else ""
    return f"<input><inputExpression{of}><text>{escape(expression)}</text></inputExpression></input>"


def _output(column: str) -> str:
    name, _, rest = column.partition(":")
    of, _, values = rest.partition(":")
    of = f' typeRef="{of}"' if of else ""
    listed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    return f'<output name="{name}"{of}>{listed}</output>'


def _rule(cells: Sequence[str], inputs: int) -> str:
    return (
        "<rule>"
        + "".join(
            f"<{kind}><text>{escape(cell)}</text></{kind}>"
            for number, cell in enumerate(cells)
            for kind in ("inputEntry" if number < inputs else "outputEntry",)
        )
        + "</rule>"
    )
