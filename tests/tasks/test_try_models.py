"""Models played in a scratch application: what is said of each, and with which answers."""

# ruff: noqa: E501 - BPMN reads better on one line

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from engines.spiff import steps
from tasks.operate import try_scratch
from tasks.operate.try_answers import Answers
from tasks.operate.try_hints import asked_by_decisions, hints
from tasks.operate.try_models import MOST_PLAYS, ONLY_CALLED, Given, Result, processes_of, try_beside, try_file
from tasks.operate.try_play import ENDED
from tests.engines.world import bpmn, flows, one_task
from workers.cli.main import main

SAMPLES = os.environ.get("TASKPOOL_BPMN_SAMPLES")
CHOICE = bpmn(
    '<startEvent id="s"/><userTask id="t"/><exclusiveGateway id="g" default="no"/><userTask id="more"/><endEvent id="e"/>'
    '<endEvent id="e2"/><sequenceFlow id="a" sourceRef="s" targetRef="t"/><sequenceFlow id="b" sourceRef="t" targetRef="g"/>'
    '<sequenceFlow id="yes" sourceRef="g" targetRef="more"><conditionExpression>${order.total &gt; 100 and kind == "big"}'
    '</conditionExpression></sequenceFlow><sequenceFlow id="no" sourceRef="g" targetRef="e"/>'
    '<sequenceFlow id="c" sourceRef="more" targetRef="e2"/>'
)
FAILS = bpmn(
    f'<startEvent id="s"/><userTask id="t"/><serviceTask id="x" camunda:class="Missing"/><endEvent id="e"/>'
    f"{flows('s', 't', 'x', 'e')}"
)
FORM = bpmn(
    '<startEvent id="s"/><userTask id="t"><extensionElements><camunda:formData><camunda:formField id="n" type="long">'
    '<camunda:validation><camunda:constraint name="min" config="10"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="fixed" type="string" defaultValue="x"><camunda:validation><camunda:constraint name="readonly"/>'
    '</camunda:validation></camunda:formField><camunda:formField id="word" type="string"><camunda:validation>'
    '<camunda:constraint name="minlength" config="7"/></camunda:validation></camunda:formField></camunda:formData>'
    f'</extensionElements></userTask><endEvent id="e"/>{flows("s", "t", "e")}'
)

DECISION = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x"><decision id="risk" name="r">'
    b'<decisionTable id="t" hitPolicy="FIRST"><input id="i"><inputExpression id="ie"><text>amount</text></inputExpression></input>'
    b'<input id="j"><inputExpression id="je"><text>kind</text></inputExpression></input><output id="o" name="risk"/>'
    b'<rule id="r1"><inputEntry id="a1"><text>&gt; 1000</text></inputEntry><inputEntry id="b1"><text>"loan"</text></inputEntry>'
    b'<outputEntry id="c1"><text>"high"</text></outputEntry></rule></decisionTable></decision></definitions>'
)


def only(source, services=None, others=None):
    [result] = try_file("a.bpmn", source, Given(others or {}, stub=services == "stub"))
    return result


def middle(element, key="p"):
    return bpmn(f'<startEvent id="s"/>{element}<endEvent id="e"/>{flows("s", "m", "e")}', key)


def test_both_branches_are_taken_and_counted():
    result = only(CHOICE)
    assert (result.outcome, result.flows_taken, result.flows, result.untaken) == ("ended", 5, 5, ())
    assert not result.failed


def test_forms_get_answers_that_they_take():
    assert only(FORM) == Result("a.bpmn", "p", "ended", None, 1, 1, 2, 2, reached="completion")


def test_a_service_that_is_missing_fails_the_person_before_it_and_does_nothing_as_a_stub():
    failed = only(FAILS)
    assert (failed.outcome, failed.element, failed.reached, failed.failed) == ("incident", "x", "completion", True)
    assert "'Missing'" in failed.reason
    assert only(FAILS, "stub").outcome == "ended"


@pytest.mark.parametrize(
    ("source", "outcome", "reason"),
    [
        (middle('<serviceTask id="m" camunda:class="Missing"/>'), "incident", "'Missing'"),
        (b"<nothing>", "refused at deploy", "line 1"),
        (
            middle(
                '<intermediateCatchEvent id="m"><messageEventDefinition messageRef="n"/></intermediateCatchEvent>'
            ).replace(b"<process", b'<message id="n" name="n"/><process'),
            "ended",
            "",
        ),
        (
            middle(
                '<intermediateCatchEvent id="m"><conditionalEventDefinition><condition>${1 == 2}</condition>'
                "</conditionalEventDefinition></intermediateCatchEvent>"
            ),
            "waits",
            "conditional at m",
        ),
        (
            middle(
                '<intermediateCatchEvent id="m"><timerEventDefinition><timeDuration>P400D</timeDuration>'
                "</timerEventDefinition></intermediateCatchEvent>"
            ),
            "ended",
            "",
        ),
    ],
)
def test_outcomes(source, outcome, reason):
    result = only(source)
    assert result.outcome == outcome
    assert reason in (result.reason or "")


def test_a_boundary_timer_is_seen_too():
    timer = (
        '<userTask id="m"/><boundaryEvent id="b" attachedToRef="m"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></boundaryEvent><endEvent id="late"/><sequenceFlow id="l" sourceRef="b" targetRef="late"/>'
    )
    assert only(middle(timer)).untaken == ()


def test_what_fails_when_a_timer_fires_is_an_incident():
    body = (
        '<startEvent id="s"/><intermediateCatchEvent id="m"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></intermediateCatchEvent><serviceTask id="x" camunda:class="Missing"/><endEvent id="e"/>'
    )
    result = only(bpmn(body + flows("s", "m", "x", "e")))
    assert (result.outcome, result.element, result.reached, result.failed) == ("incident", "x", "timer", False)


def test_what_fails_behind_a_border_is_an_incident_of_nobody():
    result = only(middle('<serviceTask id="m" camunda:class="Missing" camunda:asyncBefore="true"/>'))
    assert (result.outcome, result.element, result.reached, result.failed) == ("incident", "m", "timer", False)


def test_external_tasks_wait_and_are_done_by_stubs():
    source = middle('<serviceTask id="m" camunda:type="external" camunda:topic="charge"/>')
    waits = only(source)
    assert (waits.outcome, waits.reason, waits.failed) == ("waits", "job charge at m", False)
    done = only(source, "stub")
    assert (done.outcome, done.reached, done.plays) == ("ended", "job", 1)


EVENTS = (
    '<userTask id="m"/><subProcess id="x" triggeredByEvent="true"><startEvent id="xs"><messageEventDefinition messageRef="stop"/>'
    f'</startEvent><endEvent id="xe"/>{flows("xs", "xe")}</subProcess>'
    '<boundaryEvent id="b" attachedToRef="m" cancelActivity="false"><signalEventDefinition signalRef="note"/></boundaryEvent>'
    '<userTask id="n"/><endEvent id="ne"/><sequenceFlow id="bn" sourceRef="b" targetRef="n"/>'
    '<sequenceFlow id="nne" sourceRef="n" targetRef="ne"/>'
)


def named(source, kind, *names):
    said = "".join(f'<{kind} id="{name}" name="{name}"/>' for name in names)
    return source.replace(b"<process", f"{said}<process".encode(), 1)


def test_messages_and_signals_are_sent_beside_tasks():
    result = only(named(named(middle(EVENTS), "message", "stop"), "signal", "note"))
    assert (result.outcome, result.untaken) == ("ended", ())


@pytest.mark.parametrize("kind", ["message", "signal", "timer"])
def test_a_process_is_started_by_its_events(kind):
    wanted = (
        f'<{kind}EventDefinition {kind}Ref="go"/>'
        if kind != "timer"
        else ("<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>")
    )
    source = bpmn(
        f'<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>{flows("s", "a", "e")}'
        f'<startEvent id="s2">{wanted}</startEvent><scriptTask id="b"><script>c = 1</script></scriptTask><endEvent id="e2"/>'
        '<sequenceFlow id="s2b" sourceRef="s2" targetRef="b"/><sequenceFlow id="be2" sourceRef="b" targetRef="e2"/>'
    )
    result = only(source if kind == "timer" else named(source, kind, "go"))
    assert (result.outcome, result.plays, result.untaken) == ("ended", 2, ())


def test_it_is_enough_when_nothing_new_comes():
    never = CHOICE.replace(b"${order.total", b"${1 == 2 and order.total")
    assert (only(never).plays, only(never).untaken) == (6, ("c", "yes"))
    assert MOST_PLAYS == 20


def test_what_only_others_call_is_told():
    alone = middle('<userTask id="m"/>').replace(
        b'<process id="p"', b'<process id="p" camunda:isStartableInTasklist="false"'
    )
    assert (only(alone).outcome, only(alone).note) == ("ended", ONLY_CALLED)
    assert only(middle('<userTask id="m"/>')).note is None


def test_what_is_not_given_does_nothing_as_a_stub_and_is_told():
    source = middle('<callActivity id="m" calledElement="elsewhere"/>')
    assert (only(source).outcome, only(source).lacking) == ("incident", ("process elsewhere",))
    assert (only(source, "stub").outcome, only(source, "stub").lacking) == ("ended", ("process elsewhere",))
    source = middle('<businessRuleTask id="m" camunda:decisionRef="risk" camunda:resultVariable="r"/>')
    assert (only(source).outcome, only(source).element) == ("incident", "m")
    assert (only(source, "stub").outcome, only(source, "stub").lacking) == ("ended", ("decision risk",))


def test_decisions_that_are_given_are_made():
    source = middle('<businessRuleTask id="m" camunda:decisionRef="risk" camunda:resultVariable="r"/>')
    [result] = try_file("a.bpmn", source, Given(beside=(DECISION,)))
    assert (result.outcome, result.lacking) == ("ended", ())
    assert asked_by_decisions(DECISION) == {"amount": [1000, 1001, 999], "kind": ["loan"]}
    assert try_beside("a.dmn", DECISION).outcome == "deployed"


def test_a_file_that_holds_no_decisions_is_refused():
    refused = try_beside("a.dmn", b"<nothing/>")
    assert (refused.outcome, refused.failed) == ("refused at deploy", False)


def test_a_process_of_another_file_can_be_called():
    called, caller = middle('<userTask id="m"/>', "other"), middle('<callActivity id="m" calledElement="other"/>')
    assert only(caller).failed
    assert processes_of(called) == ["other"]
    assert only(caller, others={"other": called}).outcome == "ended"


def test_what_goes_on_for_ever_is_ended(monkeypatch):
    loop = middle('<scriptTask id="m"><script>a = 1</script></scriptTask>').replace(b'targetRef="e"', b'targetRef="m"')
    monkeypatch.setattr(steps, "MAX_STEPS", 500)
    assert only(loop).outcome == "incident"
    monkeypatch.setattr(try_scratch, "SECONDS", -1)
    assert "takes longer" in only(loop).reason


def test_answers_with_which_a_model_goes_round_do_not_count_where_others_end_it(monkeypatch):
    loop = (
        '<userTask id="m"/><exclusiveGateway id="g" default="out"/><sequenceFlow id="mg" sourceRef="m" targetRef="g"/>'
        '<scriptTask id="a"><script>b = 1</script></scriptTask><sequenceFlow id="ag" sourceRef="a" targetRef="g"/>'
        '<sequenceFlow id="ga" sourceRef="g" targetRef="a"><conditionExpression>${again}</conditionExpression></sequenceFlow>'
        '<endEvent id="e"/><sequenceFlow id="out" sourceRef="g" targetRef="e"/><startEvent id="s"/>'
    )
    monkeypatch.setattr(try_scratch, "MOST_ELEMENTS", 100)
    source = bpmn(loop + flows("s", "m"))
    assert (only(source).outcome, only(source).failed) == ("ended", False)
    always = only(source.replace(b"${again}", b"${1 == 1}"))
    assert (always.outcome, always.failed) == ("GOES ROUND without anybody", True)


def test_each_of_several_values_has_its_turn():
    ways = "".join(
        f'<endEvent id="e{value}"/><sequenceFlow id="f{value}" sourceRef="g" targetRef="e{value}"><conditionExpression>'
        f"${{way == '{value}'}}</conditionExpression></sequenceFlow>"
        for value in "abcdefg"
    )
    source = bpmn(f'<startEvent id="s"/><userTask id="m"/><exclusiveGateway id="g"/>{flows("s", "m", "g")}{ways}')
    assert (only(source).outcome, only(source).untaken) == ("ended", ())


def test_as_a_stub_each_condition_that_cannot_be_told_has_its_turn():
    ways = "".join(
        f'<endEvent id="e{name}"/><sequenceFlow id="f{name}" sourceRef="g" targetRef="e{name}"><conditionExpression>'
        f"${{bean.is{name}(x)}}</conditionExpression></sequenceFlow>"
        for name in "ABCD"
    )
    source = bpmn(f'<startEvent id="s"/><userTask id="m"/><exclusiveGateway id="g"/>{flows("s", "m", "g")}{ways}')
    assert only(source).outcome == "incident"
    assert (only(source, "stub").outcome, only(source, "stub").untaken) == ("ended", ())


def test_what_begins_again_until_a_bean_is_content_ends():
    ways = (
        '<sequenceFlow id="again" sourceRef="g" targetRef="m"><conditionExpression>${!bean.ok()}</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="out" sourceRef="g" targetRef="e"><conditionExpression>${bean.ok()}</conditionExpression></sequenceFlow>'
    )
    source = bpmn(
        f'<startEvent id="s"/><userTask id="m"/><exclusiveGateway id="g"/><endEvent id="e"/>{flows("s", "m", "g")}{ways}'
    )
    assert (only(source, "stub").outcome, only(source, "stub").untaken) == ("ended", ())


def test_time_passes_before_what_is_waited_for_comes_too():
    limit = (
        '<receiveTask id="m" messageRef="n"/><boundaryEvent id="b" attachedToRef="m"><timerEventDefinition>'
        '<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="late"/>'
        '<sequenceFlow id="l" sourceRef="b" targetRef="late"/>'
    )
    result = only(named(middle(limit), "message", "n"))
    assert (result.outcome, result.untaken) == ("ended", ())


def test_timers_get_times():
    source = middle(
        '<intermediateCatchEvent id="m"><timerEventDefinition><timeDate>${at}</timeDate></timerEventDefinition>'
        "</intermediateCatchEvent>"
    )
    assert hints(source).values == {"at": ["2026-02-01T09:00:00Z"]}
    assert only(source).outcome == "ended"


def test_values_are_what_conditions_compare_with():
    source = CHOICE.replace(b"</process>", b'<userTask id="z" name="Hello ${who}"/></process>')
    assert hints(source).values == {"order.total": [100, 101], "kind": ["big", "not big"], "who": ["text"]}
    first, second, third, fourth = (Answers(hints(source).values, (), play).variables(()) for play in range(4))
    assert first == {"order": {"total": 100}, "kind": "big", "who": "text"}
    assert second == {"order": {"total": 101}, "kind": "not big", "who": "text"}
    assert (third["kind"], third["order"]) == ("big", {"total": 101})
    assert (fourth["kind"], fourth["order"]) == ("not big", {"total": 100})


def test_values_fit_what_they_are_needed_for():
    source = middle('<callActivity id="m" calledElement="${which}" name="${who} ${amount * 2}"/>')
    other = source.replace(b"</definitions>", b'<process id="q"/></definitions>')
    assert hints(other).values == {"which": ["q"], "who": ["text"], "amount": [1]}


def test_scripts_get_what_they_do_not_assign_themselves():
    script = "<scriptTask id='m'><script>a = b + 1\nc = a * 2</script></scriptTask>"
    assert hints(middle(script)).values == {"b": [1]}
    assert only(middle(script)).outcome == "ended"


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("${!approved}", {"approved": [True, False]}),
        ("${'a' eq x}", {"x": ["a", "not a"]}),
        ('${x == "a" || x == "b"}', {"x": ["a", "b"]}),
        ("${x.equals('a')}", {"x": ["a", "not a"]}),
        ("${left &gt; 0 || left == 0}", {"left": [0, 1]}),
        ("${100 &lt; n}", {"n": [100, 101]}),
        ("${x == null || x.equals('a')}", {"x": ["a", "text", None]}),
        ("${not empty x}", {"x": ["text", None]}),
        ("=not(is defined(x))", {}),
        ("${ok == true and n >= 1.5}", {"ok": [True, False], "n": [1.5, 0.5]}),
    ],
)
def test_conditions(condition, values):
    flow = f'<sequenceFlow id="f" sourceRef="a" targetRef="b"><conditionExpression>{condition}</conditionExpression></sequenceFlow>'
    assert hints(bpmn(flow)).values == values


def test_the_command(tmp_path):
    good, bad = tmp_path / "good.bpmn", tmp_path / "bad.bpmn"
    good.write_bytes(CHOICE)
    bad.write_bytes(FAILS)
    told = CliRunner().invoke(main, ["try", str(good), str(bad)])
    assert (told.exit_code, "incident at x" in told.output, "5/5" in told.output) == (1, True, True)
    told = CliRunner().invoke(main, ["try", str(good), str(bad), "--services", "stub", "--json"])
    assert told.exit_code == 0
    assert [one["outcome"] for one in json.loads(told.stdout)] == ["ended", "ended"]


@pytest.mark.skipif(not SAMPLES, reason="there are no samples")
def test_samples_with_stubs():
    paths = sorted(path for path in Path(SAMPLES or ".").iterdir() if path.suffix in (".bpmn", ".xml"))
    others = {key: path.read_bytes() for path in paths for key in processes_of(path.read_bytes())}
    given = Given(others, stub=True)
    results = [one for path in paths for one in try_file(path.name, path.read_bytes(), given)]
    ended = [one for one in results if one.outcome == ENDED]
    assert len(ended) >= len(results) - 1, [one for one in results if one.outcome != ENDED]


def test_a_form_beside_a_model_is_answered():
    form = {
        "id": "f",
        "components": [{"type": "number", "key": "n", "validate": {"required": True, "min": 4, "max": 5}}],
    }
    source = one_task('<userTask id="t" camunda:formRef="f"/>')
    (tried,) = try_file("a.bpmn", source, Given(beside=[json.dumps(form).encode()]))
    assert (tried.outcome, tried.tasks > 0) == ("ended", True)
    assert try_beside("a.form", json.dumps(form).encode()).outcome == "deployed"
    assert try_beside("a.form", b"{").outcome == "refused at deploy"


def test_what_is_left_over_is_taken_where_there_is_a_way_without_a_condition():
    ways = "".join(
        f'<userTask id="{kind}"/><sequenceFlow id="to-{kind}" sourceRef="g" targetRef="{kind}"><conditionExpression>'
        f'${{kind == \'{kind}\'}}</conditionExpression></sequenceFlow><sequenceFlow id="of-{kind}" sourceRef="{kind}"'
        ' targetRef="e"/>'
        for kind in ("red", "blue")
    )
    begins = '<startEvent id="s"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="g"/>'
    closed = f'{begins}<exclusiveGateway id="g"/>{ways}'
    left_over = '<sequenceFlow id="else" sourceRef="g" targetRef="e"/>'
    assert hints(bpmn(closed)).values == {"kind": ["red", "blue"]}
    assert only(bpmn(closed.replace('id="g"/', 'id="g" default="else"/') + left_over)).untaken == ()


def test_a_time_limit_around_them_does_not_keep_jobs_from_being_done():
    job = '<serviceTask id="j" camunda:type="external" camunda:topic="t"/>'
    choice = (
        '<exclusiveGateway id="g" default="again"/><endEvent id="se"/>'
        '<sequenceFlow id="a" sourceRef="ss" targetRef="j"/><sequenceFlow id="b" sourceRef="j" targetRef="g"/>'
        '<sequenceFlow id="again" sourceRef="g" targetRef="j"/><sequenceFlow id="c" sourceRef="g" targetRef="se">'
        "<conditionExpression>${progress != 'none'}</conditionExpression></sequenceFlow>"
    )
    around = (
        '<boundaryEvent id="late" attachedToRef="m"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></boundaryEvent><endEvent id="le"/><sequenceFlow id="l" sourceRef="late" targetRef="le"/>'
    )
    source = middle(f'<subProcess id="m"><startEvent id="ss"/>{job}{choice}</subProcess>{around}')
    assert only(source, "stub").untaken == ()


def test_what_has_one_value_does_not_keep_others_from_all_combinations():
    values = {"a": [1, 2], "between": ["x"], "c": [1, 2]}
    given = [Answers(values, (), play).variables(()) for play in range(4)]
    assert {(one["a"], one["c"]) for one in given} == {(1, 1), (2, 2), (1, 2), (2, 1)}
