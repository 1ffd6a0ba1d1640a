"""`definitions` and `instances`: files read and instances run per second, against SpiffWorkflow by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from bench.bare_engine import beside
from bench.harness import Result, compare, timed
from bench.stores import fresh
from engines import documents
from engines.in_memory import InMemory
from engines.protocol import StoredDefinition
from engines.spiff.checks import Known, look_at
from engines.spiff.compiled import load
from engines.spiff.deployment import compile_source
from engines.spiff.source import as_bpmn
from settings import Settings
from store.events.unit_of_work import Store
from tasks.application import ProcessApplication
from tests.engines.world import bpmn, flows

FILES, INSTANCES, ROUNDS = 200, 200, 5
TWO_TASKS = bpmn(
    '<startEvent id="s"/><userTask id="first" name="Look at it" camunda:candidateGroups="clerks"/>'
    '<userTask id="second" name="Approve it" camunda:candidateGroups="approvers"/><endEvent id="e"/>'
    + flows("s", "first", "second", "e")
)

_EVERYTHING = Known(lambda _name, _element: True, *[lambda _key: True] * 4)


def read(settings: Settings) -> list[Result]:
    """Files per second, as at a deployment (checked, compiled, stored as text), and as at the first start after it."""
    with fresh(settings, "sqlite") as database, beside(database, TWO_TASKS) as bare:
        measured = (("definitions deployed", _deployed), ("definitions loaded", _loaded))
        return [compare(name, "files/s", ours, lambda: bare.rate("files", FILES), ROUNDS) for name, ours in measured]


def run(settings: Settings) -> list[Result]:
    """Instances of two tasks per second, three transactions each."""
    results = []
    for kind in ("postgresql", "sqlite"):
        with fresh(settings, kind) as database, beside(database, TWO_TASKS) as bare:
            application = ProcessApplication("bench", settings)
            application.use(Store(database))
            application.deploy(TWO_TASKS)
            ours, by_hand = partial(_ours, application), partial(bare.rate, "instances", INSTANCES)
            results.append(compare(f"instances {kind}", "instances/s", ours, by_hand, ROUNDS))
    return results


def _ours(application: ProcessApplication) -> float:
    with timed() as seconds:
        for _ in range(INSTANCES):
            with application.unit_of_work() as work:
                instance = work.engine.start("p", {})
            for _ in range(2):
                waiting = next(event.key.id for event in work.unit.events if event.type == "task.created")
                with application.unit_of_work() as work:
                    work.engine.complete(instance, waiting, {})
    return INSTANCES / seconds()


def _deployed() -> float:
    with timed() as seconds:
        for _ in range(FILES):
            _compiled()
    return FILES / seconds()


def _loaded() -> float:
    stored = _compiled()
    with timed() as seconds:
        for _ in range(FILES):
            load(stored)
    return FILES / seconds()


def _compiled() -> StoredDefinition:
    root = as_bpmn(documents.parsed(TWO_TASKS))
    look_at(root, _EVERYTHING)
    made = compile_source("bench", TWO_TASKS, root, InMemory(), lambda: "0", datetime.now(UTC))
    return made[0][0]
