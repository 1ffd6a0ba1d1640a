"""From an HTTP request to a command, and from its outcome to the answer."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Response, jsonify, request

from domain.aggregates.task import ENGINE
from domain.errors import BadRequest, EngineUnreachable, NotAllowed, NotFound, StaleRevision, TaskNotFound
from domain.identity import Key, derived_id
from domain.requests.request import Action, Request
from domain.values import iso
from observe import metrics
from observe.logs import about_command
from store.lists.pages import Document
from tasks.ask import Answer
from webapp.api import rendering
from webapp.api.changes import LONGEST_WAIT
from webapp.api.tasks import task_response
from webapp.problems import problem
from webapp.services import Asking, now, services
from webapp.sign_in import asker
from webapp.tracing import traceparent

log = logging.getLogger(__name__)

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d+(?:\.\d+)?)", re.IGNORECASE)
_ENTITY_TAG = re.compile(r'(?:^|[,\s])(?:W/)?"?([0-9]{1,15})(?:-(?:gzip|br|zstd|deflate))?"?(?=$|[,\s])', re.ASCII)
_DEFAULT_WAIT = 5.0
_LONGEST_KEY = 500


def task_command(task_id: str, action: Action, arguments: Mapping[str, Any] | None = None) -> Response:
    """Carry out something on a task the asker may see, and show the task afterwards."""
    return command_on(task_to_act_on(task_id), action, arguments)


def command_on(task: Document, action: Action, arguments: Mapping[str, Any] | None = None) -> Response:
    """The same for a task that was looked up already."""
    wanted = build(action, task["application"], arguments or {}, task=task)
    answer = _asked(wanted)
    if not answer.visible:
        return respond(answer)
    shown = services().hub.newest(task["_id"]) or services().tasks.current(task["_id"])
    if shown is None or (request.headers.get("Idempotency-Key") and services().tasks.get(task["_id"], asker()) is None):
        # A repeat comes whenever it likes, and rights may have gone since.
        return respond(answer)
    return task_response(_as_answer(shown))


def create(action: Action, application: str, arguments: Mapping[str, Any]) -> Response:
    """Carry out something that makes something new, and answer with what it made."""
    wanted = build(action, application, arguments)
    answer = _asked(wanted)
    return respond(answer, answer.result or {})


def carried(action: Action, application: str, arguments: Mapping[str, Any]) -> Response:
    """Carry out something, and answer with what it has to say of it."""
    answer = _asked(build(action, application, arguments))
    return respond(answer, answer.result or {}, status=200)


def change(action: Action, application: str, arguments: Mapping[str, Any], read: Callable[[], Document]) -> Response:
    """Carry out something on an instance, and show it as it is then."""
    answer = _asked(build(action, application, arguments))
    if answer.problem is None and answer.visible:
        # What the views have lost is changed nevertheless.
        with suppress(NotFound):
            return jsonify(rendering.instance(read()))
    return respond(answer)


def task_to_act_on(task_id: str) -> Document:
    """The task, if the asker may see it or repeats what moved it out of sight; raises `TaskNotFound`."""
    found = services().tasks.get(task_id, asker())
    if found is None and request.headers.get("Idempotency-Key"):
        task = services().tasks.current(task_id)
        found = task if task and is_repeat(task["application"]) else None
    if found is None:
        raise TaskNotFound
    return found


def build(
    action: Action, application: str, arguments: Mapping[str, Any], *, task: Document | None = None, part: str = ""
) -> Request:
    """The command, named by the idempotency key when there is one, and by the part of the request that it is."""
    issued, user = datetime.now(UTC), asker()
    if user.application not in (None, application):
        raise NotAllowed(f"this token is for {user.application}")
    return Request(
        command_id=_command_id(part),
        application=application,
        action=action,
        user=user,
        issued_at=iso(issued),
        expires_at=iso(issued + timedelta(seconds=max(wait(), 30) + 30)),
        task_id=task["engineTaskId"] if task else None,
        arguments=arguments,
        expected_revision=_expected_revision(task["revision"] if task else None),
        traceparent=traceparent(),
        digest=_body_digest(),
        outside=task is not None and task.get("interaction") == ENGINE,
    )


def respond(answer: Answer, created: Mapping[str, Any] | None = None, status: int = 201) -> Response:
    """201 or 200 for what is done and visible, 202 for what is not yet, and the problem of what was refused."""
    if answer.problem is not None:
        return problem(answer.problem)
    if answer.status == "accepted" and answer.visible:
        response = jsonify(created or {"commandId": answer.command_key, "status": answer.status})
        response.status_code = 200 if created is None else status
        return response
    response = jsonify(commandId=answer.command_key, status=answer.status)
    response.status_code = 202
    response.headers["Location"] = f"/api/v1/commands/{answer.command_key}"
    return response


def _as_answer(task: Document) -> rendering.Json:
    """What else is in flight the hub knows at least as well as it knew the outcome."""
    pending = services().hub.in_flight([task["_id"]], now())
    return rendering.with_pending([task], pending, expand=True, whole=True)[0]


def _asked(wanted: Request) -> Answer:
    return asked(services().asking, wanted, wait())


def asked(asking: Asking, wanted: Request, seconds: float) -> Answer:
    """Send it and wait so long for its outcome, counted and logged; raises what `Asking.ask` does."""
    with about_command(wanted):
        log.info("command_asked")
        try:
            answer = asking.ask(wanted, wanted.digest, seconds)
        except EngineUnreachable:
            metrics.answers.labels(wanted.action, "unreachable").inc()
            raise
        metrics.answers.labels(wanted.action, answer.status).inc()
        log.info("command_outcome_told", extra={"status": answer.status, "visible": answer.visible})
    return answer


def is_repeat(application: str, part: str = "") -> bool:
    """Whether this user has asked for it before, or for this part of it, under the key that is sent."""
    return services().commands.exists(Key(application, "command", _command_id(part)).opaque, asker())


def _command_id(part: str = "") -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _LONGEST_KEY:
        raise BadRequest(f"Idempotency-Key is longer than {_LONGEST_KEY} characters")
    parts = (key, part) if part else (key,)
    return derived_id("command", asker().name, request.path, *parts) if key else str(uuid4())


def wait() -> float:
    """How many seconds the asker would wait for an outcome."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(float(found.group(1)), LONGEST_WAIT) if found else _DEFAULT_WAIT


def _body_digest() -> str | None:
    if not request.headers.get("Idempotency-Key"):
        return None
    asked = b"?" + request.query_string if request.query_string else b""
    return hashlib.sha256(request.get_data() + asked).hexdigest()


def _expected_revision(current: int | None) -> int | None:
    """The revision `If-Match` asks for: of several the one that is, else any; weak and re-encoded tags count."""
    text = request.headers.get("If-Match", "").strip()
    if text in ("", "*"):
        return None
    found = {int(number) for number in _ENTITY_TAG.findall(text)}
    if not found:
        raise StaleRevision(f"If-Match {text[:100]!r} is no revision of this task")
    return current if current in found else max(found)
