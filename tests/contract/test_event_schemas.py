"""The schemas of all events are published, hold today, and are kept by what is really sent."""

import json
import re
from copy import deepcopy

import pytest
from jsonschema import Draft202012Validator, ValidationError

from domain.events.upcast import UPCASTERS, current_version
from tests.event_contract import VALIDATORS, broken
from workers.cli.event_schemas import FOLDER, changed, main, publish, schemas

HOW_TO_GO_ON = (
    "what consumers read has changed: add an upcaster from the old shape to domain/events/upcast.py, with a test, "
    "then run `make schemas`; delete a file by hand only if its version was never released"
)


TODAY = schemas()


def test_every_event_has_a_published_schema():
    assert [name for name in TODAY if not (FOLDER / name).exists()] == [], "run `make schemas`"


def test_no_published_schema_has_changed():
    assert changed() == [], HOW_TO_GO_ON


def test_every_published_version_is_still_known():
    versions = {path.name: path.stem.rpartition(".v") for path in FOLDER.glob("*.json")}
    for name, (kind, _, version) in versions.items():
        assert 1 <= int(version) <= current_version(kind.partition(".")[0]), name


@pytest.mark.parametrize("name", sorted(TODAY))
def test_they_are_schemas(name):
    Draft202012Validator.check_schema(TODAY[name])


def test_a_changed_schema_is_not_written_over(tmp_path, monkeypatch):
    publish(tmp_path)
    name, later = (f"task.created.v{current_version('task') + more}.json" for more in (0, 1))
    old = tmp_path / name
    published = json.loads(old.read_text())
    published["properties"]["data"]["properties"]["state"]["required"].remove("priority")
    old.write_text(json.dumps(published))
    assert changed(tmp_path) == [name]
    with pytest.raises(SystemExit, match=re.escape(name)):
        main([str(tmp_path)])
    assert json.loads(old.read_text()) == published
    monkeypatch.setitem(UPCASTERS, "task", (*UPCASTERS["task"], lambda _type, data: data))
    assert changed(tmp_path) == []
    assert later in publish(tmp_path)
    assert json.loads(old.read_text()) == published


@pytest.fixture
def event():
    from tests.tasks.test_project import events  # noqa: PLC0415 - its fixtures are not ours

    return json.loads(events("t1")[0].body)


@pytest.mark.parametrize(
    "harm",
    [
        lambda event: event.pop("sequence"),
        lambda event: event["data"]["state"].pop("priority"),
        lambda event: event["data"]["state"].update(priority="high"),
        lambda event: event["data"]["state"].update(colour="red"),
        lambda event: event["data"]["state"].update(state="paused"),
        lambda event: event["data"]["changes"].update(colour="red"),
        lambda event: event.update(source="approval"),
    ],
)
def test_what_does_not_keep_its_schema_is_noticed(event, harm):
    validator = VALIDATORS[event["type"]]
    validator.validate(event)
    wrong = deepcopy(event)
    harm(wrong)
    assert broken(wrong)
    with pytest.raises(ValidationError):
        validator.validate(wrong)
