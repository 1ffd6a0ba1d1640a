"""What production refuses: one test for each line of the list in `docs/operations.md`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from settings import InvalidSetting, from_values
from workers.system import production
from workers.system.production import refuse_what_is_weak

SECRET = "b9c1d27fe03a48d6a5f8e2c7714bd093"
GOOD = generate_password_hash("lorry 7 umbrella", "scrypt")
SLOW = {"password": GOOD, "groups": ["admins"]}


def judge(folder: Path, users: object, **values: str) -> None:
    """Raises `InvalidSetting` as `up` does."""
    file = folder / "users.json"
    file.write_text(json.dumps(users))
    env = {
        "TASKPOOL_PROFILE": "production",
        "TASKPOOL_SECRET_KEY": SECRET,
        "TASKPOOL_USERS": str(file),
        "TASKPOOL_AMQP_PASSWORD": SECRET,
        **values,
    }
    refuse_what_is_weak(from_values(folder, {name: value for name, value in env.items() if value}))


def refused(folder: Path, said: str, users: object = None, **values: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        judge(folder, {"users": {"rosa": SLOW}} if users is None else users, **values)


@pytest.fixture(autouse=True)
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(production, "MOST_COMMON", 4)


def test_what_is_well_set_starts(tmp_path: Path) -> None:
    judge(tmp_path, {"users": {"rosa": SLOW}})
    judge(
        tmp_path,
        {"users": {"rosa": SLOW}},
        TASKPOOL_AMQP_URL="amqps://pool:k7Jq2mXw9@broker/",
        TASKPOOL_MONGO_URL="mongodb://pool:k7Jq2mXw9@one,two/?replicaSet=rs0&tls=true",
        TASKPOOL_REDIS_URL="rediss://:k7Jq2mXw9@cache/0",
        TASKPOOL_SQL_URL="postgresql+psycopg://pool:k7Jq2mXw9@sql/pool?sslmode=verify-full",
        TASKPOOL_HOST="0.0.0.0",
        TASKPOOL_PROXIES="1",
        TASKPOOL_OPERATOR_TOKEN=SECRET,
        TASKPOOL_METRICS_TOKEN=SECRET,
    )


@pytest.mark.parametrize("password", ["rosa", "123456", "password"])
def test_a_password_that_is_the_name_or_common(tmp_path: Path, password: str) -> None:
    hashed = generate_password_hash(password, "scrypt")
    refused(tmp_path, "rosa is the name itself or one", {"users": {"rosa": {"password": hashed}}})


def test_a_hash_is_tried_once_in_its_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge(tmp_path, {"users": {"rosa": SLOW}})
    monkeypatch.setattr(production, "check_password_hash", lambda *_: pytest.fail("tried again"))
    judge(tmp_path, {"users": {"rosa": SLOW}})


@pytest.mark.parametrize(
    "stored",
    [
        "lorry 7 umbrella",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
        generate_password_hash("lorry 7 umbrella", "pbkdf2:sha256:1000"),
        generate_password_hash("lorry 7 umbrella", "scrypt:1024:8:1"),
        "scrypt:x:8:1$salt$00",
        "pbkdf2$salt$00",
        "",
    ],
)
def test_a_password_in_plain_text_or_quickly_hashed(tmp_path: Path, stored: str) -> None:
    refused(tmp_path, "the password of rosa (is|has)", {"users": {"rosa": {"password": stored}}})


@pytest.mark.parametrize("users", [{}, {"users": {}}, {"tokens": {}}])
def test_no_users(tmp_path: Path, users: object) -> None:
    refused(tmp_path, "nobody could sign in", users)


def test_no_users_file(tmp_path: Path) -> None:
    refused(tmp_path, "set TASKPOOL_USERS", TASKPOOL_USERS="")


@pytest.mark.parametrize("groups", ["admins", {"admins": True}, [1], None])
def test_groups_that_are_no_list(tmp_path: Path, groups: object) -> None:
    refused(tmp_path, "groups must be a list", {"users": {"rosa": {**SLOW, "groups": groups}}})


@pytest.mark.parametrize(
    "name", ["TASKPOOL_SECRET_KEY", "TASKPOOL_OPERATOR_TOKEN", "TASKPOOL_METRICS_TOKEN", "TASKPOOL_FLOWER_PASSWORD"]
)
@pytest.mark.parametrize("secret", ["a" * 40, "changemechangeme", "0123456789abcdef", "passwordpassword"])
def test_a_secret_that_can_be_guessed(tmp_path: Path, name: str, secret: str) -> None:
    refused(tmp_path, f"{name} can be guessed", **{name: secret})


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("TASKPOOL_AMQP_URL", "amqp://pool:k7Jq2mXw9@broker/"),
        ("TASKPOOL_MONGO_URL", "mongodb://pool:k7Jq2mXw9@127.0.0.1,views/?replicaSet=rs0"),
        ("TASKPOOL_MONGO_URL", "mongodb://pool:k7Jq2mXw9@views/?tls=false"),
        ("TASKPOOL_REDIS_URL", "redis://:k7Jq2mXw9@cache/0"),
        ("TASKPOOL_SQL_URL", "postgresql+psycopg://pool:k7Jq2mXw9@sql/pool?sslmode=prefer"),
    ],
)
def test_a_server_elsewhere_without_tls(tmp_path: Path, name: str, url: str) -> None:
    refused(tmp_path, f"{name}: .* without TLS", **{name: url})


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("TASKPOOL_AMQP_URL", "amqps://broker/"),
        ("TASKPOOL_MONGO_URL", "mongodb://views/?replicaSet=rs0&tls=true"),
        ("TASKPOOL_REDIS_URL", "rediss://cache/0"),
        ("TASKPOOL_SQL_URL", "postgresql+psycopg://pool@sql/pool?sslmode=require"),
    ],
)
def test_a_server_elsewhere_without_a_password(tmp_path: Path, name: str, url: str) -> None:
    refused(tmp_path, f"{name}: .* without a password", **{name: url})


@pytest.mark.parametrize("password", ["letmein", "Password", "dragon"])
def test_a_servers_password_that_everybody_tries(tmp_path: Path, password: str) -> None:
    refused(tmp_path, "one that everybody tries", TASKPOOL_AMQP_URL=f"amqp://pool:{password}@127.0.0.1/")


def test_a_servers_password_that_is_the_name(tmp_path: Path) -> None:
    refused(tmp_path, "the name itself", TASKPOOL_AMQP_URL="amqp://pool:pool@127.0.0.1/")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "tasks.example"])
def test_listening_for_others_without_a_proxy(tmp_path: Path, host: str) -> None:
    refused(tmp_path, "say with TASKPOOL_PROXIES", TASKPOOL_HOST=host)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        (
            "TASKPOOL_WEBHOOKS: hook is another host",
            {"TASKPOOL_WEBHOOKS": "http://hook/", "TASKPOOL_WEBHOOK_SECRET": SECRET},
        ),
        (
            "TASKPOOL_CHANGE_WEBHOOKS: hook is another host",
            {"TASKPOOL_CHANGE_WEBHOOKS": "http://hook/", "TASKPOOL_WEBHOOK_SECRET": SECRET},
        ),
        ("WEBHOOK_SECRET can be guessed", {"TASKPOOL_WEBHOOKS": "https://hook/", "TASKPOOL_WEBHOOK_SECRET": "a" * 16}),
        ("TASKPOOL_SMTP_URL: mail is another host", {"TASKPOOL_SMTP_URL": "smtp://mail?from=a@b&starttls=offered"}),
    ],
)
def test_what_leaves_the_machine_is_encrypted(tmp_path: Path, said: str, values: dict[str, str]) -> None:
    refused(tmp_path, said, TASKPOOL_PUBLIC_URL="https://list.example.org", **values)


def test_mail_over_tls_starts(tmp_path: Path) -> None:
    for url in ("smtps://mail?from=a@b", "smtp://mail?from=a@b", "smtp://127.0.0.1?from=a@b"):
        values = {"TASKPOOL_SMTP_URL": url, "TASKPOOL_PUBLIC_URL": "https://list.example.org"}
        judge(tmp_path, {"users": {"rosa": SLOW}}, **values)
