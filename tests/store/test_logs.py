"""What a line of the log has, and what it never has."""

import io
import json
import logging
import sys

import pytest

from domain.access import User
from domain.requests.request import Request
from observe import logs


@pytest.fixture
def written(monkeypatch):
    """Returns the lines logged so far, as data; the process's own logging comes back afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    levels = {name: logging.getLogger(name).level for name in logs.LIBRARIES}
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("engine.approval")
    logs.tell_of_crashes()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, sys.excepthook = handlers, level, hook
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logs.forget()


def failing(value):
    try:
        int(value)
    except ValueError as error:
        raise KeyError(value) from error


def test_a_line_says_when_who_what_and_about_which_command(written):
    trace = "0af7651916cd43dd8448eb211c80319c"
    times = ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z")
    asked = Request("c-1", "approval", "claim", User("rosa"), *times, traceparent=f"00-{trace}-b7ad6b7169203331-01")
    with logs.about_command(asked):
        logging.getLogger("tasks.carry_out").info("command_answered", extra={"status": "accepted"})
    logging.getLogger("tasks.carry_out").warning("afterwards")
    (line, after) = written()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "tasks.carry_out",
        "event": "command_answered",
        "process": "engine.approval",
        "command_id": "c-1",
        "application": "approval",
        "action": "claim",
        "trace_id": trace,
        "status": "accepted",
    }
    assert "command_id" not in after


def test_an_error_is_told_by_its_kind_and_its_place_not_by_its_text(written):
    try:
        failing("payload-value")
    except KeyError:
        logging.getLogger("tasks.timers").exception("timer_failed")
    (line,) = written()
    assert line["exception"] == "KeyError from ValueError"
    assert any("test_logs.py" in frame and frame.endswith(" failing") for frame in line["frames"])
    assert "payload-value" not in json.dumps(line)


def test_what_ends_a_process_is_told_the_same_way(written):
    try:
        failing("payload-value")
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (line,) = written()
    assert (line["level"], line["event"]) == ("critical", "crashed")
    assert "payload-value" not in json.dumps(line)


def test_of_a_library_only_the_first_line_is_kept(written):
    said = "Received unregistered task of type %s.\n\nThe full contents of the message body was:\n%r (77b)"
    extra = {"data": {"args": "payload-value"}}
    logging.getLogger("celery.worker.consumer.consumer").error(said, KeyError("made.up"), "payload-value", extra=extra)
    (line,) = written()
    assert line["event"] == "Received unregistered task of type 'made.up'."
    assert "payload-value" not in json.dumps(line)


def test_a_library_repeats_itself_once_in_a_while_and_we_whenever_we_have_something_to_say(written):
    for attempt in range(20):
        logging.getLogger("celery.beat").error("Message Error: %s\n%s", f"attempt {attempt}", "a stack")
        logging.getLogger("tasks.publish").error("aggregate_parked", extra={"key": attempt})
    events = [line["event"] for line in written()]
    assert (events.count("Message Error: attempt 0"), events.count("aggregate_parked")) == (1, 20)
    assert len(events) == 21


def test_what_cannot_be_json_is_text(written):
    logging.getLogger("store.views.writer").warning("odd", extra={"reason": ValueError("x"), "lone": "\ud800"})
    assert written()[0]["reason"] == "x"
