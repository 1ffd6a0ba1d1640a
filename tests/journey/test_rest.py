"""Every operation under generated input, good and bad, by schemathesis with all its checks, for each role."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.system.running import RunningSystem, temporary_home
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

CONFIGURATION = Path(__file__).parents[1] / "webapp" / "schemathesis.toml"
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))


@pytest.fixture(scope="module")
def system():
    """A system of its own: what is generated cancels and completes things. It guesses passwords by the hundred."""
    with temporary_home() as home:
        made = RunningSystem(home, free_port(), TASKPOOL_GUESSES_PER_MINUTE="100000")
        try:
            made.up()
            yield made
        finally:
            made.down()


@pytest.mark.parametrize("name", ["admin", "approver1"])
def test_no_answer_is_a_bug_or_undocumented(system, tmp_path, name):
    with httpx.Client(base_url=f"{system.url}/api/v1", auth=("requester1", "requester1"), timeout=30) as client:
        for _ in range(3):
            sent = {"variables": {"subject": "a chair", "amount": 5}}
            assert client.post("/process-definitions/approval/approve_request/start", json=sent).status_code == 201
    done = subprocess.run(
        [
            *(SCHEMATHESIS, "--config-file", str(CONFIGURATION), "run", f"{system.url}/api/v1/openapi.json"),
            *("--auth", f"{name}:{name}", "--checks", "all", "--phases", "coverage,fuzzing,stateful"),
            *("--max-examples", "15", "--no-color", "--seed", "1"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, _told(done.stdout) + done.stderr[-2000:]
    assert "91 selected / 93 total" in done.stdout


def _told(report):
    """What failed, without the endless addresses that are generated."""
    return "\n".join(line[:300] for line in report.splitlines())


def test_the_stream_answers_what_it_says(system):
    path = f"{system.url}/api/v1/tasks/stream"
    assert httpx.get(path).status_code == 401
    for wrong in ({"cursor": "x"}, {"filter": "x"}, {"scope": "x"}, {"q": "a " * 21}):
        answer = httpx.get(path, params=wrong, auth=("approver1", "approver1"))
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), wrong
    with httpx.stream("GET", path, auth=("approver1", "approver1")) as events:
        assert events.headers["content-type"].startswith("text/event-stream")


def test_every_operation_says_how_it_can_be_refused(system):
    described = httpx.get(f"{system.url}/api/v1/openapi.json").json()
    operations = [(path, verb, one) for path, verbs in described["paths"].items() for verb, one in verbs.items()]
    assert len(operations) == 93
    for path, verb, operation in operations:
        wanted = {"400", "401", "429", "503"} | ({"403", "415"} if verb == "post" else set())
        assert wanted <= operation["responses"].keys(), path
        shapes = ["application/problem+json"] + ["application/json"] * path.startswith("/engine-rest/")
        assert operation["security"] == [{"basic": []}, {"bearer": []}, {"session": []}]
        for status, response in operation["responses"].items():
            if status >= "400":
                assert sorted(response["content"], reverse=True) == (shapes[:1] if status in ("401", "429") else shapes)
