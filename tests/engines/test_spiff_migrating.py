"""Running instances become instances of another version of their process, where what they wait at is there, too."""

import pytest

from domain.aggregates.task import MigrateTask
from domain.errors import AlreadyCompleted, CannotMigrate, NotFound
from tests.engines.world import World, bpmn, flows

TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
BOUNDARY = f'<boundaryEvent id="b" attachedToRef="t">{TIMER}</boundaryEvent><userTask id="late"/><endEvent id="e2"/>'
FIRST = bpmn(
    '<startEvent id="s"/><userTask id="old"/><userTask id="t"/><userTask id="next"/><endEvent id="e"/>'
    + flows("s", "old", "t", "next", "e")
)


def second(body, *chain):
    return bpmn(f'<startEvent id="s"/>{body}<endEvent id="e"/>{flows("s", *chain, "e")}')


def deployed(world, source, tenant=None):
    [definition] = world.act(lambda engine: engine.deploy(source, tenant=tenant)).definitions
    return definition.definition_id


def migrate(world, source, **more):
    definition = deployed(world, source)
    return world.act(lambda engine: engine.migrate(world.instance, definition, **more))


@pytest.fixture
def world():
    world = World(FIRST)
    world.start()
    world.complete("old")
    return world


def test_an_open_task_stays_and_what_comes_behind_it_is_new(world):
    task = world.task("t").engine_task_id
    found = migrate(world, second('<userTask id="t"/><scriptTask id="x"/><userTask id="other"/>', "t", "x", "other"))
    assert (found, world.words()) == ([], ["MigrateTask"])
    key, said = world.said[-1]
    assert (key.id, said) == (task, MigrateTask(world.memory.instances[world.instance].definition_id))
    assert [task.engine_task_id for task in world.open()] == [task]
    world.complete("t")
    assert world.keys() == ["other"]
    world.complete("other")
    assert world.ends() == ["FINISHED"]


def test_a_dry_run_changes_nothing(world):
    saved = world.memory.instances[world.instance]
    assert migrate(world, second('<userTask id="t"/>', "t"), dry_run=True) == []
    assert world.memory.instances[world.instance] == saved
    assert world.memory.saved == 2


@pytest.mark.parametrize(
    ("body", "chain", "reason"),
    [
        ('<userTask id="t2"/>', ("t2",), "'t' is not there in version 2"),
        ('<serviceTask id="t" camunda:type="external" camunda:topic="x"/>', ("t",), "'t' is of another kind"),
    ],
)
def test_what_is_waited_at_must_be_there_and_of_the_same_kind(world, body, chain, reason):
    saved = world.memory.instances[world.instance]
    [told] = migrate(world, second(body, *chain))
    assert reason in told
    assert world.memory.instances[world.instance] == saved


def test_a_version_of_another_tenant_is_refused(world):
    own = world.act(lambda engine: engine.start("p", {}, tenant="north"))
    theirs = world.act(lambda engine: engine.start("p", {}, tenant="south"))
    definition = deployed(world, FIRST, "north")

    def obstacles(instance):
        return world.act(lambda engine: engine.migrate(instance, definition))

    assert obstacles(own) == []
    assert world.memory.instances[own].definition_id == definition
    for instance in (world.instance, theirs):
        saved = world.memory.instances[instance]
        assert obstacles(instance) == ["version 2 is of another tenant, 'north'"]
        assert world.memory.instances[instance] == saved


def test_only_versions_of_the_same_process_that_there_are(world):
    with pytest.raises(CannotMigrate, match="another process"):
        other = bpmn('<startEvent id="s"/><userTask id="t"/>' + flows("s", "t"), key="q")
        migrate(world, other)
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.migrate(world.instance, "nothing"))
    world.act(lambda engine: engine.cancel(world.instance, None))
    with pytest.raises(AlreadyCompleted):
        migrate(world, FIRST)


def test_an_event_that_is_new_on_the_boundary_is_waited_for(world):
    assert migrate(world, second(f'<userTask id="t"/>{BOUNDARY}{flows("b", "late", "e2")}', "t")) == []
    world.pass_time(hours=2)
    assert world.keys() == ["late"]
    world.complete("late")
    assert world.ends() == ["FINISHED"]


def test_the_boundary_that_is_new_goes_with_the_task(world):
    migrate(world, second(f'<userTask id="t"/>{BOUNDARY}{flows("b", "late", "e2")}', "t"))
    world.complete("t")
    assert world.ends() == ["FINISHED"]


def test_a_boundary_event_that_is_gone_keeps_the_instance_where_it_is():
    world = World(second(f'<userTask id="t"/>{BOUNDARY}{flows("b", "late", "e2")}', "t"))
    world.start()
    assert migrate(world, second('<userTask id="t"/>', "t")) == ["'b' is not there in version 2"]


SUB = '<subProcess id="sub"><startEvent id="s1"/>{}<endEvent id="e1"/>{}</subProcess>'


def test_within_sub_processes_and_several_instances():
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    each = f'<userTask id="in">{loop}</userTask>'
    world = World(second(SUB.format(each, flows("s1", "in", "e1")), "sub"))
    world.start()
    world.complete("in")
    more = SUB.format(f'{each}<userTask id="more"/>', flows("s1", "in", "more", "e1"))
    assert migrate(world, second(f'{more}<userTask id="behind"/>', "sub", "behind")) == []
    world.complete("in")
    world.complete("more")
    world.complete("behind")
    assert world.ends() == ["FINISHED"]


def test_a_sub_process_that_has_lost_its_task():
    world = World(second(SUB.format('<userTask id="in"/>', flows("s1", "in", "e1")), "sub"))
    world.start()
    lost = SUB.format('<userTask id="other"/>', flows("s1", "other", "e1"))
    assert migrate(world, second(lost, "sub")) == ["'in' is not there in version 2"]
    assert migrate(world, second('<userTask id="t"/>', "t")) == ["'sub' is not there in version 3"]


def fork(*names, join="j"):
    tasks = "".join(f'<userTask id="{name}"/>' for name in names)
    ways = "".join(flows("f", name, join) for name in names)
    return bpmn(
        f'<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="{join}"/>{tasks}<endEvent id="e"/>'
        + flows("s", "f")
        + ways
        + flows(join, "e")
    )


def test_a_token_that_waits_at_a_join_is_still_counted():
    world = World(fork("a", "b"))
    world.start()
    world.complete("a")
    assert migrate(world, fork("a", "b")) == []
    world.complete("b")
    assert world.ends() == ["FINISHED"]


def test_a_token_that_came_over_a_flow_that_is_gone():
    world = World(fork("a", "b"))
    world.start()
    world.complete("a")
    [told] = migrate(world, fork("c", "b"))
    assert "over a flow that is gone" in told


def test_a_called_process_is_migrated_by_itself():
    world = World(second('<callActivity id="c" calledElement="q"/>', "c"))
    called = '<startEvent id="s"/><userTask id="t"/>{}<endEvent id="e"/>'
    world.act(lambda engine: engine.deploy(bpmn(called.format("") + flows("s", "t", "e"), key="q")))
    caller = world.start()
    world.instance = world.task("t").process_instance_id
    assert migrate(world, bpmn(called.format('<userTask id="u"/>') + flows("s", "t", "u", "e"), key="q")) == []
    world.complete("t")
    world.complete("u")
    assert world.ends() == ["FINISHED", "FINISHED"]
    assert world.memory.instances[caller].finished


def test_what_a_message_is_called_is_known_anew():
    def receive(name):
        body = '<startEvent id="s"/><receiveTask id="r" messageRef="m"/><endEvent id="e"/>'
        made = bpmn(body + flows("s", "r", "e"))
        return made.replace(b"</definitions>", f'<message id="m" name="{name}"/></definitions>'.encode())

    world = World(receive("paid"))
    world.start()
    assert migrate(world, receive("settled")) == []
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.correlate("paid"))
    world.act(lambda engine: engine.correlate("settled"))
    assert world.ends() == ["FINISHED"]


def test_only_tasks_of_the_instance_that_is_migrated_are_told_to_be():
    called = bpmn('<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>' + flows("s", "t", "e"), key="q")
    fork = '<parallelGateway id="f"/><userTask id="own"/><endEvent id="e2"/>' + flows("f", "own", "e2")
    world = World(second(fork + '<callActivity id="c" calledElement="q"/>', "f", "c"))
    world.act(lambda engine: engine.deploy(called))
    world.start()
    task = world.task("t")
    world.instance = task.process_instance_id
    assert migrate(world, called) == []
    told = [key.id for key, said in world.said if isinstance(said, MigrateTask)]
    assert told == [task.engine_task_id]
