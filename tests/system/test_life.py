"""A whole system: up, up again, status, killed processes, and down with nothing left."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.running import TASKPOOL, RunningSystem, temporary_home
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="tests">
  <bpmn:process id="errand" name="Errand" isExecutable="true">
    <bpmn:startEvent id="begin"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="run_errand"/>
    <bpmn:userTask id="run_errand" name="Run the errand" camunda:candidateGroups="approvers">
      <bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="b" sourceRef="run_errand" targetRef="end"/>
    <bpmn:endEvent id="end"><bpmn:incoming>b</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


@pytest.fixture
def system() -> Iterator[RunningSystem]:
    with temporary_home() as home:
        system = RunningSystem(home, free_port())
        yield system
        system.down()


def test_status_names_every_process_and_all_are_healthy(running_system: RunningSystem) -> None:
    running_system.wait_until_healthy()
    status = running_system.status()
    assert set(status) == {"url", "flower", "processes"}
    assert status["url"] == running_system.url
    assert all(set(line) == {"name", "role", "pid", "healthy"} for line in status["processes"])
    assert running_system.command("status").returncode == 0


def test_status_needs_nothing_but_the_home(running_system: RunningSystem) -> None:
    environment = {"TASKPOOL_HOME": str(running_system.home), "PATH": os.environ["PATH"], "TASKPOOL_PORT": "1"}
    done = subprocess.run([TASKPOOL, "status", "--json"], env=environment, capture_output=True, check=True, cwd="/")
    assert json.loads(done.stdout)["url"] == running_system.url


def test_a_second_up_says_that_it_is_running(running_system: RunningSystem) -> None:
    before = {line["name"]: line["pid"] for line in running_system.status()["processes"]}
    assert "already running" in running_system.up()
    assert {line["name"]: line["pid"] for line in running_system.status()["processes"]} == before


@pytest.mark.parametrize("name", ["web", "projector", "beat", "flower", "engine.approval", "publisher.hosted"])
def test_a_killed_process_comes_back(running_system: RunningSystem, name: str) -> None:
    killed = running_system.kill(name)
    deadline = time.monotonic() + 60
    while running_system.process(name)["pid"] in (None, killed):
        assert time.monotonic() < deadline
    running_system.wait_until_healthy()


def test_a_worker_that_hangs_is_not_healthy(running_system: RunningSystem) -> None:
    pid = running_system.kill("engine.hosted", signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert not running_system.process("engine.hosted")["healthy"]
        assert time.monotonic() - started < 5
    finally:
        os.kill(pid, signal.SIGCONT)
    running_system.wait_until_healthy()


def test_deploy_and_start_from_the_command_line(running_system: RunningSystem, tmp_path: Path) -> None:
    file = tmp_path / "errand.bpmn"
    file.write_text(PROCESS)
    deployed = running_system.command("deploy", str(file), "--application", "approval")
    assert (deployed.returncode, deployed.stdout) == (0, "errand.bpmn: errand version 1\n"), deployed.stderr
    started = running_system.command("start", "errand", "--application", "approval", "--business-key", "E-1")
    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith("errand: started ")
    unknown = running_system.command("start", "nothing", "--application", "approval")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("taskpool: ")
    assert unknown.stderr.count("\n") == 1


def test_up_lets_go_of_its_streams_and_down_leaves_nothing(system: RunningSystem) -> None:
    # `cat` ends only when nobody holds the pipe any more.
    done = subprocess.run(
        f"{TASKPOOL} up | cat", shell=True, env=system.environment, capture_output=True, text=True, check=False
    )
    assert system.url in done.stdout, done.stderr
    left = set(system.left_over())
    system.down()
    assert system.left_over() == {}
    assert not any(Path(f"/proc/{pid}/exe").exists() for pid in left)
    assert system.command("status").returncode == 1
    assert system.command("down").stdout == "Nothing was running.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_system_in_the_foreground_ends_with_its_command(system: RunningSystem, number: signal.Signals) -> None:
    with subprocess.Popen([TASKPOOL, "run"], env=system.environment, stdout=subprocess.PIPE, text=True) as command:
        assert any("Press Ctrl-C" in line for line in command.stdout)
        command.send_signal(number)
        command.communicate()
    assert command.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    deadline = time.monotonic() + 60
    while system.left_over():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_port_that_is_taken_is_one_clear_line(system: RunningSystem, running_system: RunningSystem) -> None:
    done = RunningSystem(system.home, running_system.port).command("up")
    assert done.returncode == 1
    said = f"taskpool: port {running_system.port} is already in use; stop what listens there or set TASKPOOL_PORT"
    assert done.stderr.startswith(said)
