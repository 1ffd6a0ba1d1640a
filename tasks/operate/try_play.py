"""One play of a process in a scratch application: what can be done is done, until it ends or nothing is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final, Literal, TypeAlias

from domain.aggregates.process_definition import ProcessDefinition
from domain.aggregates.task import UserTask
from domain.errors import Refused
from domain.requests.forms import check_form
from engines.protocol import StartEvent, StoredInstance, Wait
from tasks.operate.try_answers import Answers
from tasks.operate.try_hints import Hints
from tasks.operate.try_scratch import GoesRound, Scratch

MOST_STEPS = 200
"""Completions, timers, jobs and messages of one play."""
MOST_SENT = 10
"""How often one play sends the same message to the same instance."""
ENDED, NO_START, NO_COMPLETION = "ended", "failed at start", "FAILED at completion"
INCIDENT, WAITS, GOES_ON = "incident", "waits", f"still at work after {MOST_STEPS} steps"
GOES_ROUND = "GOES ROUND without anybody"
_TIME_FIRST = 3
"""Every fourth play, from this on, lets the time pass before all else, and play 1 before people do anything."""
Reached: TypeAlias = Literal["start", "completion", "timer", "job", "event"]
BY_PEOPLE: Final = frozenset({"start", "completion"})


@dataclass(slots=True)
class Play:
    """What became of it; `element` is where it was set aside, and `reached` what was done last."""

    outcome: str = GOES_ON
    element: str | None = None
    reason: str | None = None
    reached: Reached = "start"
    tasks: int = 0
    seen: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Move:
    reached: Reached
    make: Callable[[], None]


def played(
    scratch: Scratch, definition: ProcessDefinition, read: Hints, number: int, start: StartEvent | None, *, jobs: bool
) -> Play:
    """Play it to its end; `number` says with which answers and in which order, `jobs` whether they are done."""
    one = _Playing(scratch, read, number, jobs=jobs)
    try:
        one.play_on(definition, start)
    except GoesRound as error:
        one.play.outcome, one.play.reason = GOES_ROUND, _reason(error)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what this is for
        at = {"start": NO_START, "completion": NO_COMPLETION}
        one.play.outcome, one.play.reason = at.get(one.play.reached, INCIDENT), _reason(error)
    one.play.seen = frozenset(scratch.trace.elements)
    one.play.taken = frozenset(_taken(read.flows.get(definition.key, ()), scratch.trace.elements))
    return one.play


@dataclass(slots=True)
class _Playing:
    scratch: Scratch
    read: Hints
    number: int
    jobs: bool = field(kw_only=True)
    play: Play = field(default_factory=Play)
    _answers: Answers = field(init=False)
    _random: Random = field(init=False)
    _sent: Counter[Wait] = field(default_factory=Counter)
    _fired: int = 0

    def __post_init__(self) -> None:
        self._answers = Answers(self.read.values, self.read.fields, self.number)
        self._random = Random(self.number)  # noqa: S311 - to repeat, not to hide

    def play_on(self, definition: ProcessDefinition, start: StartEvent | None) -> None:
        scratch, play = self.scratch, self.play
        if start is None:
            instance_id = scratch.start(definition.key, self._answers.variables(definition.form_fields))
        else:
            instance_id = scratch.start_at(start, self._answers.variables(()))
        for _ in range(MOST_STEPS):
            if (stopped := scratch.incident()) is not None:
                play.outcome, (play.element, play.reason) = INCIDENT, stopped
                return
            if scratch.has_ended(instance_id):
                play.outcome = ENDED
                return
            moves = self._moves()
            if not moves:
                play.outcome, play.reason = WAITS, self._awaited()
                return
            play.reached = moves[0].reached
            moves[0].make()

    def _moves(self) -> list[_Move]:
        """What can be done next, the first is; other plays have another order."""
        due, waiting = self.scratch.due(), self._expected()
        timers = [] if due is None else [_Move("timer", partial(self._fire, due))]
        if due is not None and self.scratch.is_overdue(due):
            return timers
        jobs = [_Move("job", partial(self.scratch.finish, job)) for job in self.scratch.jobs() if self.jobs]
        people = [_Move("completion", partial(self._complete, task)) for task in self.scratch.open()]
        events = [_Move("event", partial(self._send, wait)) for wait in waiting]
        if self.number % 2:
            fresh = events[: sum(not self._sent[wait] for wait in waiting)]
            early = timers if self._fired < self.number else []
            if self.number % 4 == _TIME_FIRST:
                return [*early, *fresh, *jobs, *people, *events, *timers]
            between = early if self.number == 1 else []
            return [*fresh, *jobs, *between, *people, *events, *timers]
        groups = [jobs, people, events, timers]
        if self.number:
            for group in (groups, jobs, people):
                self._random.shuffle(group)
        return [move for group in groups for move in group]

    def _expected(self) -> list[Wait]:
        """What is waited for, least sent first."""
        waits = [wait for wait in self.scratch.waits() if self._sent[wait] < MOST_SENT]
        if self.number > 1:
            self._random.shuffle(waits)
        return sorted(waits, key=lambda wait: self._sent[wait])

    def _fire(self, due: StoredInstance) -> None:
        self._fired += not self.scratch.is_overdue(due)
        self.scratch.fire(due)

    def _send(self, wait: Wait) -> None:
        self._sent[wait] += 1
        self.scratch.send(wait, self._answers.variables(()))

    def _complete(self, task: UserTask) -> None:
        variables = self._answers.variables(task.form_fields)
        check_form(task.form_fields, variables)
        self.scratch.complete(task, variables)
        self.play.tasks += 1

    def _awaited(self) -> str | None:
        """The jobs that nobody does, and what else stands right after something that ran and has not run itself."""
        jobs = [f"job {job.topic} at {job.element}" for job in self.scratch.jobs()]
        ran = set(self.scratch.trace.elements)
        reached = {target for flows in self.read.flows.values() for _, source, target in flows if source in ran} - ran
        waits = sorted(f"{self.read.waits[element]} at {element}" for element in reached if element in self.read.waits)
        return ", ".join(dict.fromkeys([*jobs, *waits])) or None


def _reason(error: Exception) -> str:
    if not isinstance(error, Refused):
        return f"{type(error).__name__}: {error}"
    element = error.facts.get("element")
    return f"at {element}: {error}" if element and str(element) not in str(error) else str(error)


def _taken(flows: Sequence[tuple[str, str, str]], elements: Sequence[str]) -> Iterator[str]:
    """Flows whose target began after their source: the engine tells of elements only."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, element in enumerate(elements):
        first.setdefault(element, at)
        last[element] = at
    return (flow for flow, source, target in flows if source in first and last.get(target, -1) > first[source])
