"""An engine small enough to live in the test process: it decides by the domain's rules and writes the views itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from domain.access import User
from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.process_instance import ProcessInstance, StartInstance
from domain.aggregates.task import CreateTask, UserTask
from domain.errors import EngineUnreachable, InvalidDefinition, NotAllowed, Refused
from domain.events.project import project
from domain.identity import Key
from domain.requests.request import Request
from domain.requests.rules import judge
from domain.wire import load
from store.lists.task_list import Documents
from store.live.hub import Hub
from store.views.writer import Views
from tasks.ask import Answer, IdempotencyMismatch, ReceivedReport
from webapp.services import now as iso_now


@dataclass
class DirectAsking:
    """Carries out what is asked at once, unless told to be slow or away."""

    database: Documents
    hub: Hub
    away: bool = False
    slow: bool = False
    asked: list[Request] = field(default_factory=list)
    answers: dict[str, tuple[str | None, Answer]] = field(default_factory=dict)
    heads: dict[Key, Head] = field(default_factory=dict)

    def ask(self, request: Request, body_digest: str | None, wait: float) -> Answer:
        if self.away:
            raise EngineUnreachable
        if request.command_id in self.answers:
            digest, answer = self.answers[request.command_id]
            if digest != body_digest:
                raise IdempotencyMismatch
            return answer
        self.asked.append(request)
        answer = self._answer(request, wait)
        self.answers[request.command_id] = (body_digest, answer)
        return answer

    def receive(self, application: str, records: Sequence[Any], user: User) -> ReceivedReport:
        if not user.is_operator and user.application != application:
            raise NotAllowed
        return ReceivedReport(len(records), 0, [])

    def known(self, application: str) -> bool:
        return application == "approval"

    def tell(self, key: Key, *commands: Any, by: str | None = None) -> tuple[tuple[str, str], tuple[int, int]]:
        """Let something happen in the engine; returns which document will show it."""
        head = self.heads.get(key, Head(key, 1, 0, None))
        self.heads[key], envelopes = advance(head, commands, Origin(iso_now(), by=by))
        for envelope in envelopes:
            Views(self.database).apply(project(envelope))
        return (key.aggregate, key.opaque), (1, self.heads[key].revision)

    def create_task(self, task_id: str, **state: Any) -> str:
        """A new task; returns its opaque id."""
        key = Key("approval", "task", task_id)
        self.tell(key, CreateTask(UserTask(task_id, "approval", **{"create_time": iso_now(), **state})))
        return key.opaque

    def _answer(self, request: Request, wait: float) -> Answer:
        if self.slow:
            return Answer("pending", request.key.opaque, None, None, visible=False)
        try:
            produced, result = self._carry_out(request)
        except Refused as error:
            return Answer("rejected", request.key.opaque, error.problem(), None, visible=False)
        return Answer("accepted", request.key.opaque, None, result, self.hub.wait_documents(dict(produced), wait))

    def _carry_out(self, request: Request) -> tuple[Any, Mapping[str, Any] | None]:
        if request.action == "start":
            return self._start(request)
        if request.action == "deploy":
            if any("<" not in source for source in request.arguments["sources"]):
                raise InvalidDefinition("line 1: not XML", line=1)
            return [], {"definitions": [{"key": "approve", "version": 2}], "decisions": [], "forms": [], "warnings": []}
        assert request.task_key is not None
        head = self.heads[request.task_key]
        assert head.state is not None
        commands = judge(load(UserTask, head.state), head.revision, request)
        return [self.tell(request.task_key, *commands, by=request.user.name)], None

    def _start(self, request: Request) -> tuple[Any, Mapping[str, Any]]:
        instance = f"i-{uuid4().hex[:8]}"
        key = Key("approval", "process_instance", instance)
        name = ProcessInstance(instance, "approval", start_user=request.user.name, start_time=iso_now())
        made = [self.tell(key, StartInstance(name))]
        task = UserTask(
            f"t-{instance}",
            "approval",
            name="Approve request",
            process_name="Request approval",
            process_instance_id=instance,
            business_key=request.arguments.get("businessKey"),
            candidate_groups=("approvers",),
            priority=50,
            create_time=iso_now(),
            payload=request.arguments["variables"],
            form_fields=(
                {
                    "id": "approved",
                    "label": "Approve?",
                    "type": "boolean",
                    "default": None,
                    "required": True,
                    "values": [],
                },
            ),
        )
        made.append(self.tell(Key("approval", "task", task.engine_task_id), CreateTask(task)))
        return made, {"processInstanceId": instance}
