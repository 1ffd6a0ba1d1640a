"""One request followed through the logs of every process, and what must not be in any of them."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.waiting import soon
from workers.system.processes import FLOWER_USER

pytestmark = pytest.mark.servers

START = "/api/v1/process-definitions/approval/approve_request/start"
FAREWELL = {"", "worker: Warm shutdown (MainProcess)"}
"""What Celery says to standard error itself, when it is asked to end."""
VALUE = "unmistakable-5f1e-value"


@pytest.fixture
def http(running_system):
    with httpx.Client(base_url=running_system.url, trust_env=False, timeout=30) as client:
        yield client


def lines_with(system, text):
    """As `grep TEXT logs/*` finds them: (process, line)."""
    return [
        (path.stem, json.loads(line))
        for path in sorted((system.home / "logs").glob("*.log"))
        for line in path.read_text(errors="replace").splitlines()
        if text in line
    ]


def test_a_trace_id_shows_the_whole_way_of_a_request(http, running_system):
    trace = secrets.token_hex(16)
    headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01", "X-Request-ID": "order-1"}
    asked = {"variables": {"subject": "a lamp", "amount": 1}}
    answer = http.post(START, json=asked, headers=headers, auth=("requester1", "requester1"))
    assert answer.status_code == 201, answer.text
    assert answer.headers["X-Request-ID"] == "order-1"
    assert answer.headers["traceparent"] == headers["traceparent"]

    expected = [
        ("engine.approval", "command_answered"),
        ("projector", "outcomes_visible"),
        ("publisher.approval", "outcomes_published"),
        ("web", "command_asked"),
        ("web", "command_outcome_told"),
        ("web", "request_answered"),
    ]
    found = soon(lambda: len(lines_with(running_system, trace)) >= len(expected) and lines_with(running_system, trace))
    assert sorted({(process, line["event"]) for process, line in found}) == expected
    commands = {line["command_id"] for _, line in found if "command_id" in line}
    assert len(commands) == 1
    assert {line["request_id"] for process, line in found if process == "web"} == {"order-1"}
    (carried_out,) = [line for process, line in found if process == "engine.approval"]
    assert {name: carried_out[name] for name in ("application", "action", "status", "process", "level")} == {
        "application": "approval",
        "action": "start",
        "status": "accepted",
        "process": "engine.approval",
        "level": "info",
    }
    assert carried_out["job_id"] == carried_out["command_id"] == commands.pop()


def test_requests_at_the_same_time_are_not_mixed_up(http, running_system):
    traces = {f"at-once-{number}": secrets.token_hex(16) for number in range(12)}

    def start(name):
        headers = {"traceparent": f"00-{traces[name]}-{secrets.token_hex(8)}-01", "X-Request-ID": name}
        asked = {"variables": {"subject": "a lamp", "amount": 1}}
        return http.post(START, json=asked, headers=headers, auth=("requester1", "requester1")).status_code

    with ThreadPoolExecutor(len(traces)) as people:
        assert set(people.map(start, traces)) <= {201, 202}
    commands = set()
    for name, trace in traces.items():
        lines = soon(lambda: len(found := lines_with(running_system, trace)) >= 6 and found)  # noqa: B023
        mine = [line for _, line in lines if "trace_ids" not in line]
        assert {line["trace_id"] for line in mine} == {trace}
        assert {line["request_id"] for line in mine if line["process"] == "web"} == {name}
        (command,) = {line["command_id"] for line in mine if "command_id" in line}
        commands.add(command)
    assert len(commands) == len(traces)


def test_what_a_caller_makes_up_is_not_taken(http):
    answer = http.get("/api/v1/me", auth=("admin", "admin"), headers={"traceparent": "x" * 55, "X-Request-ID": "a b"})
    assert answer.headers["X-Request-ID"] != "a b"
    assert answer.headers["traceparent"].startswith("00-")


def test_no_log_has_what_people_enter_or_what_lets_them_in(http, running_system):
    auth, settings = ("requester1", "requester1"), running_system.settings
    for asked in (
        {"variables": {"subject": VALUE, "amount": 1}},
        {"variables": {"subject": VALUE, "amount": VALUE}},
        {"variables": VALUE},
    ):
        http.post(START, json=asked, auth=auth)
    http.get("/api/v1/tasks", params={"q": VALUE}, auth=auth)
    http.get("/api/v1/tasks", params={"filter": f"task.name={VALUE}"}, auth=auth)
    http.get("/api/v1/tasks", params={"filter": f"task.priority={VALUE}"}, auth=auth)
    http.get("/api/v1/me", auth=("requester1", VALUE))
    http.get("/api/v1/me", headers={"Authorization": f"Bearer {VALUE}"})
    record = {"id": VALUE, "type": VALUE, "time": VALUE, "subject": "s", "data": {"name": VALUE}}
    http.post(
        "/api/v1/engine-events",
        json={"application": "w", "format": "taskpool", "records": [record]},
        auth=("admin", "admin"),
    )

    running_system.command(
        "start", "approve_request", "--application", "approval", "--variables", json.dumps({"a": VALUE})
    )
    flower = (FLOWER_USER, settings.flower_password)
    shown = httpx.get(
        f"{settings.flower_url}/api/tasks", params={"taskname": "taskpool.engine.command"}, auth=flower
    ).text
    assert "(start,)" in shown
    texts = {path.name: path.read_text(errors="replace") for path in (running_system.home / "logs").glob("*.log")}
    remembered = json.loads((running_system.home / "run" / "system.json").read_text())
    secret = [value for name, value in remembered.items() if name.endswith(("_PASSWORD", "_TOKEN", "_KEY", "_COOKIE"))]
    assert settings.operator_token in secret
    assert VALUE not in shown
    for what in (VALUE, *secret):
        assert [name for name, text in texts.items() if what in text] == []


def test_logs_are_json_and_quiet_when_nothing_happens(running_system):
    logs = running_system.home / "logs"
    ours = [path for path in logs.glob("*.log") if path.stem.startswith(("web", "engine", "publisher", "proj", "beat"))]
    assert len(ours) == 9
    for path in ours:
        for line in path.read_text().splitlines():
            assert line in FAREWELL or {"time", "level", "logger", "event", "process"} <= json.loads(line).keys(), line
    before = {path: path.stat().st_size for path in ours}
    assert soon(lambda: {path: path.stat().st_size for path in ours} != before, 6) is False
