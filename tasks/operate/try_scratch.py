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
from engines.protocol import Engine, Services
from engines.spiff import SpiffEngine

SECONDS = 20.0
"""How long one play may take."""
_APPLICATION = "scratch"
Answer = TypeVar("Answer")


class Trace:
    """A `Meter` that notes which elements ran and ends what takes too long."""

    def __init__(self) -> None:
        self.elements: list[str] = []
        self._ends = monotonic() + SECONDS

    def begin(self, subject: str) -> None:
        """Nothing to do."""

    @contextmanager
    def _nothing(self) -> Iterator[None]:
        yield

    def spending(self, _instance_id: str) -> AbstractContextManager[None]:
        """Nothing to do."""
        return self._nothing()

    def at(self, element: str) -> None:
        """Note it; raises `ExecutionFailed` when the time is up."""
        if monotonic() > self._ends:
            raise ExecutionFailed(f"this takes longer than {SECONDS:.0f} seconds", element=element)
        self.elements.append(element)


class Scratch:
    """One play: every call is a unit of work of its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._memory = InMemory()
        self._now = datetime(2026, 1, 5, 8, tzinfo=UTC)
        self._said: list[tuple[Key, Any]] = []
        self.trace = Trace()

    def deploy(self, source: bytes) -> Sequence[ProcessDefinition]:
        """Raises `InvalidDefinition`."""
        return self._act(lambda engine: engine.deploy(source)).definitions

    def start(self, key: str, variables: Mapping[str, Any]) -> str:
        """Start an instance; returns its id."""
        return self._act(lambda engine: engine.start(key, variables, None, "tester"))

    def complete(self, instance_id: str, task: UserTask, variables: Mapping[str, Any]) -> None:
        """Complete a task of it."""
        self._act(lambda engine: engine.complete(instance_id, task.engine_task_id, variables))
        if task.task_definition_key:
            self.trace.elements.append(task.task_definition_key)

    def fire(self, instance_id: str, due: str) -> None:
        """Move the clock to where a timer is due, and fire it."""
        self._now = max(self._now, parse_time(due)) + timedelta(seconds=1)
        self._act(lambda engine: engine.fire_timers(instance_id))

    def open(self) -> list[UserTask]:
        """The tasks that wait, the newest last."""
        ended = {key.id for key, said in self._said if isinstance(said, CompleteTask | DeleteTask)}
        return [said.task for key, said in self._said if isinstance(said, CreateTask) and key.id not in ended]

    def due(self, instance_id: str) -> str | None:
        """When the next timer of an instance fires."""
        stored = self._memory.load(instance_id)
        return None if stored is None or stored.finished else stored.due

    def has_ended(self, instance_id: str) -> bool:
        """Whether an instance has come to its end."""
        return any(key.id == instance_id and isinstance(said, MoveInstance) for key, said in self._said)

    def _act(self, do: Callable[[Engine], Answer]) -> Answer:
        engine: Engine = SpiffEngine(
            *(_APPLICATION, self._memory, lambda key, said: self._said.append((key, said)), lambda: self._now),
            services=self._services,
            meter=self.trace,
        )
        found = do(engine)
        engine.flush()
        return found
