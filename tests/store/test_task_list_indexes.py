"""The database answers default pages from an index, in order, without sorting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain.access import User
from domain.query.sort import parse_sort
from domain.query.task_query import Scope, TaskQuery
from store.lists.keyset import beyond, position_of
from store.lists.pages import Place
from store.lists.task_list import Documents, TaskList
from store.lists.task_query import tasks_of
from tests.read_side import NOW, own_views, task_document

pytestmark = pytest.mark.servers

ANNA = User("anna", ("red", "blue"))
BOSS = User("boss", ("admins",))
SORT = [("order.down.priority", -1), ("order.up.dueDate", 1), ("_id", 1)]


@pytest.fixture(scope="module")
def database(servers: Any) -> Iterator[Documents]:
    with own_views(servers.mongo_url) as views:
        views["task"].insert_many([_task(number) for number in range(2000)])
        yield views


@pytest.mark.parametrize(
    ("user", "scope", "index"),
    [
        (ANNA, "visible", "list_principals"),
        (ANNA, "mine", "list_assignee"),
        (ANNA, "group", "list_candidateGroups"),
        (ANNA, "completed", "list_completedBy"),
        (BOSS, "visible", "list_aggregate"),
    ],
)
def test_a_default_page_needs_no_sort(database: Documents, user: User, scope: Scope, index: str) -> None:
    query = tasks_of(TaskQuery(user, NOW, scope))
    found = database["task"].find(query, sort=SORT, limit=51).explain()
    stages = list(_stages(found["queryPlanner"]["winningPlan"]))
    assert index in {stage.get("indexName") for stage in stages}
    assert "SORT" not in {stage["stage"] for stage in stages}
    assert found["executionStats"]["totalKeysExamined"] < 400


def test_a_page_far_down_is_as_cheap(database: Documents) -> None:
    query, sort = TaskQuery(ANNA, NOW, "group"), parse_sort(None)
    page = TaskList(database).find(query, sort, Place(page=2, size=200))
    wanted = {"$and": [tasks_of(query), beyond(position_of(page.items[-1], sort), sort)]}
    found = database["task"].find(wanted, sort=SORT, limit=51).explain()
    assert "SORT" not in {stage["stage"] for stage in _stages(found["queryPlanner"]["winningPlan"])}


def _stages(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in (plan.get("inputStage"), *plan.get("inputStages", ())):
        if inner:
            yield from _stages(inner)


def _task(number: int) -> dict[str, Any]:
    groups = (("red",), ("blue",), ("green",), ("grey",), ("red", "blue"))[number % 5]
    state = "completed" if number % 10 == 0 else "open"
    assignee = ("anna", "bert", None, None)[number % 4]
    done = {"state": state, "completed_by": "anna" if state == "completed" else None}
    return task_document(f"t{number}", candidate_groups=groups, assignee=assignee, priority=number % 100, **done)
