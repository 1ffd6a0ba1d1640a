"""What questions mean, by example: the list in the database, the twin in memory and the live list answer alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from domain.access import User
from domain.aggregates.data_entry_document import embedded
from domain.errors import BadRequest
from domain.query.condition import Comparison, Condition, Present
from domain.query.sort import parse_sort
from domain.query.task_query import TaskQuery
from store.fakes.task_list import MemoryTaskList
from store.lists.pages import Place
from store.lists.task_list import Documents, TaskList
from store.live.deltas import compute_deltas, may_affect
from store.live.ring import TaskChange
from tests.read_side import NOW, data_entry, own_views, task
from webapp.api.grammar import parse_filter, parse_node
from webapp.api.listing import words

pytestmark = pytest.mark.servers

ANN = User("ann", ("clerks",), None, ("north",))
PAYLOAD = {
    "amount": 900,
    "rate": 1.5,
    "approved": False,
    "note": "Größe XL",
    "nothing": None,
    "customer": {"city": "Bonn", "name": "Ann & Sons", "tags": ["vip", "old"]},
    "items": [{"sku": "a-1", "count": 2}, {"sku": "b-2", "count": 0}],
    "empty": [],
    "some": [None, 1],
    "a.b": "dotted",
    "$where": "$secret",
    "code": "5",
}
STATE = {
    "name": "Approve request",
    "description": "about the STRASSE " + "x" * 300 + " needle",
    "business_key": "R-17",
    "assignee": "ann",
    "candidate_groups": ("clerks", "Bosses"),
    "priority": 50,
    "suspended": True,
    "excluded_users": ("eve",),
    "parent_task_id": "t0",
    "due_date": "2026-11-23T10:00:00.000Z",
    "payload": PAYLOAD,
}
ENTRIES = [
    {
        "name": "Order Müller",
        "payload": {"total": 12, "customer": {"city": "Köln"}},
        "authorized_groups": ("clerks",),
        "tenant_id": "north",
        "state": {"processingType": "IN_PROGRESS", "state": "Submitted"},
    },
    {"name": "Secret", "payload": {"hidden": "treasure"}, "authorized_users": ("bob",)},
]

HOLD = """\
task.priority = 50
task.priority >= 50
task.priority [] 50|50
task.priority in (1, 50)
task.suspended = true
task.excludedUsers = eve
task.suspended != false
task.suspended in (false, true)
task.parentTaskId != null
task.parentTaskId = 5f123ab5-6c32-5d46-bd3b-1aa681cab736
task.delegationState = null
task.name = Approve request
task.name ~ REQUEST
task.description ~ strasse
task.description ~ NEEDLE
task.businessKey = R-17
task.businessKey = "R-17"
task.owner = null
task.owner != x
task.assignee != null
task.candidateGroups = clerks
task.candidateGroups ~ boss
task.candidateGroups != x
task.candidateUsers = null
task.dueDate > 2026-11-23
task.dueDate < now
task.dueDate [] 2026-11-23T10:00Z|2026-11-24
task.followUpDate = null
task.textSearch ~ approval
task.textSearch ~ strasse
task.owner in (null, x)
amount = 900
amount = 900.0
amount > 899
amount [] 1|900
amount in (1, 900)
rate < 2
amount != 5
approved = false
approved != true
note ~ GRÖSSE
note ~ größe xl
code = "5"
code != 5
customer.city = Bonn
customer.tags = old
items.sku = b-2
items.count = 0
items.sku ~ A-
customer.city = Köln
total = 12
total > 11
nothing = null
missing = null
missing != 5
empty = null
some = null
some = 1
customer != null
a.b = dotted
$where = $secret
"$where" = "$secret"
hidden = null
hidden != treasure
data.name ~ müller
data.state.state = Submitted
data.state.processingType in (COMPLETED, IN_PROGRESS)
data.tenantId = north
data.tenantId ~ NOR
data.tenantId != south
data.entryType = order
data.name != Secret
data.formKey = null
data.entryId = e0""".splitlines()
FAIL = """\
task.priority > 50
task.priority != 50
task.priority = null
task.suspended = false
task.suspended = null
task.parentTaskId = t0
task.delegationState = PENDING
task.priority [] 51|60
task.name = approve request
task.name ~ requestx
task.owner = x
task.owner ~ x
task.owner > a
task.candidateGroups = x
task.candidateGroups != clerks
task.candidateGroups = null
task.dueDate < 2026-11-23
task.dueDate >= now
task.followUpDate > 2020-01-01
task.followUpDate < 2040-01-01
amount = 901
amount = "900"
amount ~ 9
amount > 900
amount = null
amount != 900
amount = true
approved = "false"
approved = 0
note = größe xl
code = 5
code > 4
customer = Bonn
customer = null
customer.city = bonn
customer.city != Bonn
customer.city != Köln
items.count = 1
customer.tags != vip
nothing != null
missing = 5
missing > 0
missing ~ x
empty = 1
empty != null
items.0.sku = a-1
hidden = treasure
hidden ~ a
data.name = Secret
data.entryId = e1
data.id = null
data.name = null
data.state.state = submitted
data.name != Order Müller""".splitlines()
WORDS_FOUND = """\
approve
appr req
REQUEST
r 17
R-17
strasse
needle
größe
grösse
900
bonn vip
müller
köln
order
false
dotted
secret""".splitlines()
WORDS_MISSED = """\
pprove
approve nothingatall
treasure
straßen
1700
bonnx""".splitlines()


@pytest.fixture(scope="module")
def database(servers: Any) -> Iterator[Documents]:
    with own_views(servers.mongo_url) as views:
        views["task"].insert_one(document())
        yield views


def document() -> dict[str, Any]:
    shown = task("t1", **STATE)[0]
    carried = [embedded(data_entry(f"e{n}", **one)[0].document) for n, one in enumerate(ENTRIES)]
    return {**shown.document, **shown.gathered, "entries": carried}


def _in_database(database: Documents, query: TaskQuery) -> bool:
    return TaskList(database).find(query, parse_sort(None), Place()).total == 1


def _in_memory(_database: Documents, query: TaskQuery) -> bool:
    return MemoryTaskList([document()]).find(query, parse_sort(None), Place()).total == 1


def _live(_database: Documents, query: TaskQuery) -> bool:
    came = TaskChange((1, 1, 0), 0, "t1", None, document())
    return len(compute_deltas([came], query, NOW).entered) == 1


LISTS: Mapping[str, Callable[[Documents, TaskQuery], bool]] = {
    "database": _in_database,
    "twin": _in_memory,
    "live": _live,
}


@pytest.fixture(params=LISTS)
def finds(request: pytest.FixtureRequest, database: Documents) -> Callable[..., bool]:
    def ask(*filters: Condition, q: str = "", user: User = ANN) -> bool:
        return LISTS[request.param](database, TaskQuery(user, NOW, "visible", filters, words(q)))

    return ask


@pytest.mark.parametrize("text", HOLD)
def test_holds(finds: Callable[..., bool], text: str) -> None:
    assert finds(parse_filter(text))
    assert not finds(parse_node({"not": text}))


@pytest.mark.parametrize("text", FAIL)
def test_does_not_hold(finds: Callable[..., bool], text: str) -> None:
    assert not finds(parse_filter(text))
    assert finds(parse_node({"not": text}))


@pytest.mark.parametrize("q", WORDS_FOUND)
def test_every_word_begins_a_word(finds: Callable[..., bool], q: str) -> None:
    assert finds(q=q)


@pytest.mark.parametrize("q", WORDS_MISSED)
def test_a_word_that_begins_none(finds: Callable[..., bool], q: str) -> None:
    assert not finds(q=q)


def test_groups(finds: Callable[..., bool]) -> None:
    yes, no = "amount = 900", "amount = 1"
    assert finds(parse_node({"or": [no, {"and": [yes, {"not": no}]}]}))
    assert not finds(parse_node({"and": [yes, {"or": [no, no]}]}))
    assert finds(parse_node({"field": "amount", "op": "[]", "value": [1, 900]}))
    assert finds(parse_node([yes, {"field": "task.priority", "op": "in", "value": [50]}]))
    assert not finds(parse_node({"or": []}))
    assert finds(parse_node({"and": []}))


def test_what_may_not_be_seen_is_not_found(finds: Callable[..., bool]) -> None:
    """Neither by a filter nor by a word; who may see it finds by it, and an operator by everything."""
    bob, boss = User("bob", ("clerks",)), User("boss", ("admins",))
    for user in (bob, boss):
        assert finds(parse_filter("hidden = treasure"), user=user)
        assert finds(q="treas", user=user)
    stranger = User("eve", ("strangers",))
    assert not finds(user=stranger)
    service = User("service:x", ("clerks",), "elsewhere")
    assert not finds(user=service)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("task.name", "= != > >= < <= ~ in [] expected at character 10"),
        ("task.name in (a", "expected at character 15"),
        ("task.name in ()", "expected at character 15"),
        ('task.name = "a" b', "nothing more expected at character 17"),
        ("task.suspended = yes", "'yes' is not true or false at character 18"),
        ("task.suspended ~ true", "~ is for text"),
        ("task.priority = high", "'high' is not a whole number at character 17"),
        ("task.dueDate [] 2026-01-01|soon", "'soon' is not an ISO-8601 time at character 28"),
        ("task.nope = 1", "unknown field 'task.nope'"),
        ("data.nope = 1", "unknown field 'data.nope'"),
        ("= 1", "a field"),
        ("task.name > null", "null has no order"),
        ("task.priority ~ 1", "~ is for text"),
        ("amount [] 1|2|3", "expected at character"),
        ("x" * 5000, "at most 4000 characters"),
    ],
)
def test_what_cannot_be_read_says_what_was_expected_and_where(text: str, says: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_filter(text)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('name in ("a, b", c)', ("a, b", "c")),
        ('name = "say \\"hi\\" \\\\"', ('say "hi" \\',)),
        ("name = a = b >= c", ("a = b >= c",)),
        ('amount in (1, "1", true, null)', (1, "1", True, None)),
        ("amount = -1.5e3", (-1500.0,)),
        ("amount [] a b | c d", ("a b", "c d")),
        ("name =", ("",)),
        ("name = NaN", ("NaN",)),
        ("name = [1]", ("[1]",)),
    ],
)
def test_values_are_read_as_they_are_written(text: str, values: tuple[Any, ...]) -> None:
    found = parse_filter(text)
    assert isinstance(found, Comparison)
    assert [(type(one), one) for one in found.values] == [(type(one), one) for one in values]


def test_what_was_shown_while_the_present_was_another_is_told_to_have_left() -> None:
    """Its due date was ahead when it was shown, and has passed when somebody completes it."""
    due = {**document(), "dueDate": "2026-01-01T12:00:00.000Z"}
    ended = {**due, "state": "completed", "completedBy": "bob"}
    now = Present("2026-01-01T13:00:00.000Z")
    query = TaskQuery(ANN, now, "visible", (Comparison("own", "dueDate", ">=", (now,)),))
    changes = [TaskChange((1, 1, 0), 0, "t1", due, ended)]
    assert compute_deltas(changes, query, str(now)).left == ["t1"]
    assert may_affect(changes[0], query)
    fixed = replace(query, filters=(Comparison("own", "dueDate", ">=", (str(now),)),))
    assert not compute_deltas(changes, fixed, str(now))
