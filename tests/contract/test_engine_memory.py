"""What an engine remembers: the twin in memory and the store of each database keep it alike."""

from dataclasses import replace

import pytest

from domain.aggregates.process_definition import ProcessDefinition
from domain.deployment import FormFile, StartEvent, StoredDefinition, StoredInstance, Wait
from domain.engine_job import EngineJob
from domain.errors import Transient
from engines.in_memory import InMemory
from store.engine.incidents import Incidents
from store.engine.instances import Instances
from store.engine.jobs import Jobs
from tests.store.databases import KINDS

INSTANCE = StoredInstance("i1", "p:1", "key", "ann", "{}")


@pytest.fixture(params=["engine", *KINDS])
def kind(request):
    return request.param


@pytest.fixture
def memory(kind, request):
    if kind == "engine":
        yield InMemory()
        return
    with request.getfixturevalue("database").transaction() as connection:
        yield Instances(connection, "app")


def deployed(memory, key="p", tag=None, source=b"x"):
    version = memory.next_version(key)
    definition = ProcessDefinition(f"{key}:{version}", "app", key, version, name=key, version_tag=tag)
    stored = StoredDefinition(definition, source, "{}")
    memory.save_definition(stored)
    return stored


def saved(memory, name="i1", **more):
    memory.save(replace(INSTANCE, instance_id=name, **more))
    return memory.load(name)


def job(name, **more):
    said = {"instance_id": "i1", "root_id": "i1", "definition_id": "p:1", "definition_key": "p", "business_key": None}
    return EngineJob(job_id=name, **said, element="t", topic="x", kind="external", **more)


def kept_job(memory, name):
    if isinstance(memory, InMemory):
        return memory.jobs.get(name)
    found = Jobs(memory._connection, "app").find(name)
    return found and found.job


def job_incidents(memory):
    if isinstance(memory, InMemory):
        return sorted(memory.job_incidents)
    return sorted(one.problem["job"] for one in Incidents(memory._connection).find() if one.kind == "job")


def test_versions_are_counted_by_process(memory):
    first, second, other = deployed(memory), deployed(memory), deployed(memory, "q")
    assert [one.definition.version for one in (first, second, other)] == [1, 2, 1]
    assert (memory.latest("p"), memory.latest("none")) == (second.definition, None)
    assert (memory.definition("p:1"), memory.definition("none")) == (first, None)
    assert (memory.version("p", 1), memory.version("p", 3)) == (first.definition, None)
    assert other.definition == memory.latest("q")


def test_versions_are_found_by_tag_and_by_file(memory):
    first, second = deployed(memory, tag="a", source=b"1"), deployed(memory, tag="a", source=b"2")
    third, other = deployed(memory, source=b"1"), deployed(memory, "q", source=b"2")
    assert memory.tagged("p", "a") == second.definition
    assert (memory.tagged("p", "b"), memory.tagged("q", "a")) == (None, None)
    assert memory.deployed_with("p", first.definition.definition_id) == third.definition
    assert memory.deployed_with("q", second.definition.definition_id) == other.definition
    assert memory.deployed_with("q", first.definition.definition_id) is None
    assert memory.deployed_with("p", "none") is None


def test_an_instance_is_saved_by_versions(memory):
    assert memory.load("i1") is None
    first = saved(memory)
    assert first == replace(INSTANCE, version=1)
    memory.save(replace(first, state="[]", due="2026-11-29T00:00:00.000Z", definition_id="p:2"))
    assert memory.load("i1") == replace(
        first, version=2, state="[]", due="2026-11-29T00:00:00.000Z", definition_id="p:2"
    )
    with pytest.raises(Transient, match="i1"):
        memory.save(first)
    assert memory.load("i1").version == 2


def test_saving_does_not_say_what_only_operators_and_calls_do(memory):
    first = saved(memory)
    memory.save(replace(first, suspended=True, root_id="other"))
    assert memory.load("i1") == replace(first, version=2)


def test_a_called_instance_is_loaded_with_the_one_that_holds_it(memory):
    root = saved(memory)
    called = StoredInstance("c1", "q:1", None, "ann", "{}", root_id="i1")
    memory.save_called(called)
    assert memory.load("c1") == root
    memory.save_called(replace(called, finished=True, definition_id="q:9", state="changed"))
    memory.open_incident("c1", "t", {}, 1)
    assert memory.open_incidents("c1") == frozenset(), "it has ended"


def test_who_waits_longest_comes_first_and_keeps_the_place(memory):
    saved(memory, "i1")
    saved(memory, "i2")
    first, second = Wait("i1", "i1", "message", "m", "k"), Wait("i2", "i2", "message", "m", None)
    later, other = Wait("i1", "c1", "message", "m", None), Wait("i1", "i1", "signal", "m", None)
    memory.waits("i1", frozenset({first}))
    memory.waits("i2", frozenset({second}))
    memory.waits("i1", frozenset({other, later, first}))
    assert memory.waiting("message", "m") == [first, second, later]
    assert memory.waiting("signal", "m") == [other]
    memory.waits("i1", frozenset())
    assert memory.waiting("message", "m") == [second]
    assert memory.waiting("message", "none") == []


def test_a_process_is_started_by_what_its_last_deployment_says(memory):
    def start(key, version, name):
        return StartEvent(key, f"{key}:{version}", "s", "message", name)

    memory.starts("p", [start("p", 1, "m"), start("p", 1, "n")])
    memory.starts("q", [start("q", 1, "m")])
    assert memory.started_by("message", "m") == [start("p", 1, "m"), start("q", 1, "m")]
    memory.starts("p", [start("p", 2, "m")])
    assert memory.started_by("message", "m") == [start("q", 1, "m"), start("p", 2, "m")]
    assert (memory.started_by("message", "n"), memory.started_by("signal", "m")) == ([], [])
    memory.starts("p", [])
    assert memory.started_by("message", "m") == [start("q", 1, "m")]


@pytest.mark.parametrize("kind", ["decision", "form"])
def test_files_are_counted_and_found_by_version_and_tag(memory, kind):
    save, find = getattr(memory, f"save_{kind}"), getattr(memory, kind)

    def file(version, source):
        return FormFile(version, source) if kind == "form" else source

    saved = [save("d", tag, source) for tag, source in (("a", b"1"), (None, b"2"), ("a", b"3"), (None, b"4"))]
    assert (saved, save("e", None, b"5")) == ([1, 2, 3, 4], 1)
    found = (find("d"), find("d", version=2), find("d", tag="a"), find("e"))
    assert found == (file(4, b"4"), file(2, b"2"), file(3, b"3"), file(1, b"5"))
    assert [find("f"), find("d", version=9), find("d", tag="b")] == [None] * 3


def test_an_element_is_set_aside_once_until_somebody_decides(memory):
    saved(memory)
    memory.open_incident("i1", "t", {"detail": "first"}, 1)
    memory.open_incident("i1", "t", {"detail": "second"}, 2)
    memory.open_incident("i1", "u", {}, 1)
    memory.open_incident("none", "t", {}, 1)
    assert memory.open_incidents("i1") == {"t", "u"}
    memory.close_incident("i1", "t")
    memory.close_incident("i1", "t")
    assert (memory.open_incidents("i1"), memory.open_incidents("none")) == ({"u"}, frozenset())
    memory.open_incident("i1", "t", {}, 1)
    assert memory.open_incidents("i1") == {"t", "u"}


def test_a_job_that_is_set_aside_is_no_element(memory):
    saved(memory)
    memory.open_job(job("j1"))
    memory.open_incident("i1", "t", {"job": "j1"}, 3, "job")
    memory.open_incident("i1", "t", {"job": "j1"}, 3, "job")
    memory.open_incident("i1", "t", {"job": "j2"}, 3, "job")
    assert job_incidents(memory) == ["j1", "j2"]
    assert memory.open_incidents("i1") == frozenset()


def test_a_job_is_there_until_it_is_closed_and_stays_as_it_is(memory):
    saved(memory)
    memory.open_job(job("j1"))
    memory.open_job(job("j1", priority=9))
    memory.open_job(job("j2", retries=2))
    assert (kept_job(memory, "j1"), kept_job(memory, "j2")) == (job("j1"), job("j2", retries=2))
    memory.close_job("j1")
    memory.close_job("none")
    assert (kept_job(memory, "j1"), kept_job(memory, "j2")) == (None, job("j2", retries=2))


def test_an_instance_of_another_version_has_its_jobs_with_it(memory):
    saved(memory)
    memory.open_job(job("j1"))
    memory.open_job(replace(job("j2"), instance_id="c1"))
    memory.rebind("i1", "p:2")
    assert memory.load("i1").definition_id == "p:2"
    assert (kept_job(memory, "j1").definition_id, kept_job(memory, "j2").definition_id) == ("p:2", "p:1")


def test_only_those_of_a_key_or_one_instance_are_asked_for(memory):
    saved(memory, "i1")
    first, second = Wait("i1", "i1", "message", "m", "k"), Wait("i1", "c1", "message", "m", "l")
    memory.waits("i1", frozenset({first, second}))
    assert memory.waiting("message", "m", "l") == [second]
    assert memory.waiting("message", "m", None, "i1") == [first]
    assert memory.waiting("message", "m", "l", "i1") == []


def test_what_is_owed_is_due_at_once_and_taken_once(memory):
    now, soon, late = "2026-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"
    waits = [Wait(name, name, "signal", "s", None) for name in ("i1", "i2", "i3")]
    for wait, due in zip(waits, (None, soon, late), strict=True):
        saved(memory, wait.root_id, due=due)
        memory.waits(wait.root_id, frozenset({wait}))
    memory.owe(waits, {"n": 1}, now)
    memory.owe(waits[:1], {"n": 2}, now)
    memory.owe([], {}, now)
    assert [memory.load(wait.root_id).due for wait in waits] == [now, soon, now]
    memory.save(replace(memory.load("i1"), due=late))
    assert memory.load("i1").due == now, "it moves meanwhile, and is due all the same"
    assert memory.owed("i1") == [(waits[0], {"n": 1}), (waits[0], {"n": 2})]
    memory.save(replace(memory.load("i1"), due=None))
    assert memory.load("i1").due is None
    assert memory.owed("i1") == []
    memory.waits("i2", frozenset())
    assert memory.owed("i2") == [], "it waits for nothing any more"
    assert memory.owed("i3") == [(waits[2], {"n": 1})]
