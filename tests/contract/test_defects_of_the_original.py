"""Defects that reading the system this one follows brought to light, by their numbers: each is shown not to be here."""

from __future__ import annotations

from typing import Any

import pytest

from domain.access import User
from domain.aggregates import data_entry, process_variable
from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.process_definition import ProcessDefinition, RegisterDefinition, RemoveDefinition
from domain.aggregates.task import AssignTask, ChangeCandidates, ChangeTask, CompleteTask, CreateTask, UserTask
from domain.errors import BadRequest, ClaimConflict
from domain.events.project import project
from domain.identity import Key
from domain.query.fields import ENTRY
from domain.query.sort import parse_sort
from domain.query.task_query import TaskQuery
from domain.requests.request import Request
from domain.requests.rules import judge
from engines.formats.records import read
from store.fakes.task_list import MemoryTaskList
from store.lists.entry_list import EntryList
from store.lists.pages import Place
from store.lists.task_list import Documents, TaskList
from store.live.deltas import compute_deltas
from store.live.ring import TaskChange
from tests.read_side import NOW, own_views, task_document
from webapp.api.grammar import parse_filter

ANN, BOB = User("ann", ("g",)), User("bob", ("g",))
TASK = UserTask("t", "app", name="Pay", candidate_groups=("g",), payload={"a": 1})


def told(key: Key, *commands: Any) -> list[Any]:
    """The events of these commands, a unit of work each."""
    head, events = Head(key, 1, 0, None), []
    for command in commands:
        head, made = advance(head, [command], Origin(NOW))
        events += made
    return events


def shown(key: Key, *commands: Any) -> dict[str, Any]:
    """What a view has after them."""
    return project(told(key, *commands)[-1])[0].document


def task_after(*commands: Any) -> dict[str, Any]:
    return shown(Key("app", "task", "t"), CreateTask(TASK), *commands)


def entry_after(*commands: Any, name: str = "R-1") -> dict[str, Any]:
    key = Key("app", "data_entry", data_entry.entry_key("request", name))
    allowed = (data_entry.Authorization(("ann",)),)
    first = data_entry.SaveEntry(data_entry.DataEntry("request", name, "app"), authorizations=allowed)
    return shown(key, first, *commands)


def test_d1_assigning_does_not_bring_former_candidates_back() -> None:
    after = task_after(ChangeCandidates(add_users=("eve",), remove_groups=("g",)), AssignTask("eve"))
    assert (after["candidateUsers"], after["candidateGroups"]) == (["eve"], [])


def test_d2_creating_a_completed_task_again_makes_no_zombie() -> None:
    assert task_after(CompleteTask("ann", NOW), CreateTask(TASK), AssignTask("bob"))["state"] == "completed"


def test_d3_anonymising_is_stored() -> None:
    assert entry_after(data_entry.AnonymiseEntry("ann", "nobody"))["authorizedUsers"] == ["nobody"]


def test_d4_filters_must_all_hold() -> None:
    documents = [task_document("t1", name="a", priority=1), task_document("t2", name="a", priority=2)]
    filters = (parse_filter("task.name = a"), parse_filter("task.priority = 2"))
    query = TaskQuery(User("x", ("admins",)), NOW, filters=filters)
    assert [one["engineTaskId"] for one in MemoryTaskList(documents).find(query, parse_sort(None)).items] == ["t2"]


@pytest.fixture(scope="module")
def database(servers: Any) -> Any:
    with own_views(servers.mongo_url) as opened:
        yield opened


@pytest.mark.servers
def test_d6_a_page_beyond_the_end_is_empty(database: Documents) -> None:
    document = task_document("t1", candidate_groups=("g",))
    database["task"].replace_one({"_id": document["_id"]}, document, upsert=True)
    for tasks in (MemoryTaskList([document]), TaskList(database)):
        page = tasks.find(TaskQuery(ANN, NOW), parse_sort(None), Place(3))
        assert (list(page.items), page.total) == ([], 1)


class Watched:
    """A collection, and how often it was asked for what."""

    def __init__(self, collection: Any, asked: list[str]) -> None:
        self._collection, self._asked = collection, asked

    def __getattr__(self, name: str) -> Any:
        if name in ("find", "find_one", "aggregate", "count_documents"):
            self._asked.append(name)
        return getattr(self._collection, name)


@pytest.mark.servers
def test_d5_d10_entries_are_neither_joined_nor_asked_for_one_by_one(database: Documents) -> None:
    asked: list[str] = []
    views = {name: Watched(database[name], asked) for name in ("task", "data_entry")}
    filters = (parse_filter("data.name = x"),)
    TaskList(views).find(TaskQuery(ANN, NOW, filters=filters), parse_sort(None))  # type: ignore[arg-type]
    assert asked == ["find"]
    about = tuple({"application": "app", "entryType": "request", "entryId": f"R-{n}"} for n in range(3))
    page = [task_document(f"t{n}", correlations=about) for n in range(50)]
    assert len(EntryList(views).of_tasks(page, ANN)) == 50  # type: ignore[arg-type]
    assert asked == ["find", "find"]


def test_d7_what_leaves_a_filtered_list_is_said_to_have_left() -> None:
    before, after = (task_document("t1", candidate_groups=("g",), priority=number) for number in (5, 1))
    query = TaskQuery(ANN, NOW, filters=(parse_filter("task.priority = 5"),))
    deltas = compute_deltas([TaskChange((1, 1, 0), 0, after["_id"], before, after)], query, NOW)
    assert (deltas.left, deltas.entered, deltas.updated) == ([after["_id"]], [], [])


def test_d8_a_variable_is_kept_and_replaced() -> None:
    values = [process_variable.SetVariable(process_variable.variable_of("app", "i", "v", n)) for n in (1, 2)]
    after = shown(Key("app", "process_variable", "i:v"), *values)
    assert (after["value"], after["revision"]) == (2, 2)


@pytest.mark.parametrize("name", ["a#b", "a/b", "a\\b", "#", "ä#/"])
def test_d13_an_id_is_not_cut_at_a_separator(name: str) -> None:
    assert entry_after(name=name)["entryId"] == name


def test_d14_a_task_is_about_several_entries_of_one_type() -> None:
    about = [{"entryType": "order", "entryId": name} for name in ("1", "2")]
    record = {"id": "r", "type": "task.created", "time": NOW, "subject": "t", "data": {"correlations": about}}
    [(_, made)] = read("app", record)
    assert [one["entryId"] for one in made.task.correlations] == ["1", "2"]


def test_d15_of_two_who_claim_the_second_is_told() -> None:
    claimed = UserTask("t", "app", candidate_groups=("g",), assignee="ann")
    with pytest.raises(ClaimConflict):
        judge(claimed, 2, Request("c", "app", "claim", BOB, NOW, NOW, "t"))


def test_d16_an_empty_payload_clears_what_was_there() -> None:
    assert task_after(ChangeTask({"payload": {}}))["payload"] == {}


@pytest.mark.parametrize("value", ["a >= b", "x=y", "1 < 2", "a ~ b"])
def test_d17_a_value_may_hold_operators(value: str) -> None:
    assert parse_filter(f'task.name = "{value}"').values == (value,)
    assert parse_filter(f"task.name = {value}").values == (value,)


@pytest.mark.parametrize("bad", ["task.nothing = 1", "task.name", "= 1", "", "task.priority = high"])
def test_d17_what_cannot_be_read_is_refused_and_not_dropped(bad: str) -> None:
    with pytest.raises(BadRequest):
        parse_filter(bad)


def test_d18_that_an_entry_is_deleted_is_kept() -> None:
    assert entry_after(data_entry.DeleteEntry(time=NOW))["state"]["processingType"] == "DELETED"


@pytest.mark.servers
def test_d19_d20_beside_a_task_are_its_entries_but_not_deleted_ones(database: Documents) -> None:
    for name, commands in (("R-1", ()), ("R-2", (data_entry.DeleteEntry(time=NOW),))):
        database["data_entry"].insert_one(entry_after(*commands, name=name))
    about = tuple({"application": "app", "entryType": "request", "entryId": name} for name in ("R-1", "R-2"))
    document = task_document("t9", correlations=about)
    found = EntryList(database).of_tasks([document], ANN)
    assert [one["entryId"] for one in found[document["_id"]]] == ["R-1"]
    assert [one["entryId"] for one in document["correlations"]] == ["R-1", "R-2"]


def test_d21_processes_of_two_applications_may_have_one_key() -> None:
    ids = {
        project(told(key, RegisterDefinition(ProcessDefinition("p:1", key.application, "p")))[0])[0].document["_id"]
        for key in (Key("a", "process_definition", "p:1"), Key("b", "process_definition", "p:1"))
    }
    assert len(ids) == 2


def test_d22_a_definition_can_be_undeployed() -> None:
    registered = RegisterDefinition(ProcessDefinition("p:1", "app", "p"))
    after = shown(Key("app", "process_definition", "p:1"), registered, RemoveDefinition())
    assert (after["removed"], after["startable"]) == (True, False)


def test_d25_who_is_removed_and_then_added_again_may_see_it() -> None:
    changes = (data_entry.Authorization(remove_users=("ann",)), data_entry.Authorization(("ann",)))
    saved = data_entry.MergeEntry({"name": "x"}, authorizations=changes)
    assert entry_after(saved)["authorizedUsers"] == ["ann"]


def test_d9_d23_group_tasks_are_those_offered_whoever_holds_them() -> None:
    """An assignee is a filter like any other, and what is mine needs nobody to be a candidate."""
    documents = [task_document("t1", candidate_groups=("g",), assignee=name) for name in (None, "ann", "bob")]
    documents = [{**one, "_id": str(number)} for number, one in enumerate(documents)]
    tasks = MemoryTaskList([*documents, {**task_document("t2", assignee="ann"), "_id": "mine"}])

    def found(scope: Any, *filters: str) -> list[str]:
        query = TaskQuery(ANN, NOW, scope, tuple(map(parse_filter, filters)))
        return sorted(one["_id"] for one in tasks.find(query, parse_sort(None)).items)

    assert found("group") == ["0", "1", "2"]
    assert found("group", "task.assignee = null") == ["0"]
    assert found("group", "task.assignee != null") == ["1", "2"]
    assert found("mine") == ["1", "mine"]


@pytest.mark.parametrize("prefix", ["", "task."])
def test_d24_sorting_is_said_alike_everywhere(prefix: str) -> None:
    assert parse_sort(f"-{prefix}priority,{prefix}name") == parse_sort("-priority,name")
    assert parse_sort("-data.name", ENTRY) == parse_sort("-name", ENTRY)
