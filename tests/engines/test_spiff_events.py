"""Messages, signals and conditions between instances, links, and what starts processes beside people."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import pytest

from domain.errors import Ambiguous, InvalidDefinition, NotFound
from engines.spiff.messages import AT_ONCE
from tests.engines.world import World, bpmn, flows

NAMED = b'<message id="Msg" name="paid"/><signal id="Sig" name="alarm"/><process'


def named(body: str, key: str = "p") -> bytes:
    return bpmn(body, key).replace(b"<process", NAMED, 1)


def waiting(event: str, key: str = "p") -> bytes:
    return named(
        f'<startEvent id="s"/>{event}<userTask id="after"/><endEvent id="e"/>{flows("s", "c", "after", "e")}', key
    )


MESSAGE = '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="Msg"/></intermediateCatchEvent>'
SIGNAL = '<intermediateCatchEvent id="c"><signalEventDefinition signalRef="Sig"/></intermediateCatchEvent>'
RECEIVE = '<receiveTask id="c" messageRef="Msg"/>'


@pytest.mark.parametrize("event", [MESSAGE, RECEIVE])
def test_a_message_reaches_the_one_that_waits_with_its_variables(event: str) -> None:
    world = World(waiting(event))
    world.start()
    assert world.keys() == []
    reached = world.act(lambda engine: engine.correlate("paid", variables={"amount": 5}))
    assert reached == {"processInstanceId": world.instance, "started": ""}
    assert world.task("after").payload == {"amount": 5}
    with pytest.raises(NotFound, match="nobody waits for the message 'paid'"):
        world.act(lambda engine: engine.correlate("paid"))


def test_a_receive_task_without_a_message_waits_for_one_of_its_own_name() -> None:
    world = World(waiting('<receiveTask id="c"/>'))
    world.start()
    world.act(lambda engine: engine.correlate("c"))
    assert world.keys() == ["after"]


def test_business_keys_and_variables_say_which_of_several() -> None:
    world = World(waiting(MESSAGE))
    first = world.start(business_key="A", order=1)
    second = world.start(business_key="B", order=2)
    third = world.start(business_key="B", order=3)
    with pytest.raises(Ambiguous):
        world.act(lambda engine: engine.correlate("paid"))
    with pytest.raises(Ambiguous):
        world.act(lambda engine: engine.correlate("paid", "B"))
    assert world.act(lambda engine: engine.correlate("paid", "A"))["processInstanceId"] == first
    assert world.act(lambda engine: engine.correlate("paid", correlation={"order": 2}))["processInstanceId"] == second
    assert world.act(lambda engine: engine.correlate("paid", instance_id=third))["processInstanceId"] == third
    assert len(world.open()) == 3


def test_a_message_starts_what_begins_with_it_where_nobody_waits() -> None:
    body = f'<startEvent id="s"><messageEventDefinition messageRef="Msg"/></startEvent><userTask id="t"/><endEvent id="e"/>{flows("s", "t", "e")}'
    world = World(named(body))
    begun = world.act(lambda engine: engine.correlate("paid", "K-1", variables={"x": 1}))
    assert begun["started"] == "p"
    assert (world.task("t").business_key, world.task("t").payload) == ("K-1", {"x": 1})


def test_one_of_several_starts_is_taken() -> None:
    body = (
        '<startEvent id="plain"/><startEvent id="told"><messageEventDefinition messageRef="Msg"/></startEvent>'
        f'<userTask id="a"/><userTask id="b"/><endEvent id="e"/>{flows("plain", "a", "e")}{flows("told", "b", "e")}'
    )
    world = World(named(body))
    world.start()
    assert world.keys() == ["a"]
    world.complete("a")
    assert world.ends() == ["FINISHED"]
    world.act(lambda engine: engine.correlate("paid"))
    assert world.keys() == ["b"]


def test_a_newer_version_takes_over_what_starts_it() -> None:
    def begins(event: str) -> bytes:
        return named(
            f'<startEvent id="s">{event}</startEvent><userTask id="t"/><endEvent id="e"/>{flows("s", "t", "e")}'
        )

    world = World(begins('<messageEventDefinition messageRef="Msg"/>'))
    world.act(lambda engine: engine.deploy(begins('<signalEventDefinition signalRef="Sig"/>')))
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.correlate("paid"))
    world.act(lambda engine: engine.signal("alarm"))
    assert world.keys() == ["t"]


def test_a_signal_reaches_all_who_wait_and_what_it_starts() -> None:
    world = World(waiting(SIGNAL))
    ids = sorted([world.start(), world.start()])
    begins = f'<startEvent id="s"><signalEventDefinition signalRef="Sig"/></startEvent><userTask id="t"/><endEvent id="e"/>{flows("s", "t", "e")}'
    world.act(lambda engine: engine.deploy(named(begins, "starts")))
    reached = world.act(lambda engine: engine.signal("alarm", {"loud": True}))
    assert reached["processInstanceIds"] == ids
    assert len(reached["started"]) == 1
    assert world.keys() == ["after", "after", "t"]
    assert {task.payload["loud"] for task in world.open() if task.payload} == {True}


@pytest.mark.parametrize("thrown", [True, False])
def test_a_signal_to_very_many_reaches_each_in_a_unit_of_work_of_its_own(*, thrown: bool) -> None:
    world = World(waiting(SIGNAL))
    ids = [world.start() for _ in range(AT_ONCE + 3)]
    if thrown:
        throw = f'<startEvent id="s"/><endEvent id="th"><signalEventDefinition signalRef="Sig"/></endEvent>{flows("s", "th")}'
        world.act(lambda engine: engine.deploy(named(throw, "throws")))
        world.start("throws")
    else:
        reached = world.act(lambda engine: engine.signal("alarm", {"loud": True}))
        assert reached["processInstanceIds"] == sorted(ids)
    assert len(world.open()) == AT_ONCE
    due = [name for name, stored in world.memory.instances.items() if stored.due]
    assert len(due) == len(set(ids).intersection(due)) == 3
    # One that moves on for another reason, or is suspended, is looked at all the same.
    world.act(lambda engine: engine.set_variables(due[0], {"x": 1}))
    assert world.memory.instances[due[0]].due
    for name in due:
        world.act(lambda engine, name=name: engine.fire_timers(name))
        world.act(lambda engine, name=name: engine.fire_timers(name))
    assert sorted(str(task.process_instance_id) for task in world.open()) == sorted(ids)
    assert {task.payload.get("loud") for task in world.open() if task.payload} == ({None} if thrown else {True})
    assert [stored.due for stored in world.memory.instances.values() if stored.due] == []


def test_who_is_owed_a_signal_and_has_ended_gets_none() -> None:
    world = World(waiting(SIGNAL))
    ids = [world.start() for _ in range(AT_ONCE + 1)]
    world.act(lambda engine: engine.signal("alarm"))
    world.act(lambda engine: engine.cancel(ids[-1], None))
    world.act(lambda engine: engine.fire_timers(ids[-1]))
    assert (len(world.open()), world.memory.kept) == (AT_ONCE, [])


def test_a_message_is_not_looked_for_in_the_variables_of_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engines.spiff.messages.MOST_LOOKED_AT", 2)
    world = World(waiting(MESSAGE))
    for number in range(3):
        world.start(business_key=f"K-{number}", order=number)
    with pytest.raises(Ambiguous, match="say the business key"):
        world.act(lambda engine: engine.correlate("paid", correlation={"order": 1}))
    world.act(lambda engine: engine.correlate("paid", "K-1", {"order": 1}))
    assert [task.business_key for task in world.open()] == ["K-1"]


@pytest.mark.parametrize(("event", "definition"), [(MESSAGE, "message"), (SIGNAL, "signal")])
@pytest.mark.parametrize("thrown_by", ["intermediateThrowEvent", "endEvent"])
def test_what_one_instance_throws_another_catches(event: str, definition: str, thrown_by: str) -> None:
    world = World(waiting(event))
    world.start()
    reference = f'<{definition}EventDefinition {definition}Ref="{"Msg" if definition == "message" else "Sig"}"/>'
    throw = f'<{thrown_by} id="th">{reference}</{thrown_by}>'
    last = "" if thrown_by == "endEvent" else '<endEvent id="e"/>'
    path = ("s", "th") if thrown_by == "endEvent" else ("s", "th", "e")
    world.act(lambda engine: engine.deploy(named(f'<startEvent id="s"/>{throw}{last}{flows(*path)}', "throws")))
    world.start("throws")
    assert world.ends() == ["FINISHED"]
    assert world.keys() == ["after"]


@pytest.mark.parametrize(("kind", "reference"), [("message", "Msg"), ("signal", "Sig")])
def test_what_an_instance_throws_starts_what_is_of_its_tenant_or_everybodys(kind: str, reference: str) -> None:
    event = f'<{kind}EventDefinition {kind}Ref="{reference}"/>'
    throws = f'<startEvent id="s"/><endEvent id="th">{event}</endEvent>{flows("s", "th")}'
    begins = f'<startEvent id="s">{event}</startEvent><userTask id="t"/><endEvent id="e"/>{flows("s", "t", "e")}'
    world = World(named(throws, "throws"))

    def started(thrower: str | None) -> list[tuple[str | None, str | None]]:
        before = len(world.open())
        world.act(lambda engine: engine.start("throws", {}, tenant=thrower))
        return [(task.process_definition_key, task.tenant_id) for task in world.open()[before:]]

    world.act(lambda engine: engine.deploy(named(begins, "southern"), tenant="south"))
    assert [started(None), started("north")] == [[], []]
    assert started("south") == [("southern", "south")]
    sending = {"message": lambda engine: engine.correlate("paid"), "signal": lambda engine: engine.signal("alarm")}
    world.act(sending[kind])
    assert world.open()[-1].tenant_id == "south", "whoever sends from outside decides"
    world.act(lambda engine: engine.deploy(named(begins, "shared")))
    assert started(None) == [("shared", None)]
    assert started("north") == [("shared", "north")]
    southern = world.memory.latest("southern").definition_id
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.start_at(southern, "s", {}, tenant="north"))
    world.act(lambda engine: engine.start_at(southern, "s", {}, tenant=" south "))
    assert world.open()[-1].tenant_id == "south"


def test_what_an_instance_of_a_tenant_throws_reaches_whoever_waits() -> None:
    world = World(waiting(MESSAGE))
    world.act(lambda engine: engine.start("p", {}, tenant="south"))
    throws = (
        f'<startEvent id="s"/><endEvent id="th"><messageEventDefinition messageRef="Msg"/></endEvent>{flows("s", "th")}'
    )
    world.act(lambda engine: engine.deploy(named(throws, "throws"), tenant="north"))
    world.start("throws")
    assert world.task("after").tenant_id == "south"


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_name_may_stand_at_the_event_and_needs_no_service(kind: str) -> None:
    definition = f'<{kind}EventDefinition activiti:{kind}Expression="${{what}}-7" activiti:correlationKey="${{key}}"/>'
    body = f'<userTask id="t"/><boundaryEvent id="b" attachedToRef="t">{definition}</boundaryEvent><endEvent id="e"/>'
    flow = '<sequenceFlow id="f" sourceRef="b" targetRef="after"/><userTask id="after"/>'
    world = World()
    deployed = world.act(lambda engine: engine.deploy(bpmn(f'<startEvent id="s"/>{body}{flow}{flows("s", "t", "e")}')))
    assert not deployed.warnings
    world.start(what="order")
    sending = {"message": lambda engine: engine.correlate("order-7"), "signal": lambda engine: engine.signal("order-7")}
    world.act(sending[kind])
    assert world.keys() == ["after"]


WAITERS = {
    "receiveTask": '<receiveTask id="c" messageRef="Msg"/>',
    "catch event": '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="Msg"/></intermediateCatchEvent>',
    "activiti": '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="Msg" activiti:correlationKey="${order}"/></intermediateCatchEvent>',
}


@pytest.mark.parametrize("waiter", WAITERS)
def test_what_waits_may_be_correlated_by_a_key_of_its_own(waiter: str) -> None:
    body = f'<startEvent id="s"/>{WAITERS[waiter]}<userTask id="after"/>{flows("s", "c", "after")}'
    source = named(body)
    if waiter != "activiti":
        said = b'<message id="Msg" name="paid" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements></message>'
        source = source.replace(b'<message id="Msg" name="paid"/>', said)
    assert b"correlationKey" in source
    world = World(source)
    ids = [world.start(business_key="B", order=order) for order in (7, 8, "nine")]
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.correlate("paid", "B"))
    assert world.act(lambda engine: engine.correlate("paid", "8"))["processInstanceId"] == ids[1]
    assert world.act(lambda engine: engine.correlate("paid", "nine"))["processInstanceId"] == ids[2]
    assert len(world.open()) == 2
    assert world.act(lambda engine: engine.correlate("paid", correlation={"order": 7}))["processInstanceId"] == ids[0]


def test_a_key_that_cannot_be_told_is_that_of_the_instance() -> None:
    world = World(waiting(WAITERS["activiti"]))
    world.start(business_key="B")
    world.act(lambda engine: engine.correlate("paid", "B"))
    assert world.keys() == ["after"]


def test_what_waits_without_a_key_is_not_taken_for_one_with() -> None:
    with_key = '<receiveTask id="k" messageRef="Msg" activiti:correlationKey="${order}"/>'
    fork = f'<startEvent id="s"/><parallelGateway id="f"/>{with_key}{RECEIVE}<userTask id="a"/><userTask id="b"/>'
    for order in ((("k", "a"), ("c", "b")), (("c", "b"), ("k", "a"))):
        ways = "".join(flows("f", *way) for way in order)
        world = World(named(f"{fork}{flows('s', 'f')}{ways}"))
        world.start(order=7)
        world.act(lambda engine: engine.correlate("paid", "7"))
        assert world.keys() == ["a"]
        world.act(lambda engine: engine.correlate("paid"))
        assert world.keys() == ["a", "b"]


def test_of_several_that_wait_in_one_instance_the_one_of_the_key_gets_it() -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="orders" camunda:elementVariable="order"/>'
    body = f'<startEvent id="s"/><receiveTask id="c" messageRef="Msg" activiti:correlationKey="${{order}}">{loop}</receiveTask><userTask id="after"/>{flows("s", "c", "after")}'
    world = World(named(body))
    world.start(orders=[1, 2, 3])
    for key in ("2", "3", "1"):
        assert world.keys() == []
        with pytest.raises(NotFound):
            world.act(lambda engine: engine.correlate("paid", "4"))
        world.act(lambda engine, key=key: engine.correlate("paid", key))
    assert world.keys() == ["after"]


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_what_is_thrown_hands_over_what_is_mapped(kind: str) -> None:
    world = World(waiting(MESSAGE if kind == "message" else SIGNAL))
    caught = world.start()
    reference = "Msg" if kind == "message" else "Sig"
    handed = '<camunda:in source="x" target="y"/><camunda:in sourceExpression="${x * 2}" target="twice"/>'
    thrown = (
        f'<startEvent id="s"/><endEvent id="th"><{kind}EventDefinition {kind}Ref="{reference}"><extensionElements>{handed}'
        f"</extensionElements></{kind}EventDefinition></endEvent>{flows('s', 'th')}"
    )
    world.act(lambda engine: engine.deploy(named(thrown, "throws")))
    world.start("throws", x=4, secret=1)
    [task] = world.open()
    assert (task.process_instance_id, task.payload) == (caught, {"y": 4, "twice": 8})


def test_a_message_goes_to_the_one_with_the_same_business_key() -> None:
    world = World(waiting(MESSAGE))
    world.start(business_key="A")
    wanted = world.start(business_key="B")
    throws = (
        f'<startEvent id="s"/><endEvent id="th"><messageEventDefinition messageRef="Msg"/></endEvent>{flows("s", "th")}'
    )
    world.act(lambda engine: engine.deploy(named(throws, "throws")))
    world.start("throws", business_key="B")
    assert [task.process_instance_id for task in world.open()] == [wanted]


def test_a_name_may_be_an_expression() -> None:
    source = waiting(MESSAGE).replace(b'name="paid"', b'name="paid-${number}"')
    world = World(source)
    world.start(number=7)
    world.act(lambda engine: engine.correlate("paid-7"))
    assert world.keys() == ["after"]


def test_an_event_gateway_waits_for_messages_of_others() -> None:
    body = (
        f'<startEvent id="s"/><eventBasedGateway id="g"/>{MESSAGE}'
        '<intermediateCatchEvent id="d"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>'
        f'<userTask id="paid"/><userTask id="late"/><endEvent id="e"/>{flows("s", "g", "c", "paid", "e")}{flows("g", "d", "late", "e")}'
    )
    world = World(named(body))
    world.start()
    world.act(lambda engine: engine.correlate("paid"))
    assert world.keys() == ["paid"]
    world.complete("paid")
    assert world.ends() == ["FINISHED"]
    assert world.memory.waited == {}


def test_a_boundary_message_that_does_not_interrupt_may_come_again() -> None:
    body = (
        '<startEvent id="s"/><userTask id="t"/><boundaryEvent id="c" attachedToRef="t" cancelActivity="false"><messageEventDefinition messageRef="Msg"/></boundaryEvent>'
        f'<userTask id="told"/><endEvent id="e"/><endEvent id="e2"/>{flows("s", "t", "e")}{flows("c", "told", "e2")}'
    )
    world = World(named(body))
    world.start()
    for _ in range(3):
        world.act(lambda engine: engine.correlate("paid"))
    assert world.keys() == ["t", "told", "told", "told"]
    world.complete("t")
    assert world.keys() == ["told", "told", "told"], "they stay until they are done"
    with pytest.raises(NotFound):
        world.act(lambda engine: engine.correlate("paid"))
    for task in world.open():
        world.complete_id(task.engine_task_id)
    assert world.ends() == ["FINISHED"]


def test_an_event_sub_process_that_does_not_interrupt_may_begin_again() -> None:
    body = (
        '<startEvent id="s"/><userTask id="t"/><endEvent id="e"/><subProcess id="es" triggeredByEvent="true"><startEvent id="ess" isInterrupting="false"><signalEventDefinition signalRef="Sig"/></startEvent>'
        f'<userTask id="told"/><endEvent id="ese"/>{flows("ess", "told", "ese")}</subProcess>{flows("s", "t", "e")}'
    )
    world = World(named(body))
    world.start()
    for _ in range(2):
        world.act(lambda engine: engine.signal("alarm"))
    assert world.keys() == ["t", "told", "told"]
    world.complete("t")
    assert world.keys() == ["told", "told"]
    for task in world.open():
        world.complete_id(task.engine_task_id)
    assert world.ends() == ["FINISHED"]


def test_a_condition_is_looked_at_when_something_changes() -> None:
    event = '<intermediateCatchEvent id="c"><conditionalEventDefinition><condition>${amount &gt; 5}</condition></conditionalEventDefinition></intermediateCatchEvent>'
    world = World(waiting(event))
    world.start(amount=1)
    world.act(lambda engine: engine.set_variables(world.instance, {"amount": 3}))
    assert world.keys() == []
    world.act(lambda engine: engine.set_variables(world.instance, {"amount": 9}))
    assert world.keys() == ["after"]


def test_a_link_goes_on_where_it_is_caught() -> None:
    links = '<intermediateThrowEvent id="th"><linkEventDefinition name="L"/></intermediateThrowEvent><intermediateCatchEvent id="ca"><linkEventDefinition name="L"/></intermediateCatchEvent>'
    body = f'<startEvent id="s"/><userTask id="a"/>{links}<userTask id="b"/><endEvent id="e"/>{flows("s", "a", "th")}{flows("ca", "b", "e")}'
    world = World(bpmn(body))
    world.start()
    world.complete("a")
    assert world.keys() == ["b"]
    with pytest.raises(InvalidDefinition, match=r"th: no link event catches 'M'"):
        World(
            bpmn(
                body.replace(
                    '<linkEventDefinition name="L"/></intermediateThrowEvent>',
                    '<linkEventDefinition name="M"/></intermediateThrowEvent>',
                )
            )
        )


def test_a_message_event_with_a_service_calls_it() -> None:
    told: list[int] = []
    body = f'<startEvent id="s"/><endEvent id="e"><messageEventDefinition camunda:delegateExpression="${{echo}}"/></endEvent>{flows("s", "e")}'
    world = World(bpmn(body), {"echo": lambda _: told.append(1)})
    world.start()
    assert told == [1]
    assert world.ends() == ["FINISHED"]


def gateway(*catches: str) -> bytes:
    """A gateway of events `c0`, `c1` and so on, each with a task `t0`, `t1` and so on behind it."""
    events = "".join(
        f'<intermediateCatchEvent id="c{at}">{one}</intermediateCatchEvent><userTask id="t{at}"/>'
        for at, one in enumerate(catches)
    )
    ways = "".join(flows("g", f"c{at}", f"t{at}") for at in range(len(catches)))
    return bpmn(f'<startEvent id="s"/><eventBasedGateway id="g"/>{events}{flows("s", "g")}{ways}')


ASKS = "<conditionalEventDefinition><condition>${{{name} != null}}</condition></conditionalEventDefinition>"
LATER = "<timerEventDefinition><timeDuration>{time}</timeDuration></timerEventDefinition>"


@pytest.mark.parametrize(("variables", "task"), [({"a": 1}, "t0"), ({"b": 1}, "t1")])
def test_an_event_gateway_waits_for_conditions(variables: dict[str, int], task: str) -> None:
    source = gateway(ASKS.format(name="a"), ASKS.format(name="b"))
    world = World(source)
    world.start(a=None, b=None)
    assert world.keys() == []
    world.act(lambda engine: engine.set_variables(world.instance, variables))
    assert world.keys() == [task]
    world = World(source)
    world.start(**({"a": None, "b": None} | variables))
    assert world.keys() == [task]


@pytest.mark.parametrize(("times", "task"), [(("PT2H", "PT1H"), "t1"), (("PT1H", "PT2H"), "t0")])
def test_each_timer_of_an_event_gateway_has_its_own_time(times: tuple[str, str], task: str) -> None:
    world = World(gateway(*(LATER.format(time=time) for time in times)))
    world.start()
    world.pass_time(minutes=59)
    assert (world.keys(), world.memory.instances[world.instance].due) == ([], "2026-11-22T11:00:00.000Z")
    world.pass_time(minutes=2)
    assert world.keys() == [task]
    world.pass_time(hours=3)
    assert world.keys() == [task]


@pytest.mark.parametrize("place", ["boundary", "event sub-process"])
def test_a_condition_that_does_not_interrupt_fires_once_for_each_change(place: str) -> None:
    event = "<conditionalEventDefinition><condition>${n > 3}</condition></conditionalEventDefinition>"
    beside = {
        "boundary": f'<boundaryEvent id="b" attachedToRef="t" cancelActivity="false">{event}</boundaryEvent><userTask id="x"/>'
        + flows("b", "x"),
        "event sub-process": '<subProcess id="es" triggeredByEvent="true"><startEvent id="es_s" isInterrupting="false">'
        f'{event}</startEvent><userTask id="x"/>{flows("es_s", "x")}</subProcess>',
    }
    world = World(
        bpmn(f'<startEvent id="s"/><userTask id="t"/>{beside[place]}<endEvent id="e"/>{flows("s", "t", "e")}')
    )
    world.start(n=1)
    for number, expected in ((5, 1), (5, 1), (6, 2), (2, 2), (6, 3)):
        world.act(lambda engine, number=number: engine.set_variables(world.instance, {"n": number}))
        assert world.keys() == ["t", *["x"] * expected]


@pytest.mark.parametrize("in_turn", ["true", "false"])
@pytest.mark.parametrize("kind", ["receiveTask", "sendTask"])
def test_messages_are_received_and_sent_several_times(kind: str, in_turn: str) -> None:
    several = f'<multiInstanceLoopCharacteristics isSequential="{in_turn}"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>'
    world = World(named(f'<startEvent id="s"/><{kind} id="c" messageRef="Msg">{several}</{kind}>{flows("s", "c")}'))
    world.start()
    for _ in range(2 if kind == "receiveTask" else 0):
        assert world.ends() == []
        world.act(lambda engine: engine.correlate("paid", instance_id=world.instance))
    assert (world.incidents(), world.ends()) == ({}, ["FINISHED"])
