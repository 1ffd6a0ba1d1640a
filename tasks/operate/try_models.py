"""Play models in a scratch application: every process started, every task completed, every timer fired."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.aggregates.process_definition import ProcessDefinition
from domain.errors import InvalidDefinition, Refused
from domain.requests.forms import check_form
from engines.protocol import Services
from tasks.operate.try_answers import Answers
from tasks.operate.try_hints import Hints, hints
from tasks.operate.try_scratch import Scratch

MOST_PLAYS = 20
MOST_STEPS = 200
"""Completions and timers of one play."""
ENDED, REFUSED, NO_START, NO_COMPLETION = "ended", "refused at deploy", "failed at start", "FAILED at completion"
INCIDENT, WAITS, GOES_ON = "incident", "waits", f"still at work after {MOST_STEPS} steps"
# Some answers go round for ever in what other answers end.
_WORST_FIRST = (REFUSED, NO_START, NO_COMPLETION, INCIDENT, WAITS, ENDED, GOES_ON)
FAILURES = frozenset({NO_START, NO_COMPLETION})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one process of a file, in the worst of its plays."""

    file: str
    process: str | None
    outcome: str
    reason: str | None = None
    plays: int = 0
    tasks: int = 0
    flows_taken: int = 0
    flows: int = 0
    untaken: Sequence[str] = ()

    @property
    def failed(self) -> bool:
        """Whether somebody would be left with an error."""
        return self.outcome in FAILURES


@dataclass(slots=True)
class _Play:
    outcome: str = GOES_ON
    reason: str | None = None
    tasks: int = 0
    taken: set[str] = field(default_factory=set)


class _Nothing(dict[str, Callable[[Mapping[str, Any]], None]]):
    """A service of every name, which does nothing."""

    def get(self, _name: str, _default: object = None) -> Callable[[Mapping[str, Any]], None]:
        return lambda _variables: None


def services_of(kind: str | None) -> Services:
    """None registered, or with `stub` one of every name."""
    return Services(_Nothing()) if kind == "stub" else Services()


def try_file(name: str, source: bytes, others: Mapping[str, bytes], services: Services) -> Iterator[Result]:
    """Every process of a file; `others` are files that have processes it may call, by process."""
    try:
        read = hints(source)
        helping = _helping(read, others)
        definitions = _deployed(services, source, helping)[1]
    except InvalidDefinition as refusal:
        line = refusal.facts.get("line")
        yield Result(name, None, REFUSED, f"{refusal}{f' (line {line})' if line else ''}")
        return
    for definition in definitions:
        yield _tried(name, definition, read, lambda: _deployed(services, source, helping)[0])


def processes_of(source: bytes) -> list[str]:
    """The processes that a file brings; none where it cannot be read."""
    try:
        return [definition.key for definition in Scratch(Services()).deploy(source)]
    except InvalidDefinition:
        return []


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


def _deployed(services: Services, source: bytes, helping: Sequence[bytes]) -> tuple[Scratch, list[ProcessDefinition]]:
    scratch = Scratch(services)
    for other in helping:
        scratch.deploy(other)
    return scratch, list(scratch.deploy(source))


def _tried(name: str, definition: ProcessDefinition, read: Hints, new: Callable[[], Scratch]) -> Result:
    flows = read.flows.get(definition.key, ())
    ids = {flow for flow, _, _ in flows}
    taken: set[str] = set()
    plays: list[_Play] = []
    while len(plays) < MOST_PLAYS and not (plays and ids <= taken):
        plays.append(_played(new(), definition, read, len(plays)))
        taken |= plays[-1].taken
        if plays[-1].outcome == NO_START and len(plays) > 1:
            break
    worst = min(plays, key=lambda play: _WORST_FIRST.index(play.outcome))
    tasks = sum(play.tasks for play in plays)
    untaken = tuple(sorted(ids - taken))
    return Result(
        *(name, definition.key, worst.outcome, worst.reason, len(plays), tasks, len(ids & taken), len(ids), untaken)
    )


def _played(scratch: Scratch, definition: ProcessDefinition, read: Hints, number: int) -> _Play:
    play, answers = _Play(), Answers(read.values, read.fields, number)
    stage = NO_START
    try:
        instance_id = scratch.start(definition.key, answers.variables(definition.form_fields))
        for step in range(MOST_STEPS):
            if scratch.has_ended(instance_id):
                play.outcome = ENDED
                break
            waiting, due = scratch.open(), scratch.due(instance_id)
            # In every other play timers come before people, so that reminders and time limits are seen, too.
            if due and (not waiting or (number % 2 and step < number)):
                stage = INCIDENT
                scratch.fire(instance_id, due)
            elif waiting:
                stage = NO_COMPLETION
                task, variables = waiting[0], answers.variables(waiting[0].form_fields)
                check_form(task.form_fields, variables)
                scratch.complete(instance_id, task, variables)
                play.tasks += 1
            else:
                play.outcome, play.reason = WAITS, _awaited(read, scratch.trace.elements)
                break
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what this is for
        play.outcome, play.reason = stage, _reason(error)
    play.taken = _taken(read.flows.get(definition.key, ()), scratch.trace.elements)
    return play


def _reason(error: Exception) -> str:
    if not isinstance(error, Refused):
        return f"{type(error).__name__}: {error}"
    element = error.facts.get("element")
    return f"at {element}: {error}" if element and str(element) not in str(error) else str(error)


def _taken(flows: Sequence[tuple[str, str, str]], elements: Sequence[str]) -> set[str]:
    """Flows whose target began after their source: the engine tells of elements only."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, element in enumerate(elements):
        first.setdefault(element, at)
        last[element] = at
    return {flow for flow, source, target in flows if source in first and last.get(target, -1) > first[source]}


def _awaited(read: Hints, elements: Sequence[str]) -> str | None:
    """What stands right after something that ran, has not run itself and waits for something."""
    ran = set(elements)
    reached = {target for flows in read.flows.values() for _, source, target in flows if source in ran} - ran
    waits = sorted(f"{read.waits[element]} at {element}" for element in reached if element in read.waits)
    return ", ".join(waits) or None
