"""Tasks carry what is searched of their entries, whoever of two projectors writes first, and in whatever order."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.aggregates.data_entry_document import embedded
from domain.aggregates.task_document import entry_ids
from domain.events.project import Projected
from store.lists.task_list import Documents
from store.views.embedding import AT_ONCE, UNTOLD
from store.views.generations import POINTER, POINTER_ID
from store.views.writer import Views
from tests.read_side import data_entry, own_views, task, task_key

pytestmark = pytest.mark.servers

ABOUT = ({"application": "approval", "entryType": "order", "entryId": "o1"},)
BOTH = (*ABOUT, {"application": "approval", "entryType": "order", "entryId": "o2"})
NEVER = threading.Event()


@pytest.fixture(scope="module")
def database(servers: Any) -> Iterator[Documents]:
    with own_views(servers.mongo_url) as views:
        yield views


@pytest.fixture(autouse=True)
def empty(database: Documents) -> None:
    for name in ("task", "task_history", "data_entry", "data_entry_history", UNTOLD):
        database[name].delete_many({})


def events() -> list[list[Projected]]:
    """Two entries that change, one of them deleted in the end, and a task that is about one, then both, then one."""
    return [
        data_entry("o1", revision=1, name="first", payload={"a": 1}),
        data_entry("o1", revision=2, name="second", payload={"a": "$secret"}, authorized_groups=("g",)),
        data_entry("o2", revision=1, name="other"),
        data_entry("o2", revision=2, name="other", deleted=True),
        task("t1", 1, "created", correlations=ABOUT),
        task("t1", 2, "attributes_changed", correlations=BOTH),
        task("t1", 3, "assigned", correlations=ABOUT, assignee="ann"),
    ]


def carried(database: Documents) -> list[Any]:
    found = database["task"].find_one({"_id": task_key("t1")})
    return sorted(found["entries"], key=lambda one: one["key"]) if found else []


def expected(database: Documents) -> list[Any]:
    """What the newest state of the task is about, as the newest state of each entry says."""
    found = database["task"].find_one({"_id": task_key("t1")})
    assert found is not None
    ids = list(entry_ids(found["correlations"]))
    return [embedded(one) for one in database["data_entry"].find({"_id": {"$in": ids}}, sort=[("_id", 1)])]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(range(7)), twice=st.lists(st.integers(0, 6), max_size=3), size=st.integers(1, 7))
def test_any_order_with_any_repeats(database: Documents, order: list[int], twice: list[int], size: int) -> None:
    database["task"].delete_many({})
    database["data_entry"].delete_many({})
    told, views = [*order, *twice], Views(database)
    for start in range(0, len(told), size):
        views.apply([one for number in told[start : start + size] for one in events()[number]])
    assert carried(database) == expected(database) != []


@pytest.mark.parametrize("split", [(1, 4), (0, 1), (3, 5)])
def test_two_projectors_at_once(database: Documents, split: tuple[int, int]) -> None:
    """One has the entries and the other the task; afterwards the task carries the newest of each."""
    for _ in range(15):
        database["task"].delete_many({})
        database["data_entry"].delete_many({})
        made = events()
        halves: Sequence[Sequence[list[Projected]]] = (made[:4], made[4:])
        threads = [threading.Thread(target=_apply, args=(database, half)) for half in halves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert carried(database) == expected(database)


def _apply(database: Documents, several: Sequence[list[Projected]]) -> None:
    views = Views(database)
    for projected in several:
        views.apply(projected)


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_who_took_part_is_kept(database: Documents, order: tuple[int, ...]) -> None:
    made = [task("t1", n + 1, "assigned", assignee=name) for n, name in enumerate(("ann", "bob", None))]
    for number in order:
        Views(database).apply(made[number])
    found = database["task"].find_one({"_id": task_key("t1")})
    assert found is not None
    assert (set(found["involved"]), found["assignee"]) == ({"ann", "bob"}, None)


def test_very_many_are_told_by_a_job(database: Documents) -> None:
    views, many = Views(database), AT_ONCE * 6
    views.apply([one for n in range(many) for one in task(f"t{n}", correlations=ABOUT)])
    views.apply(data_entry("o1", revision=1, name="first"))
    assert database["task"].count_documents({"entries.name": "first"}) == 0
    assert views.tell_carriers(10, NEVER) == 1
    assert database["task"].count_documents({"entries.name": "first"}) == many
    # What changes while they are told is told again.
    views.apply(data_entry("o1", revision=2, name="second"))
    assert (views.tell_carriers(10, NEVER), views.tell_carriers(10, NEVER)) == (1, 0)
    assert database["task"].count_documents({"entries.name": "second"}) == many


def test_every_generation_carries_them(database: Documents) -> None:
    database[POINTER].replace_one({"_id": POINTER_ID}, {"live": 1, "filling": 2, "kept": None}, upsert=True)
    try:
        views = Views(database)
        views.apply(task("t1", correlations=ABOUT))
        views.apply(data_entry("o1", name="first"))
        for name in ("task", "task.g2"):
            assert [one["name"] for one in database[name].find_one({})["entries"]] == ["first"]  # type: ignore[index]
    finally:
        database[POINTER].delete_many({})
        for name in ("task.g2", "data_entry.g2", "task_history.g2", "data_entry_history.g2"):
            database[name].drop()


def test_a_change_of_an_entry_is_a_change_of_its_tasks(database: Documents) -> None:
    """So that lists filtered by entries are live: the change stream shows the task before and after."""
    views = Views(database)
    views.apply(task("t1", correlations=ABOUT))
    with database["task"].watch(full_document="updateLookup") as stream:
        views.apply(data_entry("o1", name="first"))
        change = stream.next()
    assert change["fullDocument"]["entries"][0]["name"] == "first"
