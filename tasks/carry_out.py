"""Carry out one command, once: judge it by the engine's own data, act, and record the outcome, in one unit of work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from time import sleep
from typing import Any

from domain.access import may_start
from domain.aggregates.advance import Origin
from domain.aggregates.command import ACCEPTED, EXPIRED, FAILED, REJECTED, Outcome, RecordOutcome, Status, was_not_begun
from domain.aggregates.task import UserTask
from domain.errors import (
    BudgetExceeded,
    EngineUnreachable,
    ExecutionFailed,
    Expired,
    InvalidValue,
    InvalidVariables,
    NotAllowed,
    NotFound,
    NotSigned,
    Refused,
    Transient,
)
from domain.events.envelope import Envelope
from domain.identity import Key
from domain.requests.forms import FieldProblem, check_form
from domain.requests.request import Request
from domain.requests.rules import judge
from domain.values import iso, parse_time
from domain.wire import dump, load
from engines.forms import problems
from engines.protocol import Engine, Meter, Unmetered
from observe import metrics
from store.engine.incidents import COMMAND, JOB, Incidents
from store.engine.instances import Instances
from store.engine.jobs import Jobs
from store.engine.overruns import Overrun, Overruns
from store.engine.tries import MOST_TRIES, count_again, uncount
from store.events.unit_of_work import UnitOfWork
from store.messaging.signing import Verifier
from store.outbox.admission import OutboxFull
from tasks.alter import alter
from tasks.correlate import correlate
from tasks.settle_job import settle_job

log = logging.getLogger(__name__)

Begin = Callable[[Origin], AbstractContextManager[UnitOfWork]]
EngineOf = Callable[[UnitOfWork], Engine]
CONSUMER = "command"
Result = Mapping[str, Any] | None


PAUSES = (0.0, 1.0, 2.0, 4.0)
"""Seconds before a command is tried again; the first death is most often a restart, and nobody's fault."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A command that is not tried again, after so many tries."""

    overrun: Overrun
    tries: int

    @property
    def problem(self) -> Mapping[str, Any]:
        """What the one who asked is told."""
        return over_budget(self.overrun, self.tries).problem()


@dataclass(frozen=True, slots=True)
class Executor:
    """Executes the commands of one store; `engine_of` is None where no engine of ours runs (the host)."""

    begin: Begin
    engine_of: EngineOf | None
    now: Callable[[], datetime]
    overruns: Overruns | None = None
    """What is known of commands that have ended a worker before."""
    verifier: Verifier | None = None
    """Whose commands are believed; None only where nobody but ourselves can ask."""
    completed: Callable[[UnitOfWork, UserTask, Mapping[str, Any]], None] | None = None
    """Told, within the unit of work, of each task that no engine made and that a person completes."""
    pause: Callable[[float], object] = sleep
    """Seconds to wait before trying again what has ended a worker."""
    meter: Meter = field(default_factory=Unmetered)
    """Where it says that it judges what somebody has filled in."""

    def carry_out(self, request: Request, *, again: bool = False) -> None:
        """Act at most once and always answer; raises `Transient` when it should be tried again.

        `again`: the broker has given it to a worker before, which may have ended of it.
        """
        genuine = self._is_genuine(request)
        origin = Origin(iso(self.now()), request.command_id, request.command_id, request.traceparent)
        before = self._count(origin, request) if again and genuine else 0
        try:
            self._carry_out(origin, request, before, genuine=genuine)
        except Transient:
            if before:
                # Not its fault; where even this cannot be written, one try is lost.
                with suppress(Transient), self.begin(origin) as work:
                    uncount(work.connection, request.command_id, before)
            raise

    def _count(self, origin: Origin, request: Request) -> int:
        """Count a try before it is made, in a transaction of its own; how many were in vain."""
        with self.begin(origin) as work:
            before = count_again(work.connection, request.command_id)
        self.pause(PAUSES[before - 1] if before < MOST_TRIES else 0)
        return before

    def _carry_out(self, origin: Origin, request: Request, before: int, *, genuine: bool) -> None:
        with self.begin(origin) as work:
            attempt = f"{request.command_id} {request.issued_at}"
            if work.inbox.seen(CONSUMER, request.command_id, attempt):
                return
            if not genuine:
                # Not remembered as carried out: the genuine one of this name, should there be one, still may be.
                work.collect(request.key, RecordOutcome(outcome_of(request, FAILED, problem=NotSigned().problem())))
                return
            ended = self._given_up(work, request, before)
            outcome = outcome_of(request, FAILED, problem=ended.problem) if ended else self._attempt(work, request)
            set_aside = ended is not None and _set_aside(work, ended)
            # What was not begun may be asked for again; only this asking, which has its answer, is over.
            work.inbox.remember(CONSUMER, attempt if was_not_begun(outcome.problem) else request.command_id)
            work.collect(request.key, RecordOutcome(outcome, anew=outcome.status != EXPIRED))
        if self.overruns:
            self.overruns.forget(request.command_id)
        if ended and set_aside:
            tell_incident(request.application, COMMAND, ended.overrun.instance_id, ended.tries)
        if request.action == "fail_job" and outcome.result:
            tell_incident(request.application, JOB, outcome.result["instance"], outcome.result["tries"])
        self._count_and_log(request, outcome)

    def _is_genuine(self, request: Request) -> bool:
        if self.verifier is None or self.verifier.believes(request):
            return True
        metrics.commands_forged.inc()
        log.warning("command_not_genuine", extra={"command_id": request.command_id})
        return False

    def _given_up(self, work: UnitOfWork, request: Request, before: int) -> GivenUp | None:
        """Whether it must not be tried again, and why."""
        overrun = self.overruns.of(request.command_id) if self.overruns else None
        if overrun and overrun.resource:
            return GivenUp(overrun, max(before, 1))
        if before < MOST_TRIES:
            return None
        if overrun is None:
            # Nobody has seen it end, as when the machine stopped: the task says whose step it was.
            overrun = Overrun(request.command_id, _instance_of(work, request) or "", "", None)
        return GivenUp(overrun, before)

    def _count_and_log(self, request: Request, outcome: Outcome) -> None:
        seconds = (self.now() - parse_time(request.issued_at)).total_seconds()
        metrics.commands.labels(request.application, request.action, outcome.status).inc()
        metrics.command_seconds.labels(request.application).observe(max(seconds, 0.0))
        log.info("command_answered", extra={"status": outcome.status, "problem": (outcome.problem or {}).get("type")})

    def _attempt(self, work: UnitOfWork, request: Request) -> Outcome:
        try:
            with work.savepoint():
                self._require_time(request)
                result = self._act(work, request)
                produced = work.decide_and_write()
                # Settling waits for locks too: those of everything that this command changes beside its task.
                self._require_time(request)
        except Expired as late:
            return outcome_of(request, EXPIRED, problem=late.problem())
        except OutboxFull as full:
            return outcome_of(request, REJECTED, problem=EngineUnreachable(f"nothing was started: {full}").problem())
        except Transient:
            raise
        except Refused as refusal:
            return outcome_of(request, REJECTED, problem=refusal.problem())
        except InvalidValue as error:
            return outcome_of(request, REJECTED, problem=InvalidVariables(str(error)).problem())
        except Exception:
            log.exception("command_failed")
            return outcome_of(request, FAILED, problem=ExecutionFailed().problem())
        return outcome_of(request, ACCEPTED, produced=produced, result=result)

    def _act(self, work: UnitOfWork, request: Request) -> Result:
        if request.user.application not in (None, request.application):
            raise NotAllowed(f"this service is {request.user.application}'s")
        match request.action:
            case "deploy":
                return self._deploy(work, request)
            case "start":
                return self._start(work, request)
            case "correlate" | "signal":
                return correlate(work, self._engine(work), request)
            case "cancel" | "suspend" | "resume" | "set_variables" | "move" | "migrate":
                return self._alter(work, request)
            case "finish_job" | "raise_error" | "fail_job":
                result = settle_job(work, self._engine(work), request)
                self._require_time(request)
                return result
            case _:
                return self._act_on_task(work, request)

    def _act_on_task(self, work: UnitOfWork, request: Request) -> Result:
        key = Key(request.application, "task", request.task_id or "")
        work.done_by(request.user.name, key)
        instance_id, engine = self._engine_for(work, request)
        if engine and instance_id:
            # Instance before task, the order timers take them in: the other way round two commands could deadlock.
            engine.hold(instance_id)
        head = work.heads.lock([key])[key]
        self._require_time(request)
        task = load(UserTask, head.state) if head.state else None
        shown = (lambda: engine.form_values(instance_id, key.id)) if engine and instance_id else None
        form = Instances(work.connection, request.application).form
        whole = partial(self._problems, instance_id or "", form, task.form_ref if task else None)
        commands = judge(task, head.revision, request, shown, whole)
        variables = request.arguments.get("variables") or {}
        if engine and instance_id and task and commands:
            if request.action == "complete":
                engine.complete(instance_id, key.id, variables, task)
            else:
                engine.change(instance_id, task, commands)
            return None
        for command in commands:
            work.collect(key, command)
        if task and self.completed and request.action == "complete" and commands:
            self.completed(work, task, variables)
        return None

    def _require_time(self, request: Request) -> None:
        """Asked again after every wait for a lock: what expired meanwhile is not done."""
        if iso(self.now()) > request.expires_at:
            raise Expired

    def _engine_for(self, work: UnitOfWork, request: Request) -> tuple[str | None, Engine | None]:
        """Completing moves the engine; what else people do to a task it is told where the model listens."""
        instance_id = _instance_of(work, request) if self.engine_of is not None else None
        if self.engine_of is None or instance_id is None:
            return None, None
        engine = self.engine_of(work)
        return (
            (instance_id, engine) if request.action == "complete" or _is_heard(work, engine, request) else (None, None)
        )

    def _start(self, work: UnitOfWork, request: Request) -> Result:
        work.admit()
        arguments = request.arguments
        engine = self._engine(work)
        self._judge_start(work, request)
        named = arguments.get("businessKey"), request.user.name, arguments.get("tenantId")
        instance_id = engine.start(arguments["key"], arguments.get("variables") or {}, *named)
        return {"processInstanceId": instance_id}

    def _judge_start(self, work: UnitOfWork, request: Request) -> None:
        """Judged by the engine's own data, as everything is; what somebody may not start does not exist for them."""
        key = str(request.arguments.get("key"))
        instances = Instances(work.connection, request.application)
        definition = instances.latest(key)
        if definition is None:
            return
        if not may_start(request.user, dump(definition)):
            raise NotFound(f"no process {key!r} that you can start")
        if not request.user.is_of(request.arguments.get("tenantId")):
            raise NotAllowed("only people of a tenant, and operators, start processes for it")
        whole = partial(self._problems, "", instances.form, definition.form_ref)
        check_form(definition.form_fields, request.arguments.get("variables") or {}, whole=whole)

    def _problems(self, instance_id: str, *asked: Any) -> list[FieldProblem]:
        with self.meter.spending(instance_id):
            return problems(*asked)

    def _deploy(self, work: UnitOfWork, request: Request) -> Result:
        if not request.user.is_operator:
            raise NotAllowed("only operators may deploy")
        arguments = request.arguments
        # One is what older programs have asked for, and what may still be under way.
        sources = [str(source).encode() for source in arguments.get("sources") or [arguments["source"]]]
        strict, tenant = bool(arguments.get("strict")), arguments.get("tenantId")
        deployed = self._engine(work).deploy(*sources, strict=strict, tenant=tenant)
        return {
            "definitions": [dump(definition) for definition in deployed.definitions],
            "decisions": [{"key": key, "version": version} for key, version in deployed.decisions],
            "forms": [{"key": key, "version": version} for key, version in deployed.forms],
            "warnings": [asdict(warned) for warned in deployed.warnings],
        }

    def _alter(self, work: UnitOfWork, request: Request) -> Result:
        if self.engine_of is None:
            raise EngineUnreachable("this application has no engine here")
        result = alter(work, partial(self.engine_of, work), request, iso(self.now()))
        self._require_time(request)
        return result

    def _engine(self, work: UnitOfWork) -> Engine:
        if self.engine_of is None:
            raise EngineUnreachable("this application has no engine here")
        return self.engine_of(work)


def _instance_of(work: UnitOfWork, request: Request) -> str | None:
    """The engine's id of the instance that the task or the job is part of."""
    if job_id := request.arguments.get("jobId"):
        job = Jobs(work.connection, request.application).find(str(job_id))
        return job.job.root_id if job else None
    head = work.heads.peek(request.task_key) if request.task_key else None
    return head.state["processInstanceId"] if head and head.state else None


def _is_heard(work: UnitOfWork, engine: Engine, request: Request) -> bool:
    head = work.heads.peek(request.task_key) if request.task_key else None
    said = head.state if head and head.state else {}
    definition_id, element = said.get("processDefinitionId"), said.get("taskDefinitionKey")
    return bool(definition_id and element and engine.hears(definition_id, element))


def _set_aside(work: UnitOfWork, ended: GivenUp) -> bool:
    """Where nobody knows why a command ended its worker, operators look into it; whether it is news to them."""
    overrun = ended.overrun
    if overrun.resource is not None:
        return False
    incidents, element = Incidents(work.connection), overrun.element or None
    return incidents.open(overrun.instance_id, COMMAND, element, ended.problem, ended.tries)


def tell_incident(store: str, kind: str, instance_id: str, tries: int) -> None:
    """Count and log one that was made; called once it is committed."""
    metrics.incidents.labels(store, kind).inc()
    log.error("incident", extra={"instance_id": instance_id, "kind": kind, "tries": tries})


def over_budget(overrun: Overrun, tries: int) -> ExecutionFailed:
    """Say what a step used too much of, and where it was; or how often nobody knows why it ended its worker."""
    where = f"at {overrun.element!r} of the instance {overrun.instance_id}" if overrun.element else "of the engine"
    place = {"instance": overrun.instance_id or None, "element": overrun.element or None}
    if overrun.resource is None:
        return ExecutionFailed(f"the step {where} ended its worker {tries} times; nothing was changed", **place)
    return BudgetExceeded(
        f"the step {where} used more {overrun.resource} than a step may; nothing was changed", **place
    )


def outcome_of(
    request: Request,
    status: Status,
    *,
    problem: Mapping[str, Any] | None = None,
    produced: list[Envelope] | None = None,
    result: Result = None,
) -> Outcome:
    """What became of a request, with who asked for what."""
    return Outcome(
        command_id=request.command_id,
        application=request.application,
        status=status,
        action=request.action,
        user=request.user.name,
        task_key=request.task_key.opaque if request.task_key else None,
        problem=problem,
        produced=tuple(_produced(envelope) for envelope in produced or ()),
        result=result,
        digest=request.digest,
    )


def _produced(envelope: Envelope) -> dict[str, Any]:
    key = envelope.key
    return {
        "application": key.application,
        "aggregate": key.aggregate,
        "id": key.id,
        "key": key.opaque,
        "generation": envelope.generation,
        "revision": envelope.revision,
    }
