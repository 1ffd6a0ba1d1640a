"""An application in memory, for nothing but trying: its clock is moved by hand, and it is forgotten afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from domain.aggregates.process_definition import ProcessDefinition
from domain.aggregates.process_instance import MoveInstance
from domain.aggregates.task import CompleteTask, CreateTask, DeleteTask, UserTask
from domain.errors import ExecutionFailed
from domain.identity import Key
from domain.values import parse_time
from engines.in_memory import InMemory
from engines.protocol import Engine, EngineJob, Services, StartEvent, StoredInstance, Wait
from engines.spiff.engine import SpiffEngine

SECONDS = 20.0
"""How long one play may take."""
MOST_ELEMENTS = 9_000
"""How many elements may run in one step of it."""
STARTS_AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
_APPLICATION = "scratch"
Answer = TypeVar("Answer")


class GoesRound(ExecutionFailed):
    """One step runs more elements than a model has that ends."""


class Trace:
    """A `Meter` that notes which elements ran and ends what takes too long, or goes round."""

    def __init__(self) -> None:
        self.elements: list[str] = []
        self._began_at = 0
        self._ends = monotonic() + SECONDS

    def begin(self, subject: str) -> None:
        """Nothing to do."""

    @contextmanager
    def _nothing(self) -> Iterator[None]:
        yield

    def spending(self, _instance_id: str) -> AbstractContextManager[None]:
        """Nothing to do."""
        return self._nothing()

    def anew(self) -> None:
        """What runs now belongs to another step."""
        self._began_at = len(self.elements)

    def at(self, element: str) -> None:
        """Note it; raises `ExecutionFailed` when the time is up, and `GoesRound`."""
        if len(self.elements) - self._began_at > MOST_ELEMENTS:
            raise GoesRound(f"one step has run {MOST_ELEMENTS} elements", element=element)
        if monotonic() > self._ends:
            raise ExecutionFailed(f"this takes longer than {SECONDS:.0f} seconds", element=element)
        self.elements.append(element)


class Scratch:
    """One play: every call is a unit of work of its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._memory = InMemory()
        self._now = STARTS_AT
        self._said: list[tuple[Key, Any]] = []
        self.trace = Trace()

    def again(self, services: Services) -> Scratch:
        """Another one where the same is deployed, and nothing has begun."""
        fresh, known = Scratch(services), self._memory
        fresh._memory.definitions = dict(known.definitions)
        fresh._memory.start_events = dict(known.start_events)
        fresh._memory.decisions = dict(known.decisions)
        return fresh

    def deploy(self, source: bytes) -> Sequence[ProcessDefinition]:
        """Raises `InvalidDefinition`."""
        return self._act(lambda engine: engine.deploy(source)).definitions

    def start(self, key: str, variables: Mapping[str, Any]) -> str:
        """Start an instance; returns its id."""
        return self._act(lambda engine: engine.start(key, variables, None, "tester"))

    def start_at(self, start: StartEvent, variables: Mapping[str, Any]) -> str:
        """Start an instance as a message, a signal or the clock does; returns its id."""
        return self._act(lambda engine: engine.start_at(start.definition_id, start.element, variables))

    def complete(self, task: UserTask, variables: Mapping[str, Any]) -> None:
        """Complete a task."""
        instance_id = task.process_instance_id or ""
        self._act(lambda engine: engine.complete(instance_id, task.engine_task_id, variables))
        if task.task_definition_key:
            self.trace.elements.append(task.task_definition_key)

    def finish(self, job: EngineJob) -> None:
        """Do a job, which gives nothing."""
        self._act(lambda engine: engine.finish_job(job.instance_id, job.job_id, {}, {}))

    def send(self, wait: Wait, variables: Mapping[str, Any]) -> None:
        """Send what an instance waits for: a message to this one, a signal to all."""
        if wait.kind == "message":
            self._act(lambda engine: engine.correlate(wait.name, variables=variables, instance_id=wait.instance_id))
        else:
            self._act(lambda engine: engine.signal(wait.name, variables))

    def fire(self, stored: StoredInstance) -> None:
        """Move the clock to where something of an instance is due, and fire it."""
        self._now = max(self._now, parse_time(stored.due or "") + timedelta(seconds=1))
        self._act(lambda engine: engine.fire_timers(stored.instance_id))

    def open(self) -> list[UserTask]:
        """The tasks that wait, the newest last."""
        ended = {key.id for key, said in self._said if isinstance(said, CompleteTask | DeleteTask)}
        return [said.task for key, said in self._said if isinstance(said, CreateTask) and key.id not in ended]

    def due(self) -> StoredInstance | None:
        """The instance of which something is due next."""
        running = [one for one in self._memory.instances.values() if one.due and not one.finished]
        return min(running, key=lambda one: one.due or "", default=None)

    def is_overdue(self, stored: StoredInstance) -> bool:
        """Whether that waits for no time to pass, as what goes on behind a border of its model."""
        return parse_time(stored.due or "") <= self._now

    def jobs(self) -> list[EngineJob]:
        """What others have to do, the newest last."""
        return list(self._memory.jobs.values())

    def waits(self) -> list[Wait]:
        """The messages and signals that are waited for, in an order that is always the same."""
        return sorted(self._memory.waited, key=lambda wait: (wait.kind, wait.name, wait.instance_id))

    def starts(self, key: str) -> list[StartEvent]:
        """What starts a process beside people."""
        return list(self._memory.start_events.get(key, ()))

    def processes(self) -> frozenset[str]:
        """The processes that are deployed, by key."""
        return frozenset(stored.definition.key for stored in self._memory.definitions.values())

    def decisions(self) -> frozenset[str]:
        """The decisions that are deployed, by key."""
        return frozenset(key for key, _ in self._memory.decisions)

    def incident(self) -> tuple[str, str] | None:
        """The element that was set aside first, and why."""
        for (_, element), (problem, _) in self._memory.incidents.items():
            return element, str(problem.get("detail") or problem.get("title") or "")
        return None

    def has_ended(self, instance_id: str) -> bool:
        """Whether an instance has come to its end."""
        return any(key.id == instance_id and isinstance(said, MoveInstance) for key, said in self._said)

    def _act(self, do: Callable[[Engine], Answer]) -> Answer:
        engine: Engine = SpiffEngine(
            *(_APPLICATION, self._memory, lambda key, said: self._said.append((key, said)), lambda: self._now),
            services=self._services,
            meter=self.trace,
        )
        self.trace.anew()
        found = do(engine)
        engine.flush()
        return found
