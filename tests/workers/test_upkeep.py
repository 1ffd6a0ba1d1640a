"""What the commands that compare and mend say, and that they make nothing where there is nothing."""

import pytest
from click.testing import CliRunner

from domain.drift import BEHIND, LOG, MISSING, Drift
from domain.identity import Key
from tasks.repair.reconcile import Report
from workers.cli import drift_report
from workers.cli.drift_report import as_json, in_words
from workers.cli.main import main

ONE = Drift(MISSING, Key("app", "task", "1"), "not in the view, the log has 1.2")
TWO = Drift(LOG, Key("app", "task", "2"), "the log has 1 revisions")


def test_nothing_is_said_in_one_line():
    assert in_words(Report([], [], []), 7) == "7 aggregates compared, no drift."
    assert as_json(Report([], [], []), 7) == {"checked": 7, "inFlight": [], "drift": [], "left": 0}


def test_every_drift_has_a_line_and_says_whether_it_is_repaired():
    lines = in_words(Report([ONE, TWO], [TWO], ["3 events in the outbox of app"]), 7).splitlines()
    assert lines == [
        "still in flight: 3 events in the outbox of app",
        "missing  app task 1: not in the view, the log has 1.2 (repaired)",
        "log      app task 2: the log has 1 revisions",
        "7 aggregates compared, 2 drifted (1 log, 1 missing), 1 left.",
    ]


def test_scripts_get_all_of_it():
    first, second = as_json(Report([ONE, TWO], [TWO], []), 7)["drift"]
    assert first == {
        "kind": "missing",
        "application": "app",
        "aggregate": "task",
        "id": "1",
        "key": ONE.key.opaque,
        "detail": ONE.detail,
        "repaired": True,
    }
    assert not second["repaired"]


def test_what_turned_into_something_else_while_it_was_mended_is_left():
    report = Report([ONE], [Drift(BEHIND, ONE.key, "the view has 1.1, the log 1.2")], [])
    assert [line["repaired"] for line in as_json(report, 7)["drift"]] == [False, False]


def test_people_are_not_shown_thousands_of_lines(monkeypatch):
    monkeypatch.setattr(drift_report, "MAX_LINES", 1)
    assert "and 1 more; --json has all of them" in in_words(Report([ONE, TWO], [ONE, TWO], []), 7)


@pytest.mark.parametrize("command", [["reconcile"], ["replay", "--application", "approval"]])
def test_a_home_without_a_system_is_said_and_left_as_it_was(monkeypatch, tmp_path, command):
    monkeypatch.setenv("TASKPOOL_HOME", str(tmp_path / "home"))
    answer = CliRunner().invoke(main, command)
    assert (answer.exit_code, answer.output.count("\n")) == (1, 1)
    assert "has the system been started there?" in answer.output
    assert not (tmp_path / "home").exists()
