"""The document about BPMN says what the engine does."""

from __future__ import annotations

import pytest

from domain.errors import InvalidDefinition
from engines.spiff.table import ATTRIBUTES, ELEMENTS, EXTENSIONS, REFUSED, RUNS
from tests.engines.world import World, bpmn, flows
from workers.cli import bpmn_table


def test_the_document_is_that_of_the_table() -> None:
    assert bpmn_table.FILE.read_text() == bpmn_table.text(), "run `python -m workers.cli.bpmn_table`"


def told(inside: str, attributes: str = "") -> list[str]:
    task = f'<userTask id="t" {attributes}>{inside}</userTask>'
    source = bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "t", "e")}')
    return [one.text for one in World().act(lambda engine: engine.deploy(source)).warnings]


@pytest.mark.parametrize("name", [name for name, rule in ELEMENTS.items() if rule.verdict == REFUSED])
def test_refused_elements_are_refused(name: str) -> None:
    with pytest.raises(InvalidDefinition, match=name):
        told(f"<{name}/>")


@pytest.mark.parametrize("name", [name for name, rule in ATTRIBUTES.items() if name != "resource"])
def test_attributes_are_warned_of_unless_they_run(name: str) -> None:
    about = [text for text in told("", f'camunda:{name}="1"') if repr(name) in text and "listener" not in text]
    assert bool([text for text in about if "is not run" in text]) == (ATTRIBUTES[name].verdict != RUNS)


@pytest.mark.parametrize("name", list(EXTENSIONS))
def test_extensions_are_warned_of_unless_they_run(name: str) -> None:
    about = told(f"<extensionElements><camunda:{name}/></extensionElements>")
    assert any(f"'{name}' is not run" in text for text in about) == (EXTENSIONS[name].verdict != RUNS)
