"""One pattern for the names of applications, at every door."""

import json

import pytest

from domain.identity import is_application_name
from settings import InvalidSetting, Settings
from tasks.application import ProcessApplication
from webapp.api.schemas import ApplicationPath, EngineEventsBody
from webapp.identity.accounts import open_accounts

GOOD = ["a", "approval", "a-b_c.d1", "a" * 63]
BAD = ["", "A", "1a", "é" * 130, "a" * 64, "a b", "a/b", "a\n", "_a", "\uff41", "a\0"]


@pytest.mark.parametrize("name", GOOD)
def test_good_ones(name, tmp_path):
    assert is_application_name(name)
    assert ProcessApplication(name).name == name
    assert ApplicationPath(application=name).application == name
    Settings.from_env({"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_APPLICATIONS": f"{name}=m:a"})


@pytest.mark.parametrize("name", BAD)
def test_bad_ones(name, tmp_path):
    assert not is_application_name(name)
    with pytest.raises(ValueError, match="cannot be called"):
        ProcessApplication(name)
    for model, more in ((ApplicationPath, {}), (EngineEventsBody, {"format": "taskpool", "records": []})):
        with pytest.raises(ValueError, match="application"):
            model(application=name, **more)
    if name.strip() and name == name.strip():
        with pytest.raises(InvalidSetting, match="cannot be called"):
            Settings.from_env({"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_APPLICATIONS": f"{name}=m:a"})


def test_the_host_is_nobodys_application(tmp_path):
    with pytest.raises(InvalidSetting, match="host"):
        Settings.from_env({"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_APPLICATIONS": "hosted=m:a"})


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"tokens": {"t": {"sha256": "0", "application": "É"}}}, "application"),
        ({"tokens": {"t": {"sha256": "0", "application": "app", "groups": ["admins"]}}}, "no groups"),
        ({"users": {"service:x": {"password": "p"}}}, "service"),
        ({"users": {"x": {"password": "p", "groups": "admins"}}}, "list"),
    ],
)
def test_the_users_file(entry, wrong, tmp_path):
    with pytest.raises(InvalidSetting, match=wrong):
        open_accounts(settings_with(entry, tmp_path))


def test_a_service_is_a_principal_of_its_own(tmp_path):
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    accounts = open_accounts(settings_with({"tokens": {"pump": {"sha256": digest, "application": "app"}}}, tmp_path))
    found = accounts.by_token("foo")
    assert (found.name, found.groups, found.application) == ("service:pump", (), "app")


def settings_with(entry, tmp_path):
    file = tmp_path / "users.json"
    file.write_text(json.dumps(entry))
    return Settings.from_env({"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_USERS": str(file)})
