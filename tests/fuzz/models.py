"""Models: deployed or refused with a line; what runs ends, waits or has an incident, and loses and repeats nothing."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EventSubprocess
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.util.task import TaskState

from domain.aggregates.process_instance import MoveInstance, StartInstance
from domain.aggregates.task import CompleteTask, CreateTask, DeleteTask
from domain.errors import InvalidDefinition
from engines.spiff import state
from engines.spiff.definitions import Definitions
from engines.spiff.run import Home, Run
from tests.fuzz.blocks import Model, models
from tests.fuzz.driver import Command, Drive, commands
from tests.fuzz.play import Room

LARGEST = 1_000_000
_LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_INTERNAL = ("KeyError", "AttributeError", "TypeError", "IndexError", "RecursionError", "AssertionError")
Example = tuple[Model, int, list[Command]]


def examples() -> st.SearchStrategy[Example]:
    """A model, how often its services fail, and what happens to its instances."""
    return st.tuples(models(), st.integers(0, 2), commands())


def check(example: Example) -> None:
    """What has to hold of each."""
    model, broken, happens = example
    drive = Drive(model, broken)
    if (refused := _refusal(drive)) is not None:
        assert str(refused).strip()
        assert refused.facts.get("line"), f"no line: {refused}"
        return
    drive.start()
    _look_at(drive)
    for command in happens:
        drive.command(command)
        _look_at(drive)
    drive.settle()
    _look_at(drive)


def _refusal(drive: Drive) -> InvalidDefinition | None:
    try:
        drive.world.act(lambda engine: engine.deploy(*drive.model.sources))
    except InvalidDefinition as refused:
        return refused
    return None


def _look_at(drive: Drive) -> None:
    _look_at_events(drive)
    for name in drive.running():
        _look_at_instance(drive, name)
    for (name, _), problem in drive.world.memory.incidents.items():
        del name
        detail = str(problem[0].get("detail"))
        assert not any(word in detail for word in _INTERNAL), f"an incident shows the engine's inside: {detail}"
    begun = sum(stored.definition_id.startswith("p:") for stored in drive.world.memory.instances.values())
    for (name, _), times in drive.ticks.items():
        most = drive.model.ticks[name] * begun
        assert drive.moved or times <= most, f"{name} was called {times} times, {most} at most were expected"


def _look_at_events(drive: Drive) -> None:
    """What was begun ends once, and nothing of an instance that has ended is open."""
    begun, ended, over = Counter[str](), Counter[str](), set[str]()
    homes = {}
    for key, said in drive.world.said:
        if isinstance(said, CreateTask):
            begun[key.id] += 0 if key.id in begun and key.id not in ended else 1
            homes[key.id] = said.task.process_instance_id
        elif isinstance(said, CompleteTask | DeleteTask):
            ended[key.id] += 1
            assert key.id in begun, "a task ended that had not begun"
        elif isinstance(said, MoveInstance) and said.state in ("FINISHED", "CANCELLED"):
            assert key.id not in over, "an instance ended twice"
            over.add(key.id)
        else:
            assert not isinstance(said, StartInstance) or key.id not in over, "an instance began after its end"
    assert max((*begun.values(), *ended.values()), default=1) == 1, "a task began or ended twice"
    left = {homes[task] for task in begun if task not in ended} & over
    assert not left, "a task is open in an instance that has ended"
    finished = {name for name, stored in drive.world.memory.instances.items() if stored.finished}
    assert over == finished, "what is told to have ended is not what has ended"


def _look_at_instance(drive: Drive, name: str) -> None:
    stored = drive.world.memory.instances[name]
    assert len(stored.state) < LARGEST, f"{len(stored.state)} bytes are saved"
    run = alive(drive, name)
    again = state.dump(run)
    assert json.loads(again.state) == json.loads(stored.state), "what is saved is not what it was when it is read again"
    assert again.due == stored.due, "the same instance is due at another time"
    for stop in run.stops.values():
        assert not stop.is_incident or (stop.instance_id, stop.element) in drive.world.memory.incidents, "no incident"
    if not stored.suspended:
        assert any(_goes_on(run, task, moved=name in drive.moved) for task in _tasks(run)), "it stands still"
    stuck = [task for task in _tasks(run) if task.state == TaskState.READY and not _waits(run, task)]
    assert not stuck or stored.suspended, f"ready and not run: {stuck}"


def alive(drive: Drive, name: str) -> Run:
    """A saved instance, brought to life beside the engine."""
    stored, memory = drive.world.memory.instances[name], drive.world.memory
    engine: Any = drive.world.engine()
    definitions: Definitions = engine._definitions
    process = definitions.by_id(stored.definition_id)
    assert process is not None
    home = Home(stored.instance_id, process, stored.business_key, {})
    run = Run(stored, home, drive.world.services, drive.world.now)
    assert memory.load(name) is stored
    state.load(run, definitions)
    return run


def _tasks(run: Run) -> list[Any]:
    """What has a place in an instance, but for event sub-processes that have not begun."""
    found = []
    for workflow in (run.workflow, *run.workflow.subprocesses.values()):
        owner = run.workflow.get_task_from_id(workflow.parent_task_id) if workflow.parent_task_id else None
        if owner is None or not isinstance(owner.task_spec, EventSubprocess) or _has_begun(workflow):
            found += [task for task in workflow.tasks.values() if task.has_state(_LIVE) or str(task.id) in run.stops]
    return found


def _has_begun(workflow: Any) -> bool:
    starts = [task for task in workflow.tasks.values() if task.task_spec in workflow.spec.bpmn_start_events]
    return any(task.state == TaskState.COMPLETED for task in starts)


def _waits(run: Run, task: Any) -> bool:
    return str(task.id) in run.stops or str(task.id) in run.jobs or bool(task.task_spec.manual)


def _goes_on(run: Run, task: Any, *, moved: bool) -> bool:
    """Whether something of an instance is in somebody's hands, or the clock's."""
    if _waits(run, task):
        return True
    if isinstance(task.task_spec, UnstructuredJoin):
        return moved
    is_event = isinstance(task.task_spec, CatchingEvent) and not isinstance(task.task_spec, BoundaryEvent)
    return is_event and task.state == TaskState.WAITING


ROOM = Room("models", examples(), check, batch=50)
