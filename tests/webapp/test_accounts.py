"""Accounts: demo names, a file of users and service tokens, the operator's token."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from settings import PRODUCTION, InvalidSetting
from tests.webapp.conftest import web_settings
from webapp.identity import accounts
from webapp.identity.accounts import open_accounts


def users_file(folder: Path) -> Path:
    file = folder / "users.toml"
    password, digest = generate_password_hash("secret", "scrypt"), hashlib.sha256(b"token").hexdigest()
    file.write_text(
        f'[users.alice]\npassword = "{password}"\ngroups = ["approvers"]\n'
        f'[tokens.feeder]\nsha256 = "{digest}"\napplication = "outside"\n'
    )
    return file


def test_demo_accounts_exist_only_in_the_demo() -> None:
    demo, production = open_accounts(web_settings()), open_accounts(web_settings(profile=PRODUCTION))
    found = demo.by_password("approver1", "approver1")
    assert found is not None
    assert found.groups == ("approvers",)
    assert demo.by_password("approver1", "wrong") is None
    assert production.by_password("approver1", "approver1") is None


def test_a_file_holds_people_and_services(tmp_path: Path) -> None:
    found = open_accounts(web_settings(profile=PRODUCTION, users_file=users_file(tmp_path)))
    alice, feeder = found.by_password("alice", "secret"), found.by_token("token")
    assert (alice and alice.groups, feeder and feeder.application) == (("approvers",), "outside")
    assert found.user("alice") == alice
    assert found.by_token("other") is None


def test_the_operator_token_makes_an_operator() -> None:
    operator = open_accounts(web_settings()).by_token("operate")
    assert operator is not None
    assert (operator.name, operator.is_operator) == ("operator", True)
    assert open_accounts(web_settings(operator_token="")).by_token("") is None


def test_a_right_password_is_hashed_once_and_a_wrong_one_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = accounts.check_password_hash

    def counting(stored: str, password: str) -> bool:
        checked.append(password)
        return real(stored, password)

    monkeypatch.setattr(accounts, "check_password_hash", counting)
    found = open_accounts(web_settings(profile=PRODUCTION, users_file=users_file(tmp_path)))
    for password in ("secret", "secret", "wrong", "wrong", "secret"):
        found.by_password("alice", password)
    assert checked == ["secret", "wrong", "wrong"]


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        '[users.a]\npassword = "x"\ntenants = "north"',
        '[users.a]\npassword = "x"\ntenants = [" "]',
        '[users.alice]\ngroups = ["a"]',
        '[tokens.a]\nsha256 = "1"',
    ],
)
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "users.toml"
    file.write_text(text)
    with pytest.raises(InvalidSetting, match=r"users\.toml"):
        open_accounts(web_settings(users_file=file))
