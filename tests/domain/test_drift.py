"""What counts as drift, decided without any store."""

import json
from dataclasses import replace

import pytest

from domain.drift import AHEAD, BEHIND, DIFFERS, LOG, MISSING, Entry, judge_log, judge_view, key_of, version_of
from domain.events.envelope import Envelope, to_cloudevent
from domain.identity import Key

KEY = Key("app", "task", "t1")
STATE = {"name": "Approve", "amount": 1}
EVENT = json.dumps(to_cloudevent(Envelope(KEY, 1, 3, "task.assigned", "2026-01-01T00:00:00.000Z", {}, STATE)))
ENTRY = Entry(KEY, 1, 3, STATE, parked=False, body=EVENT, revisions=3, first=1, last=3)
EXPECTED = {"_id": KEY.opaque, "generation": 1, "revision": 3, **STATE}


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        (None, MISSING),
        ({**EXPECTED, "revision": 2}, BEHIND),
        ({**EXPECTED, "generation": 0, "revision": 9}, BEHIND),
        ({**EXPECTED, "revision": "9"}, BEHIND),
        ({**EXPECTED, "revision": 4}, AHEAD),
        ({**EXPECTED, "generation": 2, "revision": 1}, AHEAD),
        ({**EXPECTED, "name": "Reject"}, DIFFERS),
        ({**EXPECTED, "amount": True}, DIFFERS),
        ({name: value for name, value in EXPECTED.items() if name != "name"}, DIFFERS),
    ],
)
def test_a_view_that_disagrees(stored, kind):
    assert judge_view(ENTRY, EXPECTED, stored).kind == kind


def test_a_view_that_agrees_may_hold_more():
    assert judge_view(ENTRY, EXPECTED, {**EXPECTED, "joined": [1]}) is None


def test_what_retention_has_left_of_an_ended_task_agrees():
    stub = {"_id": KEY.opaque, "generation": 1, "revision": 3, "state": "stub"}
    assert judge_view(ENTRY, EXPECTED, stub) is None
    assert judge_view(ENTRY, EXPECTED, {**stub, "revision": 2}).kind == BEHIND


def test_what_waits_for_an_operator_is_said():
    assert "parked" in judge_view(replace(ENTRY, parked=True), EXPECTED, None).detail


@pytest.mark.parametrize(
    "wrong",
    [
        {"revisions": 2},
        {"first": 2},
        {"last": 4, "revisions": 4},
        {"body": None},
        {"body": "{}"},
        {"state": {**STATE, "amount": 2}},
    ],
)
def test_a_log_that_is_not_whole(wrong):
    assert judge_log(ENTRY) is None
    assert judge_log(replace(ENTRY, **wrong)).kind == LOG


@pytest.mark.parametrize("wrong", [{"subject": "t2"}, {"subject": None}, {"application": 7}, {"application": "other"}])
def test_a_document_is_about_whom_its_id_names(wrong):
    document = {"_id": KEY.opaque, "application": "app", "subject": "t1"}
    assert key_of(document, "task") == KEY
    assert key_of({**document, **wrong}, "task") is None


def test_a_version_that_is_nonsense_is_older_than_everything():
    assert version_of({"generation": 1, "revision": None}) == version_of({}) == (0, 0)
