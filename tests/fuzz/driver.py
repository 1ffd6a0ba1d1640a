"""Drives the instances of a model by commands at random, through the engine as it is, over a memory of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from time import process_time
from typing import Any

from hypothesis import strategies as st

from domain.errors import BpmnError, ExecutionFailed, Refused
from engines.protocol import Services
from engines.spiff.engine import SpiffEngine
from engines.spiff.steps import CALLED, CIRCLES
from tests.engines.world import World
from tests.fuzz.blocks import Model
from tests.fuzz.bounds import within

SECONDS = 30.0
MOST = 40
"""Tasks, jobs and instances that are settled in a round: a loop over thousands tells no more than one over forty."""
PATIENCE = 10.0
"""Seconds of work after which an instance is left as it is: one that goes round for ever is not waited for."""
VARIABLES: Mapping[str, Any] = {"n": 1, "yes": True, "text": "Ann", "xs": [1, 2, 3], "m": {"a": 1}, "wait": "PT2M"}
KINDS = (
    *("complete", "complete", "complete", "time", "time", "message", "signal", "set", "retry", "job", "job error"),
    *("job fails", "suspend", "resume", "move", "move behind", "migrate", "cancel", "start", "announce"),
)
HOURS = (0.05, 0.2, 3.0, 30.0)
EXPECTED = (CIRCLES, CALLED, "a service may not move the instance that called it")
"""What a command may fail at that is the model's own doing."""


@dataclass(frozen=True)
class Command:
    """What is done, and two numbers that say to what; what `is_lost` is done and forgotten before, as servers fail."""

    kind: str
    which: int
    how: int
    is_lost: bool


def commands() -> st.SearchStrategy[list[Command]]:
    """What happens to an instance."""
    numbers = st.integers(0, 11)
    return st.lists(st.builds(Command, st.sampled_from(KINDS), numbers, numbers, st.booleans()), max_size=12)


class Flaky(Exception):
    """A service that is away for a while."""


class Drive:
    """One model and all that happens to its instances."""

    def __init__(self, model: Model, broken: int) -> None:
        self.world = World()
        self.model = model
        self.ticks: dict[tuple[str, str], int] = {}
        self.moved: set[str] = set()
        """Saved instances that were moved by hand: what follows from the model alone need not hold of them."""
        self._calls, self._broken = 0, broken
        named = {"ok": self._ok, "flaky": self._flaky, "raises": self._raises}
        ticking = {name: self._tick(name) for name in model.ticks}
        other = {f"tick{number}": self._ok for number in range(200) if f"tick{number}" not in ticking}
        self.world.services = Services({**other, **named, **ticking}, jobs=frozenset({"job"}))

    def start(self) -> None:
        """An instance of `p`."""
        self.act(lambda engine: engine.start("p", dict(VARIABLES), "K", "kermit"))

    def act(self, do: Callable[[SpiffEngine], Any]) -> bool:
        """One unit of work; whether it went well. It may be refused, and changes nothing then."""
        kept, said = _copy(self.world), len(self.world.said)
        ticks = dict(self.ticks)
        try:
            with within(SECONDS):
                self.world.act(do)
        except Refused as refused:
            _restore(self.world, kept)
            del self.world.said[said:]
            self.ticks = ticks
            if isinstance(refused, ExecutionFailed) and not any(text in str(refused) for text in EXPECTED):
                raise AssertionError(f"a command failed for its model: {refused.problem()}") from refused
            return False
        return True

    def lose(self, do: Callable[[SpiffEngine], Any]) -> None:
        """The same in a unit of work that is lost."""
        kept, ticks = _copy(self.world), dict(self.ticks)
        engine = SpiffEngine("app", self.world.memory, lambda *_: None, lambda: self.world.now, self.world.services)
        try:
            with within(SECONDS):
                do(engine)
        except Refused:
            pass
        _restore(self.world, kept)
        self.ticks = ticks

    def command(self, command: Command) -> None:
        """Do what a command says, where there is anything to do it to."""
        if command.kind == "time":
            self.world.now += timedelta(hours=HOURS[command.how % len(HOURS)])
        if command.kind == "start":
            self.start()
            return
        for do in self._wanted(command):
            if command.is_lost:
                self.lose(do)
            self.act(do)

    def settle(self) -> None:
        """Nothing fails any more, everything is completed and all time passes."""
        self._broken = 0
        for name, stored in list(self.world.memory.instances.items()):
            self.world.memory.instances[name] = replace(stored, suspended=False)
        until = process_time() + PATIENCE
        for _ in range(6):
            if process_time() > until:
                return
            for task in self.world.open()[:MOST]:
                self.act(_complete(task.process_instance_id, task.engine_task_id, {"n": 9}))
            for job in list(self.world.memory.jobs.values())[:MOST]:
                self.act(_finish(job.root_id, job.job_id))
            self.world.now += timedelta(days=2)
            for name in [name for name in self.running() if name not in self._circling()][:MOST]:
                self.act(lambda engine, name=name: engine.retry(name))
                self.act(lambda engine, name=name: engine.fire_timers(name))

    def _circling(self) -> set[str]:
        """Saved instances that would only go round once more; it is the model's own doing, and takes long."""
        memory = self.world.memory
        stopped = {name for (name, _), (problem, _) in memory.incidents.items() if CIRCLES in str(problem)}
        return {memory.instances[name].root_id or name for name in stopped if name in memory.instances}

    def running(self) -> list[str]:
        """Saved instances that have not ended."""
        return [
            name for name, stored in self.world.memory.instances.items() if not stored.finished and not stored.root_id
        ]

    def _wanted(self, command: Command) -> list[Callable[[SpiffEngine], Any]]:
        running, memory = self.running(), self.world.memory
        one = running[command.which % len(running)] if running else ""
        tasks, jobs = self.world.open(), list(memory.jobs.values())
        if command.kind == "time":
            return [lambda engine, name=name: engine.fire_timers(name) for name in running]
        if command.kind == "complete" and tasks:
            task = tasks[command.which % len(tasks)]
            return [_complete(task.process_instance_id, task.engine_task_id, {"n": command.how})]
        if command.kind.startswith("job") and jobs:
            job = jobs[command.which % len(jobs)]
            return [_job(command.kind, job.root_id, job.job_id)]
        if command.kind == "message":
            name, to = ("m1", "m2", "nobody")[command.how % 3], one if command.how > 2 else None
            return [lambda engine: engine.correlate(name, variables={"n": command.how}, instance_id=to)]
        if command.kind == "signal":
            return [lambda engine: engine.signal(("s1", "s2")[command.how % 2], {"n": command.how})]
        return self._of_instance(command, one) if one else []

    def _of_instance(self, command: Command, one: str) -> list[Callable[[SpiffEngine], Any]]:
        memory, kind = self.world.memory, command.kind
        if kind in ("suspend", "resume"):
            memory.instances[one] = replace(memory.instances[one], suspended=kind == "suspend")
        if kind.startswith("move"):
            self.moved.add(one)
            return self._move(command, one)
        if kind == "migrate":
            self.act(lambda engine: engine.deploy(*self.model.sources))
            after = memory.latest("p")
            return [lambda engine: engine.migrate(one, after.definition_id)] if after else []
        return {
            "set": [lambda engine: engine.set_variables(one, {"n": command.how}, ["yes"] if command.how > 9 else [])],
            "retry": [lambda engine: engine.retry(one)],
            "announce": [lambda engine: engine.announce(one, lambda _: True)],
            "cancel": [lambda engine: engine.cancel(one, "enough")] if command.how > 6 else [],
        }.get(kind, [])

    def _move(self, command: Command, one: str) -> list[Callable[[SpiffEngine], Any]]:
        names = self.elements
        source, target = names[command.which % len(names)], names[command.how * 7 % len(names)]
        here = [task.task_definition_key for task in self.world.open() if task.process_instance_id == one]
        source = str(here[command.which % len(here)]) if here else source
        to = None if command.kind == "move behind" else target
        return [lambda engine: engine.move(one, source, to, "by hand")]

    @property
    def elements(self) -> list[str]:
        """Ids of the model's elements."""
        text = self.model.sources[0].decode()
        return [part.split('"', 1)[0] for part in text.split(' id="')[1:]] or ["none"]

    def _ok(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"n": variables.get("n", 0)}

    def _flaky(self, _variables: Mapping[str, Any]) -> None:
        self._calls += 1
        if self._calls % 3 < self._broken:
            raise Flaky("away")

    def _raises(self, _variables: Mapping[str, Any]) -> None:
        self._calls += 1
        if self._calls % 3 < self._broken:
            raise BpmnError(f"e{self._calls % 2 + 1}", "no", {"n": 3})

    def _tick(self, name: str) -> Callable[[Mapping[str, Any]], None]:
        def tick(variables: Mapping[str, Any]) -> None:
            key = (name, str(variables.get("who")))
            self.ticks[key] = self.ticks.get(key, 0) + 1

        return tick


def _complete(instance_id: str, task_id: str, variables: dict[str, Any]) -> Callable[[SpiffEngine], Any]:
    return lambda engine: engine.complete(instance_id, task_id, variables)


def _finish(root_id: str, job_id: str) -> Callable[[SpiffEngine], Any]:
    return lambda engine: engine.finish_job(root_id, job_id, {"n": 3}, {"l": 1})


def _job(kind: str, root_id: str, job_id: str) -> Callable[[SpiffEngine], Any]:
    return {
        "job": _finish(root_id, job_id),
        "job error": lambda engine: engine.raise_error(root_id, job_id, "e1", "no", {"n": 2}),
        "job fails": lambda engine: engine.fail_job(root_id, job_id, {"detail": "no"}, 3),
    }[kind]


_KEPT = ("definitions", "instances", "waited", "start_events", "decisions", "incidents", "jobs")


def _copy(world: World) -> dict[str, Any]:
    return {name: dict(getattr(world.memory, name)) for name in _KEPT}


def _restore(world: World, kept: Mapping[str, Any]) -> None:
    for name, value in kept.items():
        setattr(world.memory, name, value)
