"""The picture of a process over HTTP, and who has what it waits for: real stores and a real engine, no broker."""

import pytest

from tests.engines.world import bpmn, flows
from tests.support.broad import BROAD, MINE, broad, fits
from tests.support.outside import ADMIN, SERVICE
from webapp.api import instance_answers

__all__ = ["broad"]
HELD = bpmn(
    '<startEvent id="s"/><userTask id="hers" camunda:assignee="ann"/><endEvent id="e"/>'
    '<subProcess id="sub"><startEvent id="s1"/><userTask id="theirs" camunda:candidateGroups="clerks,heads"/>'
    + flows("s1", "theirs")
    + "</subProcess>"
    + flows("s", "hers", "e")
    + flows("s", "sub", "e"),
    key="held",
)


def asked(system, instance_id=None, headers=ADMIN, **more):
    path = f"/api/v1/process-instances/{instance_id or system.instance}/diagram"
    return system.client.get(path, headers={**headers, **more})


def test_operators_have_the_model_as_it_was_deployed(broad):
    found = fits(asked(broad), instance_answers.Diagram)
    assert found["definitionId"].startswith("broad:1:")
    assert found["xml"].encode() == BROAD.split(b"?>", 1)[-1]


def test_others_who_may_read_the_instance_have_its_picture_only(broad):
    xml = fits(asked(broad, headers=MINE), instance_answers.Diagram)["xml"]
    assert 'name="Do it"' in xml
    for hidden in ("${nothing}", "PT1H", "loopCardinality", "camunda"):
        assert hidden not in xml


def test_others_do_not_learn_of_it(broad):
    assert asked(broad, headers=SERVICE).status_code == 404
    assert asked(broad, "nothing").status_code == 404
    assert asked(broad, headers={}).status_code == 401


def test_it_is_not_sent_twice_and_not_kept_for_others(broad):
    first = asked(broad)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = asked(broad, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert asked(broad, headers=MINE, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("told", [{"processDefinitionId": None}, {"processDefinitionId": "x"}, {"application": "else"}])
def test_where_there_is_no_model_it_says_so(broad, told, monkeypatch):
    """An engine outside may name its definitions as one of ours does."""
    seen = type(broad.client.application.extensions["taskpool"].processes)
    inner = seen.instance
    monkeypatch.setattr(seen, "instance", lambda self, name, user: {**inner(self, name, user), **told})
    if "application" in told:
        broad.operations.databases.store_of = lambda _name: "app"
    answer = asked(broad)
    assert (answer.status_code, answer.get_json()["type"]) == (404, "urn:taskpool:problem/not-found")
    assert "keeps the model to itself" in answer.get_json()["detail"]


def test_who_has_a_task_is_told_to_who_may_read_the_instance(broad):
    broad.application.deploy(HELD)
    with broad.application.unit_of_work() as work:
        instance = work.engine.start("held", {}, None, "approver1")
    items = fits(broad.stands(instance, MINE), instance_answers.ActivityList)["items"]
    found = {one["element"]: (one["assignee"], one["candidateGroups"]) for one in items}
    assert found == {"hers": ("ann", []), "theirs": (None, ["clerks", "heads"]), "sub": (None, [])}
