"""DMN: a file is read or refused with its line, a decision made to plain data or failed in its own way, and soon."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from domain.errors import InvalidDefinition
from domain.values import check as check_plain
from engines.decisions.decide import DecisionFailed, decide
from engines.decisions.model import read
from tests.engines.dmn import decision, definitions, table, text
from tests.fuzz import grammars
from tests.fuzz.bounds import inside, within
from tests.fuzz.play import Room
from tests.fuzz.texts import letters, mutated
from tests.fuzz.vocabulary import NOW, SCOPE, WORDS

SECONDS = 5.0
"""As long as a step may take: a decision is many expressions."""
_POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER", "NONE")
_TYPES = ("", ":number", ":string", ":boolean", ":date", ":Any", ":unknown")
_NAMES = ("D1", "D2", "D3")
Draw = Any


@st.composite
def files(draw: Draw) -> bytes:
    """Up to three decisions, each of which may need those before it, and now and then those after."""
    parts = []
    for number, name in enumerate(_NAMES[: draw(st.integers(1, 3))]):
        before = _NAMES[:number] if draw(st.integers(0, 9)) else _NAMES
        needed = draw(st.lists(st.sampled_from(before), max_size=2)) if before else []
        logic = draw(_tables()) if draw(st.booleans()) else text(_readable(draw(_expressions())))
        parts.append(decision(name, logic, requires=dict.fromkeys(needed)))
    source = definitions(*parts)
    if draw(st.integers(0, 9)) == 0:
        source = draw(mutated(st.just(source.decode()), ("<", ">", '"', "/>", "<rule/>", "<output/>", "&#0;"))).encode()
    return source


def check(source: bytes) -> None:
    """What has to hold of each."""
    with within(SECONDS), inside():
        try:
            model = read(source)
        except InvalidDefinition as refused:
            _has_reason(refused)
            return
        for name in model.decisions:
            try:
                found = decide(model, name, dict(SCOPE), NOW)
            except DecisionFailed as failed:
                _has_reason(failed)
                continue
            json.dumps([found.value, [dict(row) for row in found.rows]], allow_nan=False)
            check_plain([found.value, *map(dict, found.rows)], "it")


def _expressions() -> st.SearchStrategy[str]:
    return st.one_of(grammars.feel(), mutated(grammars.feel(), WORDS), st.sampled_from(_NAMES), letters(10))


@st.composite
def _tables(draw: Draw) -> str:
    inputs = draw(st.lists(st.tuples(_expressions(), st.sampled_from(_TYPES)).map("".join), max_size=2))
    outputs = draw(
        st.lists(st.tuples(st.sampled_from(["o", "p", ""]), st.sampled_from(_TYPES)).map("".join), max_size=2)
    )
    cells = [*[grammars.cells()] * len(inputs), *[grammars.feel()] * len(outputs)]
    rules = draw(st.lists(st.tuples(*cells), max_size=4))
    readable = [[_readable(cell) for cell in rule] for rule in rules]
    more = draw(st.sampled_from(["", ' aggregation="SUM"', ' aggregation="COUNT"', ' aggregation="MIN"']))
    policy = draw(st.sampled_from(_POLICIES))
    return table([_readable(one) for one in inputs], outputs, *readable, policy=policy, more=more)


def _readable(written: str) -> str:
    """Without what no XML can hold."""
    return "".join(one for one in written if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))


def _has_reason(error: Exception) -> None:
    assert str(error).strip(), "no reason is given"


ROOM = Room("decisions", files(), check, batch=200)
