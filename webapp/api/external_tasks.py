"""External tasks as workers for Camunda 7 do them, at `/engine-rest`, of all applications that the caller may act for.

Taking, keeping and giving back is done in the application's store; what moves its process is a command to its engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.errors import InvalidValue, NotFound
from domain.identity import derived_id
from domain.requests.request import JobAction, Request
from domain.values import iso
from engines.formats.typed_values import plain_variables
from store.engine.job_list import JobFilter
from tasks.external_tasks import ExternalTasks, Failure
from webapp.api import camunda, camunda_schemas
from webapp.api.camunda_schemas import (
    BpmnErrorBody,
    CompleteTaskBody,
    ExtendLockBody,
    ExternalTaskFilter,
    ExternalTaskQuery,
    FailureBody,
    FetchBody,
    LockBody,
    RetriesBody,
    TaskIdPath,
)
from webapp.api.described import SECURITY
from webapp.api.described import camunda as described
from webapp.api.fetching import fetched
from webapp.api.forms import require_json, variables_of
from webapp.api.sending import asked
from webapp.services import services
from webapp.sign_in import asker, require_sign_in
from webapp.tracing import traceparent

TAGS = [Tag(name="external tasks")]
api = APIBlueprint("external", __name__, url_prefix="/engine-rest/external-task", abp_tags=TAGS, abp_security=SECURITY)
api.before_request(require_sign_in)
api.before_request(require_json)
camunda.install(api)

ANSWER_SECONDS = 20.0
LONGEST_MESSAGE, LONGEST_DETAILS = 1000, 20_000


@api.post("/fetchAndLock", responses=described(camunda_schemas.LockedTasks, 500))
def fetch_and_lock(body: FetchBody) -> Response:
    """Take tasks of these topics, and wait for the first at most a minute if there is none."""
    return jsonify(fetched(body))


@api.post("/<string:task_id>/complete", responses=described(None, 404, 500))
def complete(path: TaskIdPath, body: CompleteTaskBody) -> Response:
    """End a task that the worker has; the answer comes when its process has gone on."""
    said = {
        "variables": variables_of(plain_variables(body.variables)),
        "localVariables": variables_of(plain_variables(body.local_variables, "localVariables")),
    }
    return _ended(path.task_id, "finish_job", body.worker_id, said)


@api.post("/<string:task_id>/bpmnError", responses=described(None, 404, 500))
def bpmn_error(path: TaskIdPath, body: BpmnErrorBody) -> Response:
    """End a task that the worker has with an error that the process may catch."""
    message = (body.error_message or "")[:LONGEST_MESSAGE] or None
    said = {"code": body.error_code, "message": message, "variables": variables_of(plain_variables(body.variables))}
    return _ended(path.task_id, "raise_error", body.worker_id, said)


@api.post("/<string:task_id>/failure", responses=described(None, 404, 500))
def failure(path: TaskIdPath, body: FailureBody) -> Response:
    """Say that a try has failed; when none is left there is an incident."""
    if body.variables or body.local_variables:
        raise InvalidValue("variables are not taken with a failure")
    message, details = _cut(body.error_message, LONGEST_MESSAGE), _cut(body.error_details, LONGEST_DETAILS)
    if body.retries == 0:
        return _ended(path.task_id, "fail_job", body.worker_id, {"message": message, "details": details})
    told = Failure(body.retries, body.retry_timeout / 1000, message, details)
    _tasks().put_off(asker(), path.task_id, body.worker_id, told)
    return _nothing()


@api.post("/<string:task_id>/extendLock", responses=described(None, 404, 500))
def extend_lock(path: TaskIdPath, body: ExtendLockBody) -> Response:
    """Keep a task longer."""
    _tasks().extend(asker(), path.task_id, body.worker_id, body.new_duration / 1000)
    return _nothing()


@api.post("/<string:task_id>/lock", responses=described(None, 404, 500))
def lock(path: TaskIdPath, body: LockBody) -> Response:
    """Take one task, unless another worker has it."""
    _tasks().lock(asker(), path.task_id, body.worker_id, body.lock_duration / 1000)
    return _nothing()


@api.post("/<string:task_id>/unlock", responses=described(None, 404, 500))
def unlock(path: TaskIdPath) -> Response:
    """Give a task back, whoever has it."""
    _tasks().unlock(asker(), path.task_id)
    return _nothing()


@api.put("/<string:task_id>/retries", responses=described(None, 404, 500))
def set_retries(path: TaskIdPath, body: RetriesBody) -> Response:
    """Say how many tries are left: with some its incident is over, with none there is one."""
    if body.retries == 0:
        return _ended(path.task_id, "fail_job", None, {"message": "no tries are left", "details": None})
    _tasks().set_retries(asker(), path.task_id, body.retries)
    return _nothing()


@api.get("/<string:task_id>", responses=described(camunda_schemas.ExternalTask, 404, 500))
def one_task(path: TaskIdPath) -> Response:
    """One external task."""
    return jsonify(camunda.task(_tasks().one(asker(), path.task_id)))


@api.get("", responses=described(camunda_schemas.ExternalTasks, 500))
def tasks(query: ExternalTaskQuery) -> Response:
    """External tasks, the oldest first."""
    found = _tasks().find(asker(), _filter(query), query.first_result, query.max_results)
    return jsonify([camunda.task(one) for one in found])


@api.get("/count", responses=described(camunda_schemas.Count, 500))
def count(query: ExternalTaskFilter) -> Response:
    """How many external tasks there are."""
    return jsonify(count=_tasks().count(asker(), _filter(query)))


def _ended(task_id: str, action: JobAction, worker_id: str | None, said: Mapping[str, Any]) -> Response:
    """Have the engine carry it out, and wait until it has; what this worker has said before is said once."""
    user = asker()
    try:
        stored = _tasks().one(user, task_id)
    except NotFound:
        if worker_id is not None and _tasks().has_ended(user, task_id, worker_id, action):
            return _nothing()
        raise
    issued = datetime.now(UTC)
    body = hashlib.sha256(request.get_data()).hexdigest()
    wanted = Request(
        # With another lock it is another try, and with another body another wish.
        command_id=derived_id("job", user.name, task_id, action, worker_id or "", str(stored.locks), body),
        application=stored.application,
        action=action,
        user=user,
        issued_at=iso(issued),
        expires_at=iso(issued + timedelta(seconds=ANSWER_SECONDS + 10)),
        arguments={"jobId": task_id, "workerId": worker_id, **said},
        traceparent=traceparent(),
    )
    answer = asked(services().asking, wanted, ANSWER_SECONDS)
    if answer.problem is not None:
        return camunda.refused(answer.problem)
    if answer.status != "accepted":
        return camunda.failed(500, f"the engine has not answered in {ANSWER_SECONDS:.0f} s; say it again")
    return _nothing()


def _filter(query: ExternalTaskFilter) -> JobFilter:
    return JobFilter(
        topic=query.topic_name,
        worker_id=query.worker_id,
        element=query.activity_id,
        instance_id=query.process_instance_id,
        definition_id=query.process_definition_id,
        locked=_either(query.locked, query.not_locked),
        retries_left=_either(query.with_retries_left, query.no_retries_left),
    )


def _either(yes: bool, no: bool) -> bool | None:
    return None if yes == no else yes


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text.replace("\0", "")[:most]


def _nothing() -> Response:
    return Response(status=204)


def _tasks() -> ExternalTasks:
    return services().external_tasks
