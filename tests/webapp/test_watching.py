"""What those who watch are told: readiness in plain words, numbers that stay bounded, and a name for every request."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from domain.errors import StoreUnavailable
from tests.webapp.stand_in import DirectAsking
from webapp.server.factory import create_app
from webapp.services import Services

pytestmark = pytest.mark.servers


class Part:
    """Works, fails or hangs, as told."""

    failure: str | None = None
    hangs: threading.Event | None = None

    def __call__(self) -> None:
        if self.hangs:
            self.hangs.wait(20)
        if self.failure:
            raise StoreUnavailable(self.failure)


def watched(services: Services, **parts: Part) -> FlaskClient:
    optional = {name: part for name, part in parts.items() if name == "redis"}
    required = {name: part for name, part in parts.items() if name not in optional}
    return create_app(replace(services, required_checks=required, optional_checks=optional)).test_client()


def number(client: FlaskClient, series: str) -> float:
    found = [line for line in client.get("/metrics").text.splitlines() if line.startswith(series + " ")]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


def test_what_fails_is_named_until_it_works_again(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    part, redis = Part(), Part()
    client = watched(services, projector=part, redis=redis)
    assert client.get("/readyz").json == {"ready": True, "reasons": {}, "degraded": {}}
    part.failure, redis.failure = "no sign of life for 12 s", "away"
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            answer = client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json == {
                "ready": False,
                "reasons": {"projector": part.failure},
                "degraded": {"redis": "away"},
            }
        assert number(client, 'taskpool_ready{part="projector"}') == 0
        part.failure = None
        assert client.get("/readyz").status_code == 200
    said = [(record.message, record.part) for record in caplog.records if record.message.startswith("part_")]  # type: ignore[attr-defined]
    assert sorted(said) == [("part_failed", "projector"), ("part_failed", "redis"), ("part_recovered", "projector")]


def test_a_part_that_hangs_holds_up_nobody(services: Services) -> None:
    part = Part()
    part.hangs = threading.Event()
    client = watched(services, mongodb=part, hub=Part())
    began = time.monotonic()
    assert client.get("/readyz").json == {"ready": False, "reasons": {"mongodb": "it does not answer"}, "degraded": {}}
    assert time.monotonic() - began < 3
    began = time.monotonic()
    assert number(client, 'taskpool_ready{part="hub"}') == 1
    assert time.monotonic() - began < 1.5
    part.hangs.set()


def test_numbers_of_stores_and_queues_that_are_away_are_missing(client: FlaskClient) -> None:
    text = client.get("/metrics").text
    assert 'taskpool_answered{source="queues"} 0.0' in text
    assert 'taskpool_answered{source="sql.hosted"} 0.0' in text
    assert "taskpool_queue_messages{" not in text


def test_what_a_caller_makes_up_is_no_label(client: FlaskClient) -> None:
    client.open("/api/v1/me", method="BREW")
    client.get("/made/up")
    assert number(client, 'taskpool_http_requests_total{endpoint="none",method="GET",status="404"}') >= 1
    text = client.get("/metrics").text
    assert 'method="other"' in text
    assert "BREW" not in text
    assert "made/up" not in text


def test_what_people_are_told_about_commands_is_counted(client: FlaskClient, engine: DirectAsking) -> None:
    series = 'taskpool_command_answers_total{action="claim",status="%s"}'
    told, refused = number(client, series % "accepted"), number(client, series % "unreachable")
    path = f"/api/v1/tasks/{engine.create_task('t1', name='Approve', candidate_groups=('approvers',))}/claim"
    auth = ("approver1", "approver1")
    assert client.post(path, auth=auth).status_code == 200
    engine.away = True
    assert client.post(path, auth=auth).status_code == 503
    assert number(client, series % "accepted") == told + 1
    assert number(client, series % "unreachable") == refused + 1


def test_every_answer_names_its_request_and_its_trace(client: FlaskClient) -> None:
    given = {"X-Request-ID": "order-7", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    answer = client.get("/healthz", headers=given)
    assert {name: answer.headers[name] for name in given} == given


@pytest.mark.parametrize("given", ["", "x", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "a" * 200, "é"])
def test_names_nobody_can_use_are_made_anew(client: FlaskClient, given: str) -> None:
    answers = [client.get("/healthz", headers={"X-Request-ID": given + " ", "traceparent": given}) for _ in range(2)]
    assert len({answer.headers["traceparent"] for answer in answers}) == 2
    assert all(len(answer.headers["traceparent"]) == 55 for answer in answers)


def test_in_production_how_it_all_is_is_for_operators_and_the_metrics_token(services: Services) -> None:
    settings = replace(services.settings, profile="production", metrics_token="m" * 20)
    client = create_app(
        replace(services, settings=settings, required_checks={"x": Part()}, optional_checks={})
    ).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json == {"ready": True}
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", auth=("approver1", "approver1")).status_code == 401
    for headers in ({"Authorization": "Bearer " + "m" * 20}, {"Authorization": "Bearer operate"}):
        assert client.get("/metrics", headers=headers).status_code == 200
        assert client.get("/readyz", headers=headers).json == {"ready": True, "reasons": {}, "degraded": {}}
    assert client.get("/metrics", headers={"Authorization": "Bearer " + "m" * 19}).status_code == 401
