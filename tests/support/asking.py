"""People who ask the API."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.stand_in import DirectAsking

APPROVER, OTHER, REQUESTER, ADMIN = "approver1", "approver2", "requester1", "admin"


def get(client: FlaskClient, path: str, user: str = APPROVER, **more: Any) -> TestResponse:
    return client.get(f"/api/v1{path}", auth=(user, user), **more)


def post(client: FlaskClient, path: str, user: str = APPROVER, **more: Any) -> TestResponse:
    return client.post(f"/api/v1{path}", auth=(user, user), **more)


def body(response: TestResponse) -> Any:
    return json.loads(response.data)


def offered(engine: DirectAsking, task_id: str = "t1", **state: Any) -> str:
    return engine.create_task(task_id, **{"name": "Approve", "candidate_groups": ("approvers",), **state})
