"""The database answers default pages from an index, in order, without sorting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.errors import ExecutionTimeout

from domain.access import User
from domain.aggregates.data_entry_document import embedded
from domain.errors import TooBroad
from domain.query.condition import Comparison
from domain.query.sort import DEFAULT_SORT, parse_sort
from domain.query.task_query import Scope, TaskQuery
from domain.values import fold
from store.lists.facets import FacetValue, _Counter
from store.lists.keyset import beyond, position_of
from store.lists.pages import Place, order
from store.lists.plans import plan
from store.lists.task_list import Documents, TaskList
from store.lists.task_query import may_read, tasks_of
from store.views.indexes import SORTED_BY
from tests.read_side import NOW, data_entry, own_views, task, task_key
from webapp.api.grammar import parse_filter

pytestmark = pytest.mark.servers

ANNA = User("anna", ("red", "blue"))
BOSS = User("boss", ("admins", "red"))
WALKED: tuple[Scope, ...] = ("visible", "group", "unassigned")
SORT = [("order.down.priority", -1), ("order.up.dueDate", 1), ("_id", 1)]


@pytest.fixture(scope="module")
def database(servers: Any) -> Iterator[Documents]:
    with own_views(servers.mongo_url) as views:
        views["task"].insert_many([_task(number) for number in range(2000)])
        yield views


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("plans", "many"):
        monkeypatch.setattr(f"store.lists.{module}.FEW", 60)
    monkeypatch.setattr("store.lists.plans._VERY_FEW", 20)


PAGES = [
    *((user, scope, sort) for user in (ANNA, BOSS) for scope in WALKED for sort in (DEFAULT_SORT, *SORTED_BY)),
    (ANNA, "mine", DEFAULT_SORT),
    (ANNA, "completed", DEFAULT_SORT),
    (ANNA, "completed", "-endTime"),
]
"""Whatever the page can ask for."""


@pytest.mark.parametrize(("user", "scope", "sort"), PAGES)
def test_a_page_is_read_from_an_index_in_its_order(database: Documents, user: User, scope: Scope, sort: str) -> None:
    """Not sorted, and no more than a few times looked at what is shown; counted without a look at the documents."""
    query = TaskQuery(user, NOW, scope)
    chosen = plan(database["task"], query, parse_sort(sort))
    find = {"filter": tasks_of(query), "sort": dict(order(parse_sort(sort))), "limit": 51}
    found = _explained(database, {"find": "task", **find, **({"hint": chosen.find} if chosen.find else {})})
    stages = {stage["stage"] for stage in _stages(found["queryPlanner"]["winningPlan"])}
    assert stages.isdisjoint({"COLLSCAN", "SORT"})
    assert found["executionStats"]["totalDocsExamined"] <= 20 * max(found["executionStats"]["nReturned"], 1)
    assert found["executionStats"]["totalKeysExamined"] < 400
    if chosen.count:
        count = {"count": "task", "query": tasks_of(query), "limit": 10_001, "hint": chosen.count}
        assert _explained(database, count)["executionStats"]["totalDocsExamined"] == 0


def test_a_page_far_down_is_as_cheap(database: Documents) -> None:
    query, sort = TaskQuery(ANNA, NOW, "group"), parse_sort(None)
    page = TaskList(database).find(query, sort, Place(2, 200))
    wanted = {"$and": [tasks_of(query), beyond(position_of(page.items[-1], sort), sort)]}
    found = database["task"].find(wanted, sort=SORT, limit=51).explain()
    assert "SORT" not in {stage["stage"] for stage in _stages(found["queryPlanner"]["winningPlan"])}


@pytest.mark.parametrize("user", [ANNA, BOSS])
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ((("task.businessKey = K-7",), ""), "businessKey"),
        (((f"task.parentTaskId = {task_key('p1')}",), ""), "parentTaskId"),
        ((("customer.no = 12",), ""), "findable"),
        ((("order = O-12",), ""), "entry_leaves"),
        ((("customer.no in (12, 13)", "customer.city = Bonn"), ""), "findable"),
        (((), "k7x"), "words"),
        (((), "task k7x"), "words"),
        (((), "zeppelin12"), "entry_words"),
    ],
)
def test_what_few_have_is_looked_up(
    database: Documents, user: User, asked: tuple[tuple[str, ...], str], index: str, few: None
) -> None:
    """In the index of what is rare, whatever else is asked for; as many documents are looked at as have it."""
    filters, words = asked
    query = TaskQuery(user, NOW, filters=tuple(map(parse_filter, filters)), words=tuple(words.split()))
    chosen = plan(database["task"], query, parse_sort(None))
    assert chosen.find == chosen.count == index
    wanted = {"$and": [chosen.among, tasks_of(query)]}
    found = _explained(database, {"find": "task", "filter": wanted, "limit": 51, "hint": index})
    assert 0 < found["executionStats"]["nReturned"] <= found["executionStats"]["totalDocsExamined"] < 60
    assert TaskList(database).find(query, parse_sort(None)).total == len(list(database["task"].find(tasks_of(query))))


def test_what_many_have_is_met_on_the_way(database: Documents, few: None) -> None:
    query = TaskQuery(ANNA, NOW, filters=(parse_filter("customer.city = Bonn"),), words=("task",))
    assert plan(database["task"], query, parse_sort("name")).find == "sorted_name"
    assert TaskList(database).find(query, parse_sort(None)).total == len(list(database["task"].find(tasks_of(query))))


def test_what_is_found_in_tasks_and_in_entries_is_both(database: Documents, few: None) -> None:
    query = TaskQuery(BOSS, NOW, words=("99",))
    assert plan(database["task"], query, parse_sort(None)).find == "_id_"
    assert TaskList(database).find(query, parse_sort(None)).total == len(list(database["task"].find(tasks_of(query))))


COMMON = [
    ((), "task"),
    ((), "t"),
    ((), "bonn"),
    ((), "zzz"),
    (("customer.city = Bonn",), ""),
    (("customer.city in (Bonn, Rom)",), ""),
    (("customer.city = Rom",), "task"),
    (("customer.city = Rom", "task.priority > 50"), "t k"),
]
"""What many tasks have."""


@pytest.mark.parametrize("asked", COMMON)
@pytest.mark.parametrize("scope", ["visible", "group"])
@pytest.mark.parametrize("user", [ANNA, BOSS, User("bert"), User("anna", ("none",))])
def test_how_many_have_what_many_have(
    database: Documents, user: User, scope: Scope, asked: tuple[tuple[str, ...], str], few: None
) -> None:
    """By group, by name, by entries and both, as many as there are; the first page is of them."""
    filters, words = asked
    query = TaskQuery(user, NOW, scope, tuple(map(parse_filter, filters)), words=tuple(words.split()))
    wanted = {one["_id"] for one in database["task"].find(tasks_of(query))}
    found = TaskList(database).find(query, parse_sort(None), Place(size=200))
    assert found.total == len(wanted)
    assert {one["_id"] for one in found.items} <= wanted
    assert len(found.items) == min(200, len(wanted))


def test_what_is_common_is_counted_without_a_look_at_it(database: Documents, few: None) -> None:
    """Of what a person sees by name only, and of what only entries have, is looked at."""
    for user, looked_at in ((BOSS, 0), (User("nobody", ("red",)), 0), (ANNA, 400)):
        for filters, words in ((("customer.city = Bonn",), ()), ((), ("task",))):
            query = TaskQuery(user, NOW, filters=tuple(map(parse_filter, filters)), words=words)
            before = _examined(database)
            chosen = plan(database["task"], query, parse_sort(None))
            assert _examined(database) - before <= looked_at
            assert chosen.total == len(list(database["task"].find(tasks_of(query))))


def test_what_many_entries_have_is_not_told_before_the_list_is_walked(database: Documents, few: None) -> None:
    query = TaskQuery(ANNA, NOW, words=("zeppelin",))
    assert plan(database["task"], query, parse_sort(None)).total is None
    assert TaskList(database).find(query, parse_sort(None)).total == len(list(database["task"].find(tasks_of(query))))


@pytest.mark.parametrize("most", [0, 30])
def test_tasks_with_very_much_in_them_are_counted_too(
    servers: Any, few: None, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever of them is not in the index."""
    monkeypatch.setattr("domain.query.findable.MOST", most)
    with own_views(servers.mongo_url) as views:
        views["task"].insert_many([_task(number) for number in range(300)])
        for filters, words in COMMON:
            query = TaskQuery(ANNA, NOW, filters=tuple(map(parse_filter, filters)), words=tuple(words.split()))
            wanted = len(list(views["task"].find(tasks_of(query))))
            assert TaskList(views).find(query, parse_sort(None)).total == wanted


@pytest.mark.parametrize("names", [2_000, 10])
def test_a_name_that_is_just_cut_is_found(servers: Any, names: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sort key lacks what is looked for, and no index may say that it is not there."""
    monkeypatch.setattr("store.lists.many.MOST_NAMES", names)
    with own_views(servers.mongo_url) as views:
        name = "\x01" * 38 + "\x02\x02"
        views["task"].insert_many([{**_task(1), **task("t1", name=name, assignee="anna")[0].document}])
        query = TaskQuery(ANNA, NOW, filters=(Comparison("own", "name", "~", ("\x02",)),))
        assert TaskList(views).find(query, parse_sort(None)).total == 1


def test_a_parent_that_has_no_name_is_in_no_index(database: Documents) -> None:
    for values in (("",), ("", "p1")):
        query = TaskQuery(BOSS, NOW, filters=(Comparison("own", "parentTaskId", "in", values),))
        assert plan(database["task"], query, parse_sort(None)).find != "parentTaskId"


@pytest.mark.parametrize(
    "text", ["9", "19", "sk t19", "zz", "T1999", "l\u00f6ng", "\u00dcber", "ng 7", "", "\u00fc", '"', "ENDE", "ende 19"]
)
@pytest.mark.parametrize("user", [ANNA, BOSS])
@pytest.mark.parametrize("names", [2_000, 10])
def test_a_part_of_a_name_is_looked_for_in_the_index(
    database: Documents, few: None, *, text: str, user: User, names: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in names that the index cuts, and where names are many; how many there are is told exactly."""
    monkeypatch.setattr("store.lists.many.MOST_NAMES", names)
    query = TaskQuery(user, NOW, filters=(Comparison("own", "name", "~", (text,)),))
    wanted = sorted(
        one["_id"]
        for one in database["task"].find({"state": "open", **may_read(user)})
        if one["name"] and fold(text) in fold(one["name"])
    )
    before = _examined(database)
    chosen = plan(database["task"], query, parse_sort(None))
    assert _examined(database) == before
    found = TaskList(database).find(query, parse_sort(None), Place(size=200))
    assert found.total == len(wanted)
    assert {one["_id"] for one in found.items} <= set(wanted)
    if chosen.total is not None:
        assert (chosen.find, chosen.total) == ("list_principals", len(wanted))


def _examined(database: Documents) -> int:
    """Documents that the server has looked at, whoever asked."""
    return int(database.client.admin.command("serverStatus")["metrics"]["queryExecutor"]["scannedObjects"])


def _explained(database: Documents, command: dict[str, Any]) -> dict[str, Any]:
    return dict(database.command("explain", command, verbosity="executionStats"))


def _stages(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in (plan.get("inputStage"), *plan.get("inputStages", ())):
        if inner:
            yield from _stages(inner)


def _task(number: int) -> dict[str, Any]:
    groups = (("red",), ("blue",), ("green",), ("grey",), ("red", "blue"))[number % 5]
    state = "completed" if number % 10 == 0 else "open"
    assignee = ("anna", "bert", None, None)[number % 4]
    done = {"state": state, "completed_by": "anna" if state == "completed" else None, "end_time": NOW}
    payload = {"customer": {"no": number % 101, "city": ("Bonn", "Rom")[number % 2]}, "k": f"k{number % 97}x"}
    about = {"candidate_groups": groups, "assignee": assignee, "business_key": f"K-{number % 97}", "payload": payload}
    long = f"{'Lang ist die Liste, und löng ' * (1 + number % 12)}, am Ende {number}"
    name = long if number % 50 == 7 else f"Task t{number}"
    part_of = f"p{number % 101}" if number % 3 else None
    shown = task(f"t{number}", **about, name=name, parent_task_id=part_of, priority=number % 100, **done)[0]
    words = {"order": f"O-{number % 103}", "note": f"zeppelin{number % 103} {number % 107}"}
    entry = data_entry(f"e{number}", payload=words, authorized_groups=groups)[0].document
    return {**shown.document, **shown.gathered, "entries": [embedded(entry)]}


def test_values_of_very_many_tasks_are_told_by_a_share_of_them(servers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """About as many as there are, and only what enough of the share have; what can be counted is counted."""
    fields = ["priority", "candidateGroups", "assignee", "application"]
    with own_views(servers.mongo_url) as views:
        made = [_task(number) for number in range(3000)]
        views["task"].insert_many(made)
        exact = {
            field: {one.value: one.count for one in values} for field, values in _facets(views, BOSS, fields).items()
        }
        theirs = _facets(views, ANNA, fields)
        monkeypatch.setattr("store.lists.facets.SHARED", 600)
        monkeypatch.setattr("store.lists.facets._FEWEST_SHARES", 5)
        monkeypatch.setattr("store.lists.facets._VERY_MANY", 1_000)
        about = _facets(views, BOSS, fields)
        assert about["priority"] == [], "of a hundred priorities none is certain"
        assert {one.value for one in about["candidateGroups"]} == {"red", "blue", "green", "grey"}
        for field in ("candidateGroups", "assignee", "application"):
            for one in about[field]:
                assert one.is_about
                assert 0.6 < one.count / exact[field][one.value] < 1.6
                assert one.count == round(one.count, 2 - len(str(one.count)))
        assert _facets(views, ANNA, fields) == theirs
        berts = TaskQuery(BOSS, NOW, filters=(parse_filter("task.assignee = bert"),))
        assert TaskList(views).facets(berts, ["assignee"]) == {
            "assignee": [FacetValue("bert", exact["assignee"]["bert"])]
        }
        rare = TaskQuery(BOSS, NOW, filters=(parse_filter("task.businessKey = K-7"),))
        assert not TaskList(views).facets(rare, ["assignee"])["assignee"][0].is_about
        monkeypatch.setattr("store.lists.facets._Counter.count", _in_no_time(_Counter.count))
        assert _facets(views, ANNA, fields)["assignee"][0].is_about, "what was not counted in time is told by a share"
        with pytest.raises(TooBroad):
            _facets(views, ANNA, ["priority"])


def _in_no_time(count: Any) -> Any:
    def asked(self: _Counter, wanted: dict[str, Any], index: str | None, millis: int) -> Any:
        if index != "_id_":
            raise ExecutionTimeout("no time")
        return count(self, wanted, index, millis)

    return asked


def _facets(views: Documents, user: User, fields: list[str]) -> dict[str, list[FacetValue]]:
    return TaskList(views).facets(TaskQuery(user, NOW), fields)


def test_without_a_named_index_there_is_still_an_answer(servers: Any) -> None:
    """Until whoever looks after the views has made it again."""
    with own_views(servers.mongo_url) as views:
        views["task"].insert_many([_task(number) for number in range(20)])
        everything = [TaskQuery(ANNA, NOW), TaskQuery(ANNA, NOW, words=("task",)), TaskQuery(BOSS, NOW, "unassigned")]
        before = [TaskList(views).find(query, parse_sort("name")) for query in everything]
        views["task"].drop_indexes()
        assert [TaskList(views).find(query, parse_sort("name")) for query in everything] == before
        assert TaskList(views).counts(everything[0])["visible"] == before[0].total
        assert TaskList(views).facets(everything[0], ["priority"])
