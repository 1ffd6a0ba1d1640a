"""`taskpool message`, `signal` and `instances` as they ask the running system, which is played here."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from domain.identity import Key
from workers.cli.main import main

OPAQUE = f"/api/v1/process-instances/{Key('approval', 'process_instance', 'i').opaque}"
BY_NAME = "/api/v1/process-instances/i"
INSTANCE = {"processInstanceId": "i", "state": "SUSPENDED", "processDefinitionId": "p:1", "businessKey": "K-1"}
ACTIVITY = {"element": "t", "name": "Do it", "type": "userTask", "since": "2026", "calledInstanceId": None}


class System:
    """Answers what it was told to, and keeps what it was asked."""

    def __init__(self):
        self.asked, self.answers = [], {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                outer.asked.append((self.command, self.path, body))
                told = outer.answers.get((self.command, self.path), (404, {"detail": "not there"}))
                status, answer = told.pop(0) if isinstance(told, list) else told
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the library's names

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def system(tmp_path, monkeypatch):
    played = System()
    monkeypatch.setenv("TASKPOOL_HOME", str(tmp_path))
    monkeypatch.setenv("TASKPOOL_OPERATOR_TOKEN", "operate")
    monkeypatch.setenv("TASKPOOL_HOST", "127.0.0.1")
    monkeypatch.setenv("TASKPOOL_PORT", str(played.server.server_port))
    yield played
    played.server.shutdown()
    played.server.server_close()


def run(*arguments, fails=False):
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code != 0) == fails, result.output
    return result.output


APPROVAL = ("--application", "approval")


def test_messages_and_signals(system):
    system.answers = {
        ("POST", "/api/v1/messages"): [
            (200, {"processInstanceId": "i", "started": None}),
            (200, {"processInstanceId": "j", "started": "p"}),
            (202, {"commandId": "c", "status": "pending"}),
            (409, {"detail": "several"}),
        ],
        ("POST", "/api/v1/signals"): (
            200,
            {
                "applications": [
                    {
                        "application": "a",
                        "status": "accepted",
                        "processInstanceIds": ["i"],
                        "started": [],
                        "problem": 0,
                    },
                    {"application": "b", "status": "rejected", "problem": {"detail": "away"}},
                    {"application": "c", "status": "pending", "problem": None},
                ]
            },
        ),
    }
    said = ("paid", *APPROVAL, "--business-key", "K-1", "--variables", '{"x": 1}')
    assert run("message", *said) == "paid: reached i\n"
    assert run("message", "paid", *APPROVAL) == "paid: started p j\n"
    assert "once approval is back" in run("message", "paid", *APPROVAL)
    assert "several (409)" in run("message", "paid", *APPROVAL, fails=True)
    body = system.asked[0][2]
    assert (body["businessKey"], body["variables"], body["name"]) == ("K-1", {"x": 1}, "paid")
    assert run("signal", "go").splitlines() == [
        "a: 1 reached, 0 started",
        "b: rejected, away",
        "c: accepted, and given once it is back",
    ]


def test_what_is_deployed_and_started_says_whose_it_is(system, tmp_path):
    made = {"definitions": [{"key": "p", "version": 1}], "decisions": [], "warnings": []}
    deployments, start = "/api/v1/applications/approval/deployments", "/api/v1/process-definitions/approval/p/start"
    asked = ("?", "?tenantId=", "?tenantId=north+%26+more", "?strict=true&tenantId=n")
    system.answers = {("POST", f"{deployments}{more}"): (201, made) for more in asked}
    system.answers["POST", start] = (201, {"processInstanceId": "i"})
    (file := tmp_path / "p.json").write_text("{}")
    for options in ((), ("--tenant", ""), ("--tenant", "north & more"), ("--strict", "--tenant", "n")):
        assert run("deploy", str(file), *APPROVAL, *options) == "p.json: p version 1\n"
    for options in ((), ("--tenant", "north")):
        assert run("start", "p", *APPROVAL, *options) == "p: started i\n"
    assert [body["tenantId"] for _, path, body in system.asked if path == start] == [None, "north"]


def test_what_is_no_object_is_refused_before_anything_is_asked(system):
    for wrong in ("[]", "{", "5"):
        assert "--variables" in run("message", "paid", *APPROVAL, "--variables", wrong, fails=True)
        assert "--set" in run("instances", "variables", "i", *APPROVAL, "--set", wrong, fails=True)
    for named in ((), ("i", "--from", "p:1")):
        told = run("instances", "migrate", *APPROVAL, "--to", "p:2", *named, fails=True)
        assert "INSTANCE or --from" in told
    assert system.asked == []


def test_where_an_instance_stands(system):
    system.answers = {
        ("GET", BY_NAME): (200, INSTANCE),
        ("GET", f"{BY_NAME}/activities"): (200, {"items": [{**ACTIVITY, "incident": "n-1"}]}),
    }
    assert run("instances", "show", "i", *APPROVAL).splitlines() == [
        "i: suspended, p:1, K-1",
        "  t (Do it): userTask since 2026 n-1",
    ]
    assert json.loads(run("instances", "show", "i", *APPROVAL, "--json"))["instance"] == INSTANCE


@pytest.mark.parametrize(
    ("arguments", "verb", "body"),
    [
        (("suspend",), "POST", {}),
        (("resume",), "POST", {}),
        (("variables", "--set", '{"x":1}', "--remove", "y"), "PATCH", {"variables": {"x": 1}, "removed": ["y"]}),
        (("move", "--from", "a"), "POST", {"from": "a", "to": None}),
    ],
)
def test_what_is_done_to_an_instance(system, arguments, verb, body):
    what, *more = arguments
    system.answers = {(verb, f"{OPAQUE}/{what}"): [(200, INSTANCE), (202, {"status": "pending"})]}
    said = ("instances", what, "i", *APPROVAL, *more, "--reason", "why")
    assert "it is suspended" in run(*said)
    assert system.asked == [(verb, f"{OPAQUE}/{what}", {**body, "reason": "why"})]
    assert "once approval is back" in run(*said)


def test_versions_are_migrated_part_by_part(system):
    left = [{"processInstanceId": "k", "problems": ["'t' is not there in version 2"]}]
    system.answers = {
        ("POST", "/api/v1/applications/approval/migrations"): [
            (200, {"migrated": ["i", "j"], "left": [], "next": "j"}),
            (200, {"migrated": [], "left": left, "next": None}),
        ],
        ("POST", f"{BY_NAME}/migrate"): (200, {"migrated": ["i"], "left": [], "next": None}),
    }
    told = run("instances", "migrate", *APPROVAL, "--from", "p:1", "--to", "p:2", "--dry-run")
    assert "k: 't' is not there in version 2" in told
    assert "2 can be migrated, 1 stay as they are." in told
    assert [body["after"] for _, _, body in system.asked] == [None, "j"]
    assert run("instances", "migrate", "i", *APPROVAL, "--to", "p:2") == "1 are migrated, 0 stay as they are.\n"
