"""Data entries: identity, what counts as a change, who may see them, and what deleting means."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.data_entry import (
    Authorization,
    DataEntry,
    DeleteEntry,
    EntryIsGone,
    EntryOfAnotherTenant,
    LogLine,
    MergeEntry,
    SaveEntry,
    authorized,
    entry_key,
    merged,
)
from domain.errors import InvalidValue
from domain.events.project import project
from domain.identity import Key

ORIGIN = Origin("2026-01-01T00:00:00.000Z")
KEY = Key("app", "data_entry", entry_key("request", "R-1"))
ENTRY = DataEntry("request", "R-1", "app", "Request", "Request 1", payload={"amount": 1, "note": {"a": 1, "b": 2}})
ANN = Authorization(("ann",))


def after(*commands):
    """The state and the events after these commands, a unit of work each."""
    head, events = Head(KEY, 1, 0, None), []
    for command in commands:
        head, made = advance(head, [command], ORIGIN)
        events += made
    return head.state, events


NAMES = st.text(alphabet=st.sampled_from("a/\\é \n"), min_size=1, max_size=6)


@given(NAMES, NAMES, NAMES, NAMES)
def test_no_two_entries_have_one_key(type_, id_, other_type, other_id):
    same = (type_, id_) == (other_type, other_id)
    assert (entry_key(type_, id_) == entry_key(other_type, other_id)) == same


@pytest.mark.parametrize(("type_", "id_"), [("", "1"), ("a", ""), ("a" * 101, "1"), ("a", "1" * 251), ("a\0", "1")])
def test_names_that_cannot_be(type_, id_):
    with pytest.raises(InvalidValue):
        entry_key(type_, id_)


def test_the_longest_names_fit_into_a_column():
    assert len(entry_key("/" * 100, "x" * 250)) <= 500


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_as_the_standard_has_them(target, patch, result):
    """RFC 7396, appendix A."""
    assert merged(target, patch) == result


def test_saving_replaces_and_merging_changes():
    state, events = after(
        SaveEntry(ENTRY, authorizations=(ANN,)),
        SaveEntry(DataEntry("request", "R-1", "app", payload={"other": 1})),
        MergeEntry({"payload": {"more": 2, "other": None}, "name": "N"}),
    )
    assert (state["payload"], state["name"], state["type"]) == ({"more": 2}, "N", None)
    assert state["authorizedUsers"] == ["ann"], "what is said of others stays"
    assert [event.type for event in events] == ["data_entry.saved"] * 3


def test_what_changes_nothing_is_an_event_only_when_it_has_something_to_say():
    _, events = after(SaveEntry(ENTRY), SaveEntry(ENTRY), SaveEntry(ENTRY, LogLine("ann", "looked at")))
    assert [event.changes["log"]["message"] for event in events] == [None, "looked at"]


def test_authorizations_are_applied_in_order_and_within_one_removing_wins():
    one = authorized(ENTRY, [ANN, Authorization(remove_users=("ann",)), Authorization(("bob",), ("g",))])
    assert (one.authorized_users, one.authorized_groups) == (("bob",), ("g",))
    both = authorized(ENTRY, [Authorization(("ann",), ("g",), ("ann",), ("g",))])
    assert (both.authorized_users, both.authorized_groups) == ((), ())
    again = authorized(ENTRY, [Authorization(remove_users=("ann",)), ANN])
    assert again.authorized_users == ("ann",)


def test_what_is_deleted_is_seen_by_nobody_and_saving_makes_it_again_with_nobody_authorized():
    state, events = after(SaveEntry(ENTRY, authorizations=(ANN,)), DeleteEntry(time=ORIGIN.time))
    assert (state["deleted"], state["endTime"], state["state"]["processingType"]) == (True, ORIGIN.time, "DELETED")
    shown = [project(event)[0].document["principals"] for event in events]
    assert shown == [["operators", "user:ann"], []]
    state, _ = after(SaveEntry(ENTRY, authorizations=(ANN,)), DeleteEntry(), SaveEntry(ENTRY))
    assert (state["deleted"], state["endTime"], state["authorizedUsers"]) == (False, None, [])


def test_an_entry_is_of_the_first_tenant_that_is_said_and_stays_there_with_its_log():
    of = {name: replace(ENTRY, tenant_id=name) for name in ("north", "south")}
    state, events = after(
        SaveEntry(ENTRY, authorizations=(ANN,)), SaveEntry(of["north"]), SaveEntry(replace(ENTRY, name="N"))
    )
    assert (state["tenantId"], state["name"]) == ("north", "N")
    shown = [project(event)[0].document["principals"] for event in events]
    assert shown == [["operators", "user:ann"], *[["operators", "tenant:north/user:ann"]] * 2]
    state, _ = after(SaveEntry(of["north"]), DeleteEntry(), SaveEntry(ENTRY))
    assert (state["deleted"], state["tenantId"]) == (False, "north")
    for before in ((), (DeleteEntry(),)):
        with pytest.raises(EntryOfAnotherTenant):
            after(SaveEntry(of["north"]), *before, SaveEntry(of["south"]))


def test_what_is_deleted_for_good_stays_so():
    for late in (SaveEntry(ENTRY), MergeEntry({"name": "x"})):
        with pytest.raises(EntryIsGone):
            after(SaveEntry(ENTRY), DeleteEntry(final=True), late)
    _, events = after(SaveEntry(ENTRY), DeleteEntry(final=True), DeleteEntry(final=True))
    assert len(events) == 2


@pytest.mark.parametrize("command", [MergeEntry({"name": "x"}), DeleteEntry()])
def test_nothing_happens_to_what_is_not_there(command):
    assert after(command) == (None, [])
    assert len(after(SaveEntry(ENTRY), DeleteEntry(), command)[1]) == 2


def test_a_line_of_the_log_is_kept_with_how_far_the_work_was():
    _, [event] = after(SaveEntry(ENTRY, LogLine("ann", "made", "by hand", ORIGIN.time)))
    history = project(event)[1]
    assert (history.collection, history.once) == ("data_entry_history", True)
    assert history.document["log"] == {"user": "ann", "message": "made", "details": "by hand", "time": ORIGIN.time}
    assert history.document["state"] == {"processingType": "UNDEFINED", "state": None}
    assert history.document["entryKey"] == KEY.opaque
