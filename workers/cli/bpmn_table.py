"""Write `docs/bpmn.md` from the table the engine goes by: `python -m workers.cli.bpmn_table`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from engines.spiff.table import ATTRIBUTES, ELEMENTS, EXTENSIONS, Rule

FILE = Path(__file__).parents[2] / "docs" / "bpmn.md"
_ABOUT = """\
# What becomes of a BPMN file

Made by `python -m workers.cli.bpmn_table` from `engines/spiff/table.py`, which deployment goes by.

* **runs**: as engines of the Camunda 7 family run it, or as the note says.
* **warned**: deployment answers 201 and names element, line, text and remedy; `strict=true` makes it 422.
* **refused**: deployment answers 422 with element, line and reason.

What is not in a table is warned of. Deployment also warns of services, jobs, decisions and called processes that
are not there yet, of listeners that are not run and of expressions that call what nobody knows, and refuses conditions,
scripts, mappings and timers that cannot be read, flows and messages that lead nowhere, and compensation that is joined
to nothing it could run (decision 0035).

What fails behind a task stops the instance before the failing element; see "Budgets, incidents, and cancelling"
in [operations.md](operations.md).
"""


def text() -> str:
    """The document."""
    return "\n".join([_ABOUT, *_table("Elements", ELEMENTS), *_table("Vendor attributes", ATTRIBUTES)]) + "\n".join(
        ["", *_table("Vendor elements", EXTENSIONS)]
    )


def _table(title: str, rules: Mapping[str, Rule]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| name | | note |"
    yield "|---|---|---|"
    groups: dict[Rule, list[str]] = {}
    for name, rule in rules.items():
        groups.setdefault(rule, []).append(name)
    for rule, names in groups.items():
        yield f"| {', '.join(f'`{name}`' for name in names)} | {rule.verdict} | {rule.note} |"
    yield ""


if __name__ == "__main__":
    FILE.write_text(text())
