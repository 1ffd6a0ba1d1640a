"""Which processes a system has, and what the supervisor is told about them."""

import configparser
from pathlib import Path

from settings import Settings
from workers.system import launch
from workers.system.processes import processes
from workers.system.supervision import LONGEST_SOCKET_PATH, configuration, socket_of


def settings(home: Path, **more: str) -> Settings:
    return Settings.from_env({"TASKPOOL_HOME": str(home), **more})


def test_names_are_unique_and_roles_are_the_known_ones(tmp_path: Path) -> None:
    found = processes(settings(tmp_path, TASKPOOL_SQL_URL="postgresql"))
    assert len({process.name for process in found}) == len(found)
    roles = "rabbitmq mongodb redis postgresql web publisher projector engine beat flower"
    assert {process.role for process in found} == set(roles.split())


def test_every_application_and_the_host_have_an_engine_and_a_publisher(tmp_path: Path) -> None:
    names = {process.name for process in processes(settings(tmp_path))}
    for application in ("approval", "invoicing", "hosted"):
        assert {f"engine.{application}", f"publisher.{application}"} <= names


def test_a_server_of_somebody_else_is_watched_but_not_started(tmp_path: Path) -> None:
    found = processes(settings(tmp_path, TASKPOOL_AMQP_URL="amqp://there"))
    assert [process.ours for process in found if process.role == "rabbitmq"] == [False]
    assert "program:rabbitmq" not in parsed(found)


def test_the_servers_stop_last(tmp_path: Path) -> None:
    told = parsed(processes(settings(tmp_path)))
    assert told["group:servers"]["programs"] == "rabbitmq,mongodb,redis"
    assert int(told["group:servers"]["priority"]) < int(told["group:workers"]["priority"])
    assert int(told["group:workers"]["priority"]) < int(told["group:web"]["priority"])


def test_no_password_stands_on_a_command_line(tmp_path: Path) -> None:
    env = {"TASKPOOL_AMQP_PASSWORD": "hush", "TASKPOOL_REDIS_PASSWORD": "hush", "TASKPOOL_SECRET_KEY": "hush"}
    assert "hush" not in str([process.command for process in processes(settings(tmp_path, **env))])


def test_a_deep_home_has_a_socket_the_kernel_accepts(tmp_path: Path) -> None:
    assert socket_of(tmp_path).parent == tmp_path / "run"
    elsewhere = socket_of(tmp_path / ("x" * LONGEST_SOCKET_PATH))
    assert len(str(elsewhere)) <= LONGEST_SOCKET_PATH
    assert elsewhere.parent.stat().st_mode & 0o777 == 0o700
    elsewhere.parent.rmdir()


def test_short_lives_in_a_row_wait_longer_but_never_long(tmp_path: Path) -> None:
    pauses = [launch.pause_before(tmp_path / "web.lives", now=100.0) for _ in range(12)]
    assert pauses[:4] == [0.0, 0.5, 1.0, 2.0]
    assert pauses[-1] == launch.LONGEST_PAUSE


def test_a_long_life_is_followed_at_once(tmp_path: Path) -> None:
    launch.pause_before(tmp_path / "web.lives", now=100.0)
    launch.pause_before(tmp_path / "web.lives", now=101.0)
    assert launch.pause_before(tmp_path / "web.lives", now=200.0) == 0.0


def parsed(found: object) -> configparser.RawConfigParser:
    reader = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
    reader.read_string(configuration(Path("/run/x.sock"), found))
    return reader


def test_no_log_grows_without_end(tmp_path: Path) -> None:
    told = parsed(processes(settings(tmp_path, TASKPOOL_SQL_URL="postgresql")))
    programs = [section for name, section in told.items() if name.startswith("program:")]
    assert len(programs) == 14
    for section in (*programs, told["supervisord"]):
        kind = "logfile" if section is told["supervisord"] else "stdout_logfile"
        assert (section[f"{kind}_maxbytes"], int(section[f"{kind}_backups"]) <= 2) in (("10MB", True), ("5MB", True))
        assert section.get("redirect_stderr", "true") == "true"


def test_the_notifier_is_there_where_there_is_a_way_to_tell_people(tmp_path: Path) -> None:
    assert "notifier" not in {process.name for process in processes(settings(tmp_path))}
    told = settings(tmp_path, TASKPOOL_SMTP_URL="smtp://rosa:hush@127.0.0.1?from=a@example.org")
    [found] = [process for process in processes(told) if process.role == "notifier"]
    assert "hush" not in str(found)
    assert "program:notifier" in parsed([found])
