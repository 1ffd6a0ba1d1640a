"""Play models in a scratch application: every process started, every task completed, every event sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from domain.aggregates.process_definition import ProcessDefinition
from domain.errors import InvalidDefinition
from engines.protocol import Services, StartEvent
from tasks.operate.try_answers import Choices
from tasks.operate.try_hints import Hints, asked_by_decisions, hints
from tasks.operate.try_play import (
    BY_PEOPLE,
    ENDED,
    GOES_ON,
    GOES_ROUND,
    INCIDENT,
    NO_COMPLETION,
    NO_START,
    WAITS,
    Play,
    played,
)
from tasks.operate.try_scratch import Scratch

MOST_PLAYS = 20
WITHOUT_NEWS = 5
"""Plays in which nothing ran that had not run before; after so many it is enough."""
REFUSED, DEPLOYED = "refused at deploy", "deployed"
# Some answers go round for ever in what other answers end.
_WORST_FIRST = (REFUSED, NO_START, NO_COMPLETION, INCIDENT, WAITS, ENDED, GOES_ON, GOES_ROUND)
FAILURES = frozenset({NO_START, NO_COMPLETION, GOES_ROUND})
ONLY_CALLED = "people cannot start it: it is only ever called"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one process of a file, in the worst of its plays.

    `element` is where it was set aside, `reached` what was done last, and `lacking` what it needs and nobody has given.
    """

    file: str
    process: str | None
    outcome: str
    reason: str | None = None
    plays: int = 0
    tasks: int = 0
    flows_taken: int = 0
    flows: int = 0
    untaken: Sequence[str] = ()
    element: str | None = None
    reached: str | None = None
    note: str | None = None
    lacking: Sequence[str] = ()

    @property
    def failed(self) -> bool:
        """Whether somebody would be left with an error, or with what does not go on behind what they did."""
        return self.outcome in FAILURES or (self.outcome == INCIDENT and self.reached in BY_PEOPLE)


@dataclass(frozen=True, slots=True)
class Given:
    """What else there is: files by the processes they bring, and files of decisions and forms.

    With `stub`, what is not there does nothing, as services and jobs do.
    """

    processes: Mapping[str, bytes] = field(default_factory=dict)
    beside: Sequence[bytes] = ()
    stub: bool = False


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where a file is deployed with what it needs; `lacking` of that is not there."""

    scratch: Scratch
    definitions: Sequence[ProcessDefinition]
    services: Services
    lacking: Sequence[str]
    stub: bool


def try_file(name: str, source: bytes, given: Given) -> Iterator[Result]:
    """Every process of a file."""
    try:
        read = _with_decisions(hints(source), given.beside)
        stage = _set(source, read, given)
    except InvalidDefinition as refusal:
        yield Result(name, None, REFUSED, _refusal(refusal))
        return
    for definition in stage.definitions:
        yield _tried(name, definition, read, stage)


def try_beside(name: str, source: bytes) -> Result:
    """A file of decisions or a form: whether it can be deployed."""
    try:
        Scratch(Services()).deploy(source)
    except InvalidDefinition as refusal:
        return Result(name, None, REFUSED, _refusal(refusal))
    return Result(name, None, DEPLOYED)


def processes_of(source: bytes) -> list[str]:
    """The processes that a file brings; none where it cannot be read."""
    try:
        return [definition.key for definition in Scratch(Services()).deploy(source)]
    except InvalidDefinition:
        return []


def _refusal(refusal: InvalidDefinition) -> str:
    line = refusal.facts.get("line")
    return f"{refusal}{f' (line {line})' if line else ''}"


def _with_decisions(read: Hints, decisions: Sequence[bytes]) -> Hints:
    """The same with values for what decisions ask for, where the model asks about nothing of that name itself."""
    values: dict[str, Sequence[Any]] = {}
    for file in decisions:
        with suppress(InvalidDefinition):
            values |= asked_by_decisions(file)
    return replace(read, values={**values, **read.values})


def _set(source: bytes, read: Hints, given: Given) -> _Stage:
    scratch = Scratch(Services())
    for file in given.beside:
        with suppress(InvalidDefinition):
            scratch.deploy(file)
    helping = _helping(read, given.processes)
    for file in helping:
        scratch.deploy(file)
    definitions = scratch.deploy(source)
    wanted = [read, *map(hints, helping)]
    calls = {key for one in wanted for key in one.calls} - scratch.processes()
    decisions = {key for one in wanted for key in one.decisions} - scratch.decisions()
    lacking = sorted([*(f"process {key}" for key in calls), *(f"decision {key}" for key in decisions)])
    return _Stage(scratch, definitions, Services(lenient=given.stub), lacking, stub=given.stub)


def _helping(read: Hints, others: Mapping[str, bytes]) -> list[bytes]:
    """The files of what is called, and of what that calls."""
    found: dict[str, bytes] = {}
    left = list(read.calls - read.flows.keys())
    while left:
        key = left.pop()
        if key in others and key not in found:
            found[key] = others[key]
            left += hints(others[key]).calls
    return list(dict.fromkeys(found.values()))


def _tried(name: str, definition: ProcessDefinition, read: Hints, stage: _Stage) -> Result:
    flows = {flow for flow, _, _ in read.flows.get(definition.key, ())}
    begins, plays = _begins(definition.key, read, stage.scratch), list[Play]()
    for number in range(MOST_PLAYS):
        choices = Choices(read.conditions, number // len(begins))
        services = replace(stage.services, undecided=choices.holds)
        scratch, start = stage.scratch.again(services), begins[number % len(begins)]
        plays.append(played(scratch, definition, read, number // len(begins), start, jobs=stage.stub))
        fails = sum(play.outcome == NO_START for play in plays) > 1
        if len(plays) >= len(begins) and (fails or flows <= _taken(plays) or not _is_news(plays)):
            break
    worst = min(plays, key=lambda play: (_WORST_FIRST.index(play.outcome), play.reached not in BY_PEOPLE))
    taken = flows & _taken(plays)
    return Result(
        *(name, definition.key, worst.outcome, worst.reason, len(plays), sum(play.tasks for play in plays)),
        *(len(taken), len(flows), tuple(sorted(flows - taken)), worst.element, worst.reached),
        note=None if definition.startable or begins != [None] else ONLY_CALLED,
        lacking=tuple(stage.lacking),
    )


def _begins(key: str, read: Hints, scratch: Scratch) -> list[StartEvent | None]:
    """By its name, where that is meant, and by every message, signal and timer that starts it."""
    starts = {start.element: start for start in scratch.starts(key)}
    by_name = [None] if read.starts.get(key, frozenset()) - starts.keys() else []
    return [*by_name, *starts.values()]


def _taken(plays: Sequence[Play]) -> set[str]:
    return {flow for play in plays for flow in play.taken}


def _is_news(plays: Sequence[Play]) -> bool:
    """Whether the last plays have shown anything that those before them had not."""
    before = {one for play in plays[:-WITHOUT_NEWS] for one in (*play.taken, *play.seen)}
    return len(plays) <= WITHOUT_NEWS or any(
        not before.issuperset((*play.taken, *play.seen)) for play in plays[-WITHOUT_NEWS:]
    )
