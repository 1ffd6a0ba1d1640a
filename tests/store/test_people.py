"""Addresses in the users file, and people who are looked up while it changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from settings import InvalidSetting
from store.identity import people
from store.identity.people import People
from store.identity.users_file import UsersFile


def file(folder: Path, **users: object) -> UsersFile:
    path = folder / "users.json"
    path.write_text(json.dumps({"users": users}))
    return UsersFile(path)


def test_an_address_is_read_and_none_is_none(tmp_path: Path) -> None:
    found = file(tmp_path, rosa={"password": "p", "email": "zoe@example.org"}, olaf={"password": "p"}).read().people
    assert (found["rosa"].email, found["olaf"].email) == ("zoe@example.org", None)


@pytest.mark.parametrize(
    "wrong",
    [
        "rosa",
        "",
        5,
        "a@b@c",
        "a@b\r\nBcc: c@d",
        "a@b, c@d",
        "Rosa <a@b>",
        "a @b",
        "a@",
        "@b",
        "a" * 251 + "@b.c",
        "zoë@example.org",
        "a@exämple.org",
    ],
)
def test_what_is_no_address_is_refused(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(InvalidSetting, match="no e-mail address"):
        file(tmp_path, rosa={"password": "p", "email": wrong}).read()


def test_who_is_removed_is_gone_and_a_broken_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "LOOK_SECONDS", -1.0)
    known = People({}, file(tmp_path, rosa={"password": "p"}, olaf={"password": "p"}))
    file(tmp_path, rosa={"password": "p", "email": "rosa@example.org", "groups": ["red"]})
    found = known.find("rosa")
    assert found is not None
    assert (found.email, found.user.groups) == ("rosa@example.org", ("red",))
    assert known.find("olaf") is None
    (tmp_path / "users.json").write_text("{")
    assert known.find("rosa") == found
