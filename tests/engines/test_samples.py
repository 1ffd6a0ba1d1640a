"""Real files that nobody on this project wrote: each deploys or is refused with a reason; nothing else goes wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from domain.errors import InvalidDefinition, TaskpoolError
from tests.engines.world import World

FOLDER = os.environ.get("TASKPOOL_BPMN_SAMPLES")
FILES = sorted(path for path in Path(FOLDER).iterdir() if path.suffix in (".bpmn", ".xml")) if FOLDER else []
ANSWERS: list[dict[str, Any]] = [
    {},
    {
        "approved": True,
        "clarified": True,
        "foo": "bar",
        "riskLevel": "green",
        "approveDecision": "APPROVE",
        "amendAction": "CANCEL",
        "vacationApproved": "Approve",
        "resendRequest": "No",
        "reviewSuccessful": True,
        "form_loanreview_outcome": "Accept",
        "form_advreview_outcome": "Accept",
        "employeeName": "Ann",
    },
]


def run(path: Path, variables: dict[str, Any]) -> str:
    """How far a file comes: refused, the error of ours that stopped it, waits, or finished."""
    world = World(lenient=True)
    try:
        definitions = world.act(lambda engine: engine.deploy(path.read_bytes())).definitions
    except InvalidDefinition as refusal:
        return f"refused: {refusal}"
    found = []
    for definition in definitions:
        try:
            world.start(definition.key, **variables)
            for _ in range(50):
                world.pass_time(seconds=1)
                if not world.open():
                    break
                world.complete_id(world.open()[0].engine_task_id, **variables)
            world.pass_time(days=400)
            found.append(world.ends()[-1] if world.ends() else "waits")
        except TaskpoolError as error:
            found.append(f"{type(error).__name__}: {error}")
    return ", ".join(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("variables", ANSWERS, ids=["nothing", "answers"])
def test_nothing_but_our_own_errors(path: Path, variables: dict[str, Any]) -> None:
    outcome = run(path, variables)
    assert outcome
    assert "Error" not in outcome


def test_how_many_files_work(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {path.name: run(path, ANSWERS[1]) for path in FILES}
    refused = [name for name, outcome in outcomes.items() if outcome.startswith("refused")]
    finished = [name for name, outcome in outcomes.items() if outcome == "FINISHED"]
    with capsys.disabled():
        print(f"\n{len(FILES)} files: {len(FILES) - len(refused)} deploy, {len(finished)} run to their end")  # noqa: T201
        for name, outcome in outcomes.items():
            if outcome != "FINISHED":
                print(f"  {name}: {outcome}")  # noqa: T201
    assert len(refused) * 10 <= len(FILES)
    assert len(finished) * 10 >= len(FILES) * 8
