"""One suite for both task lists: the twin in memory and the real one mean the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.access import User, may_start
from domain.aggregates.data_entry_document import embedded
from domain.errors import NotFound, TooBroad
from domain.notices.notice import may_know
from domain.query.condition import AllOf, AnyOf, Comparison, Not
from domain.query.fields import ENTRY, INSTANCE
from domain.query.sort import SortKey, parse_sort
from domain.query.task_query import DEFERRED, FACETS, SCOPES, Deferred, Scope, TaskQuery, matches
from store.fakes.task_list import MemoryTaskList
from store.lists.attributes import Attributes
from store.lists.conditions import PlainQuery
from store.lists.due_tasks import DueTasks
from store.lists.entry_list import NEWEST_ENTRIES, EntryList
from store.lists.pages import Place
from store.lists.process_list import NEWEST_INSTANCES, ProcessList
from store.lists.task_list import Documents, TaskList
from store.live.cursor import Moment
from store.live.deltas import notified_keys, subscribed_keys
from store.live.ring import TaskChange
from tests.read_side import NOW, data_entry, definition, instance, own_views, task, task_document

pytestmark = pytest.mark.servers

NAMES = ("anna", "Bert", "cÄsar")
GROUPS = ("red", "Blue", "green")
WORDS = ("a", "B", "Ä", "x.y", "$s", "\\", "straße", "ab", "")
TIMES = ("2026-11-21T10:00:00.000Z", NOW, "2026-11-23T10:00:00.000Z")
TEXT_FIELDS = ("name", "assignee", "businessKey", "formKey", "tenantId", "candidateUsers", "candidateGroups", "state")
SORTS = ("priority", "dueDate", "name", "assignee", "createTime", "businessKey", "followUpDate")

maybe_text = st.none() | st.sampled_from(WORDS)
some = lambda values: st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)  # noqa: E731
ENTRY_STATES = ({"processingType": "COMPLETED", "state": "Ä"}, {"processingType": "UNDEFINED", "state": None})
ENTRY_FIELDS = ("name", "id", "entryType", "state.state", "state.processingType")
PATHS = ("a", "b", "a.b", "a.a", "b.c.a")
values = st.none() | st.booleans() | st.integers(-1, 2) | st.just(1.5) | st.sampled_from(WORDS)
payloads = st.dictionaries(
    st.sampled_from(("a", "b", "a.b", "c")),
    st.recursive(
        values,
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(("a", "b", "c")), inner, max_size=2)
        ),
        max_leaves=4,
    ),
    max_size=3,
)
task_states = st.fixed_dictionaries(
    {
        "name": maybe_text,
        "business_key": maybe_text,
        "form_key": st.none() | st.sampled_from(("a", "AB", "x.y")),
        "tenant_id": st.none() | st.sampled_from(("a", "AB")),
        "assignee": st.none() | st.sampled_from(NAMES),
        "candidate_users": some(NAMES),
        "candidate_groups": some(GROUPS),
        "priority": st.none() | st.sampled_from((-1, 0, 50, 2**62, 2**63 - 1)),
        "due_date": st.none() | st.sampled_from(TIMES),
        "follow_up_date": st.none() | st.sampled_from(TIMES),
        "create_time": st.none() | st.sampled_from(TIMES),
        "state": st.sampled_from(("open", "open", "open", "completed", "deleted")),
        "completed_by": st.none() | st.sampled_from(NAMES),
        "payload": payloads,
    }
)
entry_states = st.fixed_dictionaries(
    {
        "name": maybe_text,
        "payload": payloads,
        "authorized_users": some(NAMES),
        "authorized_groups": some(GROUPS),
        "tenant_id": st.none() | st.sampled_from(("a", "AB")),
        "deleted": st.sampled_from((False, False, True)),
        "application": st.sampled_from(("approval", "approval", "elsewhere")),
        "state": st.sampled_from(
            ({"processingType": "COMPLETED", "state": "Ä"}, {"processingType": "UNDEFINED", "state": None})
        ),
    }
)
listed = st.tuples(task_states, st.lists(entry_states, max_size=2))
text_value = st.sampled_from((*NAMES, *GROUPS, *WORDS, "open"))
orders = st.sampled_from((">", ">=", "<", "<="))


def filters_on(
    fields: tuple[str, ...], values: st.SearchStrategy[Any], *, text: bool, of: str = "own"
) -> st.SearchStrategy[Comparison]:
    field, maybe = st.sampled_from(fields), values | st.none()
    one = st.tuples(values)
    return st.one_of(
        st.builds(Comparison, st.just(of), field, st.sampled_from(("=", "!=")), st.tuples(maybe)),
        st.builds(Comparison, st.just(of), field, st.just("in"), st.lists(maybe, min_size=1, max_size=3).map(tuple)),
        st.builds(Comparison, st.just(of), field, st.just("[]"), st.tuples(values, values)),
        st.builds(Comparison, st.just(of), field, orders | st.just("~") if text else orders, one),
    )


task_filters = st.one_of(
    filters_on(TEXT_FIELDS, text_value, text=True),
    filters_on(("dueDate", "followUpDate", "createTime"), st.sampled_from(TIMES), text=False),
    filters_on(("priority",), st.sampled_from((-(2**70), -1, 0, 50, 2**62, 2**70)), text=False),
)
value = st.booleans() | st.sampled_from((-(2**70), -1, 0, 1, 1.5, 2**70)) | text_value
payload_filters = st.one_of(
    filters_on(PATHS, value, text=False, of="payload"),
    st.builds(Comparison, st.just("payload"), st.sampled_from(PATHS), st.just("~"), st.tuples(text_value)),
)
entry_filters = filters_on(
    ("name", "id", "entryType", "state.state", "state.processingType", "tenantId"), text_value, text=True, of="entry"
)
conditions = st.recursive(
    task_filters | payload_filters | entry_filters,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=2).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=2).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=4,
)
users = st.builds(
    User,
    st.sampled_from(NAMES),
    some((*GROUPS, "admins")),
    st.sampled_from((None, None, "approval", "elsewhere")),
    some(("a", "AB")),
)
queries = st.builds(
    TaskQuery,
    users,
    st.just(NOW),
    st.sampled_from(SCOPES),
    st.lists(conditions, max_size=2).map(tuple),
    st.lists(st.sampled_from(("a", "x", "ä", "s", "strasse", "1", "appr")), max_size=1).map(tuple),
    st.sampled_from(DEFERRED),
)
sorts = st.lists(
    st.builds(SortKey, st.sampled_from(SORTS), st.booleans())
    | st.builds(SortKey, st.sampled_from(PATHS), st.booleans(), st.just(True)),
    min_size=1,
    max_size=2,
    unique_by=lambda k: k.path,
)


@pytest.fixture(scope="module")
def database(servers: Any) -> Iterator[Documents]:
    with own_views(servers.mongo_url) as views:
        yield views


def _documents(states: list[Any]) -> list[dict[str, Any]]:
    """Tasks with who took part in them and what they carry of their entries."""
    made = []
    for number, (state, entries) in enumerate(states):
        shown = task(f"t{number}", **state)[0]
        carried = [embedded(data_entry(f"e{n}", **entry)[0].document) for n, entry in enumerate(entries)]
        made.append({**shown.document, **shown.gathered, "entries": carried})
    return made


few = st.sampled_from(((5_000, 1_000), (5_000, 0), (3, 1_000), (3, 1_000), (3, 8), (1, 0)))
"""From how many tasks on something is common, and how much may be in a task that is counted by an index."""


@contextmanager
def _common_from(tasks: int, kept: int) -> Iterator[None]:
    """As if a list of a dozen tasks were one of a million."""
    with pytest.MonkeyPatch.context() as patched:
        for module in ("plans", "many"):
            patched.setattr(f"store.lists.{module}.FEW", tasks)
        patched.setattr("store.lists.plans._VERY_FEW", tasks // 2)
        patched.setattr("domain.query.findable.MOST", kept)
        yield


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(states=st.lists(listed, max_size=12), query=queries, sort=sorts, size=st.integers(1, 5), few=few)
def test_both_lists_give_the_same_pages(
    database: Documents, *, states: list[Any], query: TaskQuery, sort: list[SortKey], size: int, few: tuple[int, int]
) -> None:
    with _common_from(*few):
        _compare_pages(database, states, query, sort, size)


def _compare_pages(database: Documents, states: list[Any], query: TaskQuery, sort: list[SortKey], size: int) -> None:
    documents = _documents(states)
    database["task"].delete_many({})
    if documents:
        database["task"].insert_many(documents)
    real, twin = TaskList(database), MemoryTaskList(documents)
    assert real.find(query, sort, Place(page=1, size=size)) == twin.find(query, sort, Place(page=1, size=size))
    after: str | None = None
    for _ in states:
        page, expected = (tasks.find(query, sort, Place(size=size, after=after)) for tasks in (real, twin))
        assert page == expected
        after = page.next
        if after is None:
            break
    assert after is None


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    states=st.lists(listed, min_size=4, max_size=12),
    user=users,
    scope=st.sampled_from(("visible", "group")),
    asked=payload_filters | st.sampled_from(("a", "x", "ä", "1")),
    deferred=st.sampled_from(DEFERRED),
    few=st.sampled_from(((3, 1_000), (1, 1_000), (3, 8), (1, 0))),
)
def test_what_one_condition_leaves_of_a_list_is_counted_the_same(
    database: Documents,
    *,
    states: Any,
    user: User,
    scope: Scope,
    asked: Comparison | str,
    deferred: Deferred,
    few: tuple[int, int],
) -> None:
    """Where many have it, indexes tell how many there are."""
    query = TaskQuery(user, NOW, scope, deferred=deferred)
    one = replace(query, words=(asked,)) if isinstance(asked, str) else replace(query, filters=(asked,))
    with _common_from(*few):
        documents = _documents(states)
        database["task"].delete_many({})
        database["task"].insert_many(documents)
        page = TaskList(database).find(one, parse_sort(None))
    assert page == MemoryTaskList(documents).find(one, parse_sort(None))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    states=st.lists(listed, max_size=12),
    query=queries,
    fields=st.sets(st.sampled_from((*FACETS, "candidateGroups")), max_size=3),
    few=few,
)
def test_both_lists_count_the_same(
    database: Documents, *, states: Any, query: TaskQuery, fields: set[str], few: tuple[int, int]
) -> None:
    with _common_from(*few):
        _compare_counts(database, states, query, fields)


def _compare_counts(database: Documents, states: Any, query: TaskQuery, fields: set[str]) -> None:
    documents = _documents(states)
    database["task"].delete_many({})
    if documents:
        database["task"].insert_many(documents)
    twin, tasks = MemoryTaskList(documents), TaskList(database)
    assert tasks.counts(query) == twin.counts(query)
    assert tasks.facets(query, sorted(fields)) == twin.facets(query, sorted(fields))
    for scope, count in tasks.counts(query).items():
        assert tasks.find(replace(query, scope=scope), parse_sort(None)).total == count


def test_what_takes_too_long_to_count_is_given_up(database: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    database["task"].delete_many({})
    database["task"].insert_many([task_document(f"t{n}", assignee="anna") for n in range(2000)])
    monkeypatch.setattr("store.lists.facets.MAX_MILLIS", 1)
    slow = Comparison("own", "description", "~", ("(nothing is called so)",))
    query = TaskQuery(User("anna", ("admins",)), NOW, filters=(slow,) * 40)
    with pytest.raises(TooBroad):
        for _ in range(50):
            TaskList(database).facets(query, FACETS)


def test_the_last_page_is_followed_by_nothing(database: Documents) -> None:
    database["task"].delete_many({})
    database["task"].insert_many([task_document(f"t{n}", assignee="anna") for n in range(3)])
    query, sort = TaskQuery(User("anna"), NOW), parse_sort(None)
    page = TaskList(database).find(query, sort, Place(size=3))
    assert (len(page.items), page.total, page.next) == (3, 3, None)
    assert TaskList(database).find(query, sort, Place(page=9, size=3)).items == []


@settings(max_examples=200, deadline=None)
@given(state=listed, query=queries)
def test_whoever_sees_a_task_is_told_when_it_changes(state: Any, query: TaskQuery) -> None:
    [document] = _documents([state])
    if matches(document, query):
        change = TaskChange(Moment((0, 0, 0)), 0, document["_id"], None, document)
        assert not notified_keys(change).isdisjoint(subscribed_keys(query))


def test_an_operator_is_told_of_what_is_theirs_in_any_tenant() -> None:
    document = task_document("t1", assignee="boss", tenant_id="north")
    query = TaskQuery(User("boss", ("admins",)), NOW, "mine")
    assert matches(document, query)
    change = TaskChange(Moment((0, 0, 0)), 0, "t1", document, None)
    assert not notified_keys(change).isdisjoint(subscribed_keys(query))


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        (User("anna", ("red",), None, ("north",)), 1),
        (User("anna", ("red",), None, ("south", "north")), 1),
        (User("anna", ("red",), None, ("south",)), 0),
        (User("anna", ("red",)), 0),
        (User("Bert", (), None, ("north",)), 0),
        (User("anna", ("red", "admins")), 1),
    ],
    ids=["its own", "one of two", "another", "none", "not offered", "operator"],
)
@pytest.mark.parametrize("scope", SCOPES)
def test_what_belongs_to_a_tenant_exists_for_its_people_only(
    database: Documents, scope: Scope, user: User, seen: int
) -> None:
    """Whether it is offered to them, theirs, or was: a name or a group of the same name elsewhere is another."""
    holder = None if scope == "unassigned" else "anna"
    over = {"state": "completed", "completed_by": "anna"} if scope in ("completed", "involved") else {}
    belongs = {"candidate_groups": ("red",), "assignee": holder, "process_instance_id": "i1", "tenant_id": "north"}
    belongs["due_date"] = NOW
    shown = task("t1", **belongs, **over)[0]
    document = {**shown.document, **shown.gathered, "involved": ["anna"], "entries": []}
    for name in ("task", "process_instance"):
        database[name].delete_many({})
    database["task"].insert_one(document)
    database["process_instance"].insert_one(instance("i1", start_user="somebody")[0].document)
    query, sort, tasks = TaskQuery(user, NOW, scope), parse_sort(None), TaskList(database)
    # An operator may read it, which does not offer it to a group of theirs.
    listed = 0 if scope == "group" and user.is_operator else seen
    assert tasks.find(query, sort).total == MemoryTaskList([document]).find(query, sort).total == listed
    assert tasks.counts(query).get(scope, listed) == listed
    assert (tasks.get(document["_id"], user) is not None) == may_know(user, document) == bool(seen)
    by_start = parse_sort(NEWEST_INSTANCES, INSTANCE)
    assert ProcessList(database).instances(PlainQuery(user), by_start, Place()).total == seen
    if scope == "mine":
        assert len(DueTasks(database).of(user, 10)) == seen


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        (User("anna", ("red",), None, ("south", "north")), 1),
        (User("anna", ("red",), None, ("south",)), 0),
        (User("anna", ("red",)), 0),
        (User("anna", ("red", "admins")), 1),
    ],
    ids=["its own", "another", "none", "operator"],
)
def test_an_entry_of_a_tenant_exists_for_its_people_only(database: Documents, user: User, seen: int) -> None:
    """By its id, in lists, and as what a task that everybody sees is about: found by nothing that it has."""
    given = {"authorized_users": ("anna",), "authorized_groups": ("red",), "payload": {"secret": "seven"}}
    entry = data_entry("o1", name="Hidden", tenant_id="north", **given)[0].document
    about = ({"application": "approval", "entryType": "order", "entryId": "o1"},)
    shown = task_document("t1", candidate_groups=("red",), correlations=about) | {"entries": [embedded(entry)]}
    for name, document in (("task", shown), ("data_entry", entry)):
        database[name].delete_many({})
        database[name].insert_one(document)
    entries, tasks, sort = EntryList(database), TaskList(database), parse_sort(None)
    assert entries.find(PlainQuery(user), parse_sort(None, ENTRY, NEWEST_ENTRIES), Place()).total == seen
    assert len(entries.of_tasks([shown], user)[shown["_id"]]) == seen
    with nullcontext() if seen else pytest.raises(NotFound):
        entries.get(entry["_id"], user)
    secret, named = Comparison("payload", "secret", "=", ("seven",)), Comparison("entry", "name", "=", ("Hidden",))
    plain = TaskQuery(user, NOW)
    for asked, expected in (
        (replace(plain, filters=(secret,)), seen),
        (replace(plain, filters=(named,)), seen),
        (replace(plain, words=("hidden",)), seen),
        (replace(plain, filters=(Not(secret),)), 1 - seen),
    ):
        assert tasks.find(asked, sort).total == MemoryTaskList([shown]).find(asked, sort).total == expected
        assert tasks.counts(asked)["visible"] == expected
    attributes = Attributes(database)
    assert list(attributes.paths(plain)) == ["secret"] * seen
    assert attributes.values(plain, secret, "") == ["seven"] * seen
    assert attributes.values(plain, named, "") == ["Hidden"] * seen


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        (User("anna", (), None, ("south", "north")), 1),
        (User("anna", (), None, ("south",)), 0),
        (User("anna"), 0),
        (User("Bert", ("red",), None, ("north",)), 1),
        (User("Bert", ("red",)), 0),
        (User("eve", (), None, ("north",)), 0),
        (User("boss", ("admins",)), 1),
    ],
    ids=[
        "its starter",
        "one elsewhere",
        "one of none",
        "takes part",
        "takes part but is of none",
        "nobody",
        "operator",
    ],
)
def test_an_instance_of_a_tenant_exists_for_its_people_only(database: Documents, user: User, seen: int) -> None:
    """Also for those who see a task of it that its engine has left to everybody."""
    shown = instance("i1", start_user="anna", tenant_id="north", process_name="Hidden")[0].document
    of_all = task("t1", candidate_groups=("red",), process_instance_id="i1")[0].document
    for name, document in (("task", of_all), ("process_instance", shown)):
        database[name].delete_many({})
        database[name].insert_one(document)
    processes, by_start = ProcessList(database), parse_sort(NEWEST_INSTANCES, INSTANCE)
    for query in (PlainQuery(user), PlainQuery(user, words=("hidden",))):
        assert processes.instances(query, by_start, Place()).total == seen
    for name in (shown["_id"], "i1"):
        with nullcontext() if seen else pytest.raises(NotFound):
            processes.instance(name, user)


@pytest.mark.parametrize("starters", [(), ("red",)], ids=["everybody", "a group"])
@pytest.mark.parametrize(
    ("user", "seen"),
    [
        (User("anna", ("red",), None, ("south", "north")), 1),
        (User("anna", ("red",), None, ("south",)), 0),
        (User("anna", ("red",)), 0),
        (User("Bert", ("admins",)), 1),
    ],
    ids=["its own", "another", "none", "operator"],
)
def test_a_process_of_a_tenant_is_started_by_its_people_only(
    database: Documents, user: User, seen: int, starters: tuple[str, ...]
) -> None:
    shown = definition("pay", candidate_starter_groups=starters, tenant_id="north")[0].document
    open_to_all = definition("ask")[0].document
    database["process_definition"].delete_many({})
    database["process_definition"].insert_many([shown, open_to_all])
    processes = ProcessList(database)
    assert [one["key"] for one in processes.startable(user)] == ["ask", "pay"][: 1 + seen]
    assert [may_start(user, one) for one in (open_to_all, shown)] == [True, bool(seen)]
    with nullcontext() if seen else pytest.raises(NotFound):
        processes.definition("approval", "pay", user)


@pytest.mark.parametrize(("application", "seen"), [("approval", 1), ("elsewhere", 0), (None, 1)])
def test_a_service_sees_what_is_its_own_applications_only(
    database: Documents, application: str | None, seen: int
) -> None:
    """Whoever offers it a task of another application does not let it in there."""
    for name in ("task", "process_instance", "process_definition"):
        database[name].delete_many({})
    offered = task_document("t1", candidate_users=("service:pump",))
    database["task"].insert_one(offered)
    database["process_instance"].insert_one(instance("i1")[0].document)
    database["process_definition"].insert_one(definition("pay")[0].document)
    pump = User("service:pump", (), application)
    by_start = parse_sort(NEWEST_INSTANCES, INSTANCE)
    query, sort, tasks, processes = TaskQuery(pump, NOW), parse_sort(None), TaskList(database), ProcessList(database)
    assert tasks.find(query, sort).total == MemoryTaskList([offered]).find(query, sort).total == seen
    assert (tasks.get(offered["_id"], pump) is not None) == bool(seen)
    assert (len(processes.startable(pump)), processes.instances(PlainQuery(pump), by_start, Place()).total) == (
        seen,
        seen,
    )
