"""Who a task may be given to: told to whoever may read it, and the same that assigning goes by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.asking import ADMIN, APPROVER, OTHER, REQUESTER, body, get, offered, post
from tests.webapp.stand_in import DirectAsking
from webapp.identity.accounts import DEMO_GROUPS
from webapp.server.factory import create_app
from webapp.services import Services

pytestmark = pytest.mark.servers


def names(response: TestResponse) -> list[str]:
    assert response.status_code == 200, response.json
    return [one["username"] for one in body(response)["items"]]


def test_people_are_those_a_task_is_offered_to(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, candidate_users=(REQUESTER,))
    found = body(get(client, f"/tasks/{task}/people"))
    assert found["items"][0] == {"username": APPROVER, "groups": ["approvers"]}
    # What else somebody is a member of is nobody's business here.
    assert found["items"][2] == {"username": REQUESTER, "groups": []}
    for asker in (APPROVER, REQUESTER, ADMIN):
        assert names(get(client, f"/tasks/{task}/people", asker)) == [APPROVER, OTHER, REQUESTER]


@pytest.mark.parametrize(
    ("part", "found"), [("VER2", [OTHER]), (" approver ", [APPROVER, OTHER]), ("requester1", []), ("approvers", [])]
)
def test_people_are_found_by_a_part_of_their_name(
    client: FlaskClient, engine: DirectAsking, part: str, found: list[str]
) -> None:
    assert names(get(client, f"/tasks/{offered(engine)}/people", query_string={"q": part})) == found


def test_people_are_told_to_nobody_who_may_not_read_the_task(client: FlaskClient, engine: DirectAsking) -> None:
    assert get(client, f"/tasks/{offered(engine)}/people", REQUESTER).status_code == 404
    assert get(client, "/tasks/nothing/people").status_code == 404
    assert client.get(f"/api/v1/tasks/{offered(engine, 't2')}/people").status_code == 401


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"candidate_groups": ("accounting",), "candidate_users": (REQUESTER,)},
        {"candidate_groups": (), "assignee": REQUESTER},
        {"candidate_groups": (), "candidate_users": ("nobody known",), "assignee": APPROVER},
        {"candidate_groups": ("admins",)},
        {"excluded_users": (OTHER,)},
    ],
)
def test_whoever_is_told_can_be_given_it_and_nobody_else(
    client: FlaskClient, engine: DirectAsking, state: dict[str, Any]
) -> None:
    task = offered(engine, **state)
    told = names(get(client, f"/tasks/{task}/people", ADMIN))
    given = {
        name: post(client, f"/tasks/{offered(engine, f't {name}', **state)}/assign", ADMIN, json={"assignee": name})
        for name in DEMO_GROUPS
    }
    assert told == sorted(name for name, answer in given.items() if answer.status_code == 200)


def test_only_some_may_assign_where_it_is_said_so(services: Services, engine: DirectAsking) -> None:
    settings = replace(services.settings, assigning_groups=("accounting", "admins"))
    client = create_app(replace(services, settings=settings)).test_client()
    taken = offered(engine, "t1", assignee=OTHER, candidate_groups=("approvers", "accounting"))
    sent = {"json": {"assignee": APPROVER}}
    refused = post(client, f"/tasks/{taken}/assign", **sent)
    assert (refused.status_code, "one of accounting, admins may" in body(refused)["detail"]) == (403, True)
    bulk = post(client, "/tasks/bulk", json={"action": "assign", "ids": [taken], "assignee": APPROVER})
    assert body(bulk)["items"][0]["problem"]["status"] == 403
    assert post(client, f"/tasks/{taken}/assign", "accountant1", **sent).status_code == 200
    assert [body(get(client, "/me", name))["roles"] for name in (APPROVER, "accountant1", ADMIN)] == [
        [],
        ["assigner"],
        ["operator", "assigner"],
    ]
    # It is one's own now, and may be handed on.
    assert post(client, f"/tasks/{taken}/assign", json={"assignee": OTHER}).status_code == 200


def test_everybody_it_is_offered_to_may_assign_where_nothing_is_said(client: FlaskClient, engine: DirectAsking) -> None:
    taken = offered(engine, "t1", assignee=OTHER)
    assert post(client, f"/tasks/{taken}/assign", json={"assignee": APPROVER}).status_code == 200
    assert body(get(client, "/me", ADMIN))["roles"] == ["operator"]


def test_a_task_is_offered_to_another_group(services: Services, engine: DirectAsking) -> None:
    settings = replace(services.settings, assigning_groups=("approvers",))
    client = create_app(replace(services, settings=settings)).test_client()
    task = offered(engine, "t1")
    unknown = post(client, f"/tasks/{task}/change", json={"candidateGroups": ["accounting", "acounting"]})
    assert unknown.status_code == 422
    assert body(unknown)["errors"][0]["message"] == "nobody is in a group 'acounting'"
    assert get(client, f"/tasks/{task}", "accountant1").status_code == 404
    sent = {"action": "change", "ids": [task], "candidateGroups": ["accounting"]}
    assert body(post(client, "/tasks/bulk", json=sent))["items"][0]["status"] == "accepted"
    assert body(get(client, f"/tasks/{task}", "accountant1"))["candidateGroups"] == ["accounting"]
    assert get(client, f"/tasks/{task}").status_code == 404, "it is theirs no more"
    path = f"/tasks/{task}/change"
    for wrong in ("accounting", [""], ["a\0"], [7]):
        assert post(client, path, "accountant1", json={"candidateGroups": wrong}).status_code == 400
    assert post(client, path, "accountant1", json={"candidateGroups": ["approvers"]}).status_code == 403
    assert post(client, path, ADMIN, json={"candidateGroups": None}).status_code == 200
    assert get(client, f"/tasks/{task}", "accountant1").status_code == 404
