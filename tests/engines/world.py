"""A small world around the engine for tests: one memory, a clock by hand, a unit of work per call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from domain.aggregates.process_instance import MoveInstance
from domain.aggregates.task import CompleteTask, CreateTask, DeleteTask, UserTask
from engines.collecting import Collecting
from engines.in_memory import InMemory
from engines.protocol import Services
from engines.spiff.engine import SpiffEngine

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn" targetNamespace="t">'
)


def bpmn(body: str, key: str = "p", attributes: str = "") -> bytes:
    return f'{HEAD}<process id="{key}" isExecutable="true" {attributes}>{body}</process></definitions>'.encode()


def flows(*ids: str) -> str:
    """A chain of sequence flows through the elements named."""
    pairs = pairwise(ids)
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


def one_task(task: str, **more: str) -> bytes:
    body = f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "t", "e")}'
    return bpmn(body, **more)


class World:
    """Every call is a unit of work of its own: a new engine, flushed, over one memory."""

    def __init__(
        self, source: bytes = b"", services: Mapping[str, Any] | None = None, *, lenient: bool = False
    ) -> None:
        self.memory = InMemory()
        self.said: list[tuple[Any, Any]] = []
        self.now = START
        self.services = Services(services or {}, lenient)
        self.collecting = Collecting()
        if source:
            self.definitions = self.act(lambda engine: engine.deploy(source)).definitions

    def engine(self) -> SpiffEngine:
        return SpiffEngine(
            *("app", self.memory, lambda key, said: self.said.append((key, said)), lambda: self.now, self.services),
            collecting=self.collecting,
        )

    def act(self, do: Callable[[SpiffEngine], Any]) -> Any:
        engine = self.engine()
        self.last = len(self.said)
        found = do(engine)
        engine.flush()
        return found

    def start(
        self, key: str = "p", user: str | None = "kermit", business_key: str | None = None, **variables: Any
    ) -> str:
        self.instance: str = self.act(lambda engine: engine.start(key, variables, business_key, user))
        return self.instance

    def complete(self, element: str, **variables: Any) -> None:
        self.complete_id(self.task(element).engine_task_id, **variables)

    def complete_id(self, task_id: str, **variables: Any) -> None:
        self.act(lambda engine: engine.complete(self.instance, task_id, variables))

    def pass_time(self, **more: float) -> None:
        self.now += timedelta(**more)
        self.act(lambda engine: engine.fire_timers(self.instance))

    def open(self) -> list[UserTask]:
        ended = {key.id for key, said in self.said if isinstance(said, CompleteTask | DeleteTask)}
        return [said.task for key, said in self.said if isinstance(said, CreateTask) and key.id not in ended]

    def task(self, element: str) -> UserTask:
        return next(task for task in self.open() if task.task_definition_key == element)

    def keys(self) -> list[str | None]:
        return sorted(str(task.task_definition_key) for task in self.open())

    def words(self) -> list[str]:
        """What the last call said, as names of commands."""
        return [type(said).__name__ for _, said in self.said[self.last :]]

    def ends(self) -> list[str]:
        return [said.state for _, said in self.said if isinstance(said, MoveInstance)]

    def incidents(self) -> dict[str, str]:
        """Elements that are set aside for operators, with the reason."""
        return {element: str(problem["detail"]) for (_, element), (problem, _) in self.memory.incidents.items()}

    def retry(self) -> None:
        """As an operator does who has mended it."""
        self.memory.incidents.clear()
        self.act(lambda engine: engine.fire_timers(self.instance))

    def variables(self) -> dict[str, Any]:
        return json.loads(self.memory.instances[self.instance].state)["variables"]
