"""Settings: the environment, what `up` has written down, and what production refuses."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from settings import InvalidSetting, Settings, record_of


def test_defaults_are_each_servers_usual_address(tmp_path: Path) -> None:
    settings = Settings.from_env({"TASKPOOL_HOME": str(tmp_path)})
    assert (settings.url, settings.profile) == ("http://127.0.0.1:8080", "demo")
    assert settings.amqp_url == "amqp://guest:guest@127.0.0.1:5672/%2F"
    assert settings.database_url("approval") == f"sqlite:///{tmp_path}/data/sql/approval.db"


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_env({"TASKPOOL_HOME": "here"}).home == tmp_path / "here"
    assert Settings.from_env({}).home == tmp_path / ".taskpool"


def test_ports_and_secrets_come_from_the_home(tmp_path: Path) -> None:
    record = {
        "TASKPOOL_PORT": "8123",
        "TASKPOOL_AMQP_PORT": "5123",
        "TASKPOOL_AMQP_PASSWORD": "p",
        "TASKPOOL_SECRET_KEY": "k",
    }
    record_of(tmp_path).parent.mkdir()
    record_of(tmp_path).write_text(json.dumps(record))
    settings = Settings.from_env({"TASKPOOL_HOME": str(tmp_path)})
    assert (settings.port, settings.secret_key) == (8123, "k")
    assert settings.amqp_url == "amqp://taskpool:p@127.0.0.1:5123/%2F"


def test_each_application_is_a_broker_user_of_its_own(tmp_path: Path) -> None:
    home = {"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_AMQP_PASSWORD": "p", "TASKPOOL_AMQP_PORT": "5123"}
    settings = Settings.from_env({**home, "TASKPOOL_AMQP_APPLICATION_SECRET": "s"})
    urls = {settings.application_amqp_url(name) for name in ("approval", "invoicing", "hosted")}
    assert len({urlsplit(url).password for url in urls}) == 3
    assert {urlsplit(url).username for url in urls} == {
        f"taskpool.{name}" for name in ("approval", "invoicing", "hosted")
    }
    assert {url.rpartition("@")[2] for url in urls} == {"127.0.0.1:5123/%2F"}
    again = Settings.from_env({**home, "TASKPOOL_AMQP_APPLICATION_SECRET": "s"})
    assert again.application_amqp_url("approval") in urls
    other = Settings.from_env({**home, "TASKPOOL_AMQP_APPLICATION_SECRET": "t"})
    assert other.application_amqp_url("approval") not in urls


def test_on_the_broker_of_somebody_else_all_are_the_user_they_were_given(tmp_path: Path) -> None:
    env = {
        "TASKPOOL_HOME": str(tmp_path),
        "TASKPOOL_AMQP_APPLICATION_SECRET": "s",
        "TASKPOOL_AMQP_URL": "amqp://a:b@there",
    }
    assert Settings.from_env(env).application_amqp_url("approval") == "amqp://a:b@there"


def test_a_server_with_a_url_is_not_ours(tmp_path: Path) -> None:
    env = {"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_AMQP_URL": "amqp://there", "TASKPOOL_REDIS_URL": "redis://there"}
    settings = Settings.from_env(env)
    assert settings.own_servers == ("mongodb",)
    assert settings.amqp_url == "amqp://there"
    assert settings.amqp_management_url is None


def test_postgresql_without_an_address_means_one_of_our_own(tmp_path: Path) -> None:
    settings = Settings.from_env({"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_SQL_URL": "postgresql"})
    assert "postgresql" in settings.own_servers
    assert settings.database_url("approval").startswith("postgresql+psycopg://taskpool:")


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_the_address_is_one_to_connect_to(tmp_path: Path, host: str) -> None:
    assert Settings.from_env({"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_HOST": host}).url == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TASKPOOL_PORT", "eighty", "TASKPOOL_PORT must be a port number"),
        ("TASKPOOL_PORT", "70000", "TASKPOOL_PORT must be a port number"),
        ("TASKPOOL_PROFILE", "test", "TASKPOOL_PROFILE must be demo or production"),
        ("TASKPOOL_PROFILE", "production", "TASKPOOL_SECRET_KEY is missing"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(InvalidSetting, match=said) as raised:
        Settings.from_env({"TASKPOOL_HOME": str(tmp_path), name: value})
    assert "\n" not in str(raised.value)


def test_groups_that_alone_may_assign(tmp_path: Path) -> None:
    env = {"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_ASSIGNING_GROUPS": " leads, heads of desks ,"}
    assert Settings.from_env(env).assigning_groups == ("leads", "heads of desks")
    assert Settings.from_env({"TASKPOOL_HOME": str(tmp_path)}).assigning_groups == ()


def test_production_refuses_a_password_that_is_the_name(tmp_path: Path) -> None:
    env = {
        "TASKPOOL_HOME": str(tmp_path),
        "TASKPOOL_PROFILE": "production",
        "TASKPOOL_SECRET_KEY": "0123456789abcdef",
        "TASKPOOL_AMQP_URL": "amqp://guest:guest@broker/",
    }
    with pytest.raises(InvalidSetting, match="the password of guest at broker is a demo password"):
        Settings.from_env(env)
    assert Settings.from_env(env | {"TASKPOOL_AMQP_URL": "amqp://guest:x8@broker/"}).profile == "production"


def test_a_printed_setting_shows_no_secret(tmp_path: Path) -> None:
    env = {"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_SECRET_KEY": "hush", "TASKPOOL_AMQP_URL": "amqp://u:hush@b/"}
    assert "hush" not in repr(Settings.from_env(env))


@pytest.mark.parametrize(("inbox", "commands"), [("24", "168"), ("48", "47")])
def test_a_key_is_known_for_a_day_and_shown_as_long_as_it_is_known(tmp_path: Path, inbox: str, commands: str) -> None:
    env = {"TASKPOOL_KEEP_INBOX_HOURS": inbox, "TASKPOOL_KEEP_COMMANDS_HOURS": commands}
    with pytest.raises(InvalidSetting, match="TASKPOOL_KEEP_INBOX_HOURS is at least 25"):
        Settings.from_env({"TASKPOOL_HOME": str(tmp_path), **env})


SMTP = "smtp://rosa:p%40ss@mail.example.org:587?from=taskpool@example.org"
HOOK = {"TASKPOOL_WEBHOOKS": "https://one.example.org/a, http://127.0.0.1:1/b", "TASKPOOL_WEBHOOK_SECRET": "x" * 16}


def test_nobody_is_told_anything_until_there_is_a_way(tmp_path: Path) -> None:
    home = {"TASKPOOL_HOME": str(tmp_path)}
    assert not Settings.from_env(home).notifying.is_on
    assert Settings.from_env({**home, "TASKPOOL_SMTP_URL": SMTP}).notifying.is_on
    found = Settings.from_env({**home, **HOOK}).notifying
    assert (found.is_on, found.webhooks) == (True, ("https://one.example.org/a", "http://127.0.0.1:1/b"))
    shown = repr(Settings.from_env({**home, **HOOK, "TASKPOOL_SMTP_URL": SMTP}))
    assert "p%40ss" not in shown
    assert "xxxx" not in shown


def test_addresses_that_hear_of_every_event_are_no_way_to_people(tmp_path: Path) -> None:
    env = {"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_CHANGE_WEBHOOKS": "https://a.example.org/x?key=hidden, http://b/"}
    found = Settings.from_env({**env, "TASKPOOL_WEBHOOK_SECRET": "x" * 16})
    assert found.notifying.change_webhooks == ("https://a.example.org/x?key=hidden", "http://b/")
    assert (found.notifying.is_on, found.notifying.tells_changes, found.notifying.tells_people) == (True, True, False)
    assert "hidden" not in repr(found)
    ways = Settings.from_env({"TASKPOOL_HOME": str(tmp_path), **HOOK}).notifying
    assert (ways.tells_people, ways.tells_changes) == (True, False)


def test_links_lead_where_people_reach_the_list(tmp_path: Path) -> None:
    home = {"TASKPOOL_HOME": str(tmp_path)}
    assert Settings.from_env(home).public_url == "http://127.0.0.1:8080"
    env = {**home, "TASKPOOL_PUBLIC_URL": "https://list.example.org/"}
    assert Settings.from_env(env).public_url == "https://list.example.org"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"TASKPOOL_SMTP_URL": "mail.example.org"}, "TASKPOOL_SMTP_URL must be smtp://"),
        ({"TASKPOOL_SMTP_URL": "smtp://mail.example.org"}, "TASKPOOL_SMTP_URL must be smtp://"),
        ({"TASKPOOL_SMTP_URL": "smtp://mail:99999?from=a@b"}, "TASKPOOL_SMTP_URL must be smtp://"),
        ({"TASKPOOL_SMTP_URL": f"{SMTP}&starttls=maybe"}, "TASKPOOL_SMTP_URL must be smtp://"),
        ({"TASKPOOL_WEBHOOKS": "https://one.example.org"}, "needs TASKPOOL_WEBHOOK_SECRET"),
        ({**HOOK, "TASKPOOL_WEBHOOKS": "ftp://one.example.org"}, "TASKPOOL_WEBHOOKS must be http"),
        ({**HOOK, "TASKPOOL_WEBHOOKS": ",".join(["https://a.example.org"] * 6)}, "at most 5"),
        ({"TASKPOOL_CHANGE_WEBHOOKS": "https://one.example.org"}, "CHANGE_WEBHOOKS needs TASKPOOL_WEBHOOK_SECRET"),
        ({**HOOK, "TASKPOOL_CHANGE_WEBHOOKS": "ftp://one.example.org"}, "TASKPOOL_CHANGE_WEBHOOKS must be http"),
        ({**HOOK, "TASKPOOL_CHANGE_WEBHOOKS": ",".join(["https://a.example.org"] * 6)}, "CHANGE_WEBHOOKS: at most 5"),
        ({"TASKPOOL_PUBLIC_URL": "list.example.org"}, "TASKPOOL_PUBLIC_URL must be http"),
        ({"TASKPOOL_NOTICE_TEMPLATES": "/nowhere/at/all"}, "there is no folder"),
        ({"TASKPOOL_MAIL_LOCALE": "fr"}, "TASKPOOL_MAIL_LOCALE must be en or de"),
        ({"TASKPOOL_DUE_SOON_HOURS": "-1"}, "TASKPOOL_DUE_SOON_HOURS must be a positive number"),
    ],
)
def test_a_way_that_cannot_be_is_said_in_one_line(tmp_path: Path, env: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidSetting, match=said) as raised:
        Settings.from_env({"TASKPOOL_HOME": str(tmp_path), **env})
    assert "\n" not in str(raised.value)
    assert "p%40ss" not in str(raised.value)


def test_production_wants_to_know_where_links_lead(tmp_path: Path) -> None:
    env = {"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_PROFILE": "production", "TASKPOOL_SECRET_KEY": "0123456789abcdef"}
    with pytest.raises(InvalidSetting, match="TASKPOOL_PUBLIC_URL is missing"):
        Settings.from_env({**env, "TASKPOOL_SMTP_URL": SMTP})
    env |= {"TASKPOOL_AMQP_URL": "amqp://guest:x8@broker/", "TASKPOOL_PUBLIC_URL": "https://list.example.org"}
    assert Settings.from_env({**env, "TASKPOOL_SMTP_URL": SMTP}).notifying.is_on
