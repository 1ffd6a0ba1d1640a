"""What an application lets people see of its engine's variables, when a task begins and while it waits."""

from dataclasses import replace

import pytest

from domain.aggregates.process_variable import RemoveVariable, SetVariable, fold, variable_of
from domain.aggregates.task import AssignTask, ChangeCandidates, ChangeTask, CompleteTask, UserTask
from domain.identity import Key
from engines.collecting import (
    Assignment,
    Collecting,
    Correlation,
    Place,
    filtered,
    from_variables,
    ids_at,
    name_filter,
)
from tests.engines.world import World, bpmn, flows

TASK = UserTask(
    "t", "app", process_definition_key="p", task_definition_key="a", assignee="model", candidate_users=("m",)
)
VARIABLES = {"amount": 5, "secret": "s", "customer": {"id": 7, "orders": [{"no": "A"}, {"no": "B"}]}}
TWO = bpmn(
    '<startEvent id="s"/><parallelGateway id="fork"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
    + flows("s", "fork", "a")
    + flows("fork", "b", "c")
)


def rules(*put):
    made = Collecting()
    for place, enricher in put:
        made.enrich(place, enricher)
    return made


def only(*names):
    return filtered(name_filter(names, None))


@pytest.mark.parametrize(
    ("put", "payload"),
    [
        ((), VARIABLES),
        (((Place(), only("amount")),), {"amount": 5}),
        (((Place(), filtered(name_filter(None, ("secret", "customer")))),), {"amount": 5}),
        (((Place(), only("amount")), (Place("p"), only("secret"))), {"secret": "s"}),
        (((Place("p"), only("secret")), (Place("p", "a"), only("amount"))), {"amount": 5}),
        (((Place("q"), only("secret")), (Place("p", "b"), only("amount"))), VARIABLES),
        (((Place(), only()),), {}),
        (((Place("p"), lambda task, variables: {task.task_definition_key: len(variables)}),), {"a": 3}),
    ],
)
def test_the_most_specific_rule_says_what_is_payload(put, payload):
    assert rules(*put).collected(TASK, VARIABLES).payload == payload


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("amount", ["5"]),
        ("customer.id", ["7"]),
        ("customer.orders.no", ["A", "B"]),
        ("customer", []),
        ("customer.orders", []),
        ("amount.x", []),
        ("missing.x", []),
    ],
)
def test_ids_are_found_by_path_also_in_lists(path, ids):
    assert ids_at(VARIABLES, path) == ids


@pytest.mark.parametrize("nothing", [None, "", " ", True, [], {}, [None]])
def test_what_is_no_id_correlates_with_nothing(nothing):
    assert ids_at({"a": nothing}, "a") == []


def test_a_variable_whose_name_has_a_dot_is_not_a_path():
    assert ids_at({"a.b": 1, "a": {"b": 2}}, "a.b") == ["1"]


def test_correlations_of_every_place_that_holds_are_told_once_each():
    made = Collecting()
    made.correlate(Place(), Correlation("request", "amount"))
    made.correlate(Place(), Correlation("order", "customer.orders.no"))
    made.correlate(Place("p"), Correlation("customer", "customer.id", "crm"))
    made.correlate(Place("p", "a"), Correlation("request", "amount"))
    made.correlate(Place("p", "a"), Correlation("invoice", "amount"))
    made.correlate(Place("p", "b"), Correlation("never", "amount"))
    found = [tuple(one.values()) for one in made.collected(TASK, VARIABLES).correlations]
    assert found == [
        ("app", "request", "5"),
        ("app", "order", "A"),
        ("app", "order", "B"),
        ("crm", "customer", "7"),
        ("app", "invoice", "5"),
    ]


@pytest.mark.parametrize(
    ("variables", "assignee", "users", "groups"),
    [
        ({}, "model", ("m",), ()),
        ({"who": " ann ", "users": "b, a,,a", "groups": ["g", " h"]}, "ann", ("a", "b"), ("g", "h")),
        ({"who": None, "users": None}, "model", ("m",), ()),
        ({"who": "", "users": []}, "model", (), ()),
    ],
)
def test_variables_say_who_it_is_for_and_null_leaves_it_to_the_model(variables, assignee, users, groups):
    made = Collecting()
    made.assign(Place(), from_variables("who", "users", "groups"))
    task = made.collected(TASK, variables)
    assert (task.assignee, task.candidate_users, task.candidate_groups) == (assignee, users, groups)


def test_a_task_is_of_the_tenant_that_it_begins_with():
    made = Collecting()
    made.assign(Place(), from_variables(None, None, None, "branch"))
    for branch, tenant in (("north ", "north"), (7, "7"), ("", None), (None, None)):
        assert made.collected(TASK, {"branch": branch}).tenant_id == tenant
    northern = replace(TASK, tenant_id="north")
    assert made.collected(northern, {"branch": "south"}).tenant_id == "north", "its instance's"
    [change] = made.changed(TASK, {"branch": "north"}, {"branch": "south"})
    assert set(change.changes) == {"payload", "correlations"}


def test_who_may_not_do_it_is_said_by_a_variable_too():
    made = Collecting()
    made.assign(Place(), from_variables(None, None, None, None, "asker"))
    assert made.collected(TASK, {"asker": "ann"}).excluded_users == ("ann",)
    assert made.collected(TASK, {}).excluded_users == ()
    [change] = made.changed(TASK, {"asker": "ann"}, {"asker": ["bob", "cem"]})
    assert change.changes["excluded_users"] == ("bob", "cem")
    [change] = made.changed(TASK, {"asker": "ann"}, {})
    assert change.changes["excluded_users"] == ()


def test_a_function_may_say_who_it_is_for():
    made = Collecting()
    made.assign(Place("p"), lambda task, variables: Assignment(f"{task.task_definition_key}{variables['amount']}"))
    assert made.collected(TASK, VARIABLES).assignee == "a5"


def test_nothing_is_said_twice_of_one_place():
    made = rules((Place("p"), only()))
    with pytest.raises(ValueError, match="already"):
        made.enrich(Place("p"), only())
    with pytest.raises(ValueError, match="process of the task"):
        Place(task="a")
    with pytest.raises(ValueError, match="either"):
        name_filter(["a"], ["b"])
    made.mirror(None, name_filter(None, None))
    with pytest.raises(ValueError, match="all processes"):
        made.mirror(None, name_filter(None, None))


def said(world, kind, element):
    """What the last call said of a task, of one kind."""
    task_id = next(task.engine_task_id for task in world.open() if task.task_definition_key == element)
    return [one for key, one in world.said[world.last :] if isinstance(one, kind) and key.id == task_id]


def test_a_variable_that_changes_while_a_task_waits_changes_what_people_see():
    world = World(TWO)
    world.collecting.enrich(Place(), only("amount"))
    world.collecting.correlate(Place(), Correlation("request", "request"))
    world.collecting.assign(Place("p", "a"), from_variables("who", "users", None))
    world.start(amount=1, request="R-1", who="ann", users="x,y")
    world.complete("b", amount=2, request="R-2", who="bob", users="y,z", other=1)
    [change] = said(world, ChangeTask, "a")
    assert change.changes["payload"] == {"amount": 2}
    assert [one["entryId"] for one in change.changes["correlations"]] == ["R-2"]
    assert said(world, AssignTask, "a") == [AssignTask("bob")]
    assert said(world, ChangeCandidates, "a") == [ChangeCandidates(("z",), ("x",))]
    assert world.task("c").payload == {"amount": 2}


def test_what_changes_nothing_is_not_said():
    world = World(TWO)
    world.start(amount=1)
    world.complete("b", amount=1)
    assert said(world, ChangeTask, "a") == []


def test_the_task_that_ends_is_told_before_what_its_variables_change():
    world = World(TWO)
    world.start(amount=1)
    world.complete("b", amount=2)
    kinds = [type(one) for _, one in world.said[world.last :]]
    assert kinds.index(CompleteTask) < kinds.index(ChangeTask)


def mirrored(world):
    told = [(key.id, one) for key, one in world.said[world.last :] if key.aggregate == "process_variable"]
    return [
        (name.removeprefix(f"{world.instance}:"), one.variable.value if isinstance(one, SetVariable) else "gone")
        for name, one in told
    ]


def test_variables_are_mirrored_as_they_change_and_end_with_their_instance():
    world = World(TWO)
    world.collecting.mirror(None, name_filter(None, ("secret",)))
    world.start(amount=1, secret="s", note=None)
    assert mirrored(world) == [("amount", 1), ("note", None)]
    world.complete("b", amount=1, note={"text": ["a"]})
    assert mirrored(world) == [("note", {"text": ["a"]})]
    world.complete("c", late=True)
    world.complete("a")
    assert mirrored(world) == [("amount", "gone"), ("late", "gone"), ("note", "gone")]
    assert world.ends() == ["FINISHED"]


def test_without_a_rule_no_variable_is_mirrored_and_a_process_may_have_its_own():
    world = World(TWO)
    world.collecting.mirror("elsewhere", name_filter(None, None))
    world.start(amount=1)
    assert mirrored(world) == []
    world.collecting.mirror("p", name_filter(["b"], None))
    world.start(amount=1, b=2)
    assert mirrored(world) == [("b", 2)]


def test_a_cancelled_instance_has_no_variables():
    world = World(TWO)
    world.collecting.mirror(None, name_filter(None, None))
    world.start(amount=1)
    world.act(lambda engine: engine.cancel(world.instance, "no"))
    assert mirrored(world) == [("amount", "gone")]
    assert isinstance(world.said[-2][1], RemoveVariable)


def test_where_the_form_of_a_task_is():
    """The most specific template; values cannot leave their place in the address."""
    made = Collecting()
    made.form_url(Place(), "https://forms.example/{application}?task={id}")
    made.form_url(Place("p", "a"), "/forms/{formKey}/{businessKey}?key={taskDefinitionKey}")
    task = replace(TASK, form_key="ord/er form", business_key="../x?y=1&z")
    assert made.collected(task, {}).form_url == "/forms/ord%2Fer%20form/..%2Fx%3Fy%3D1%26z?key=a"
    other = made.collected(replace(task, task_definition_key="b"), {}).form_url
    assert other == f"https://forms.example/app?task={Key('app', 'task', 't').opaque}"
    assert made.collected(replace(task, form_url="/own"), {}).form_url == "/own"
    assert Collecting().collected(task, {}).form_url is None


@pytest.mark.parametrize(
    "bad", ["javascript:alert({id})", "{id}", "https://x/{secret}", "https://x/{id.__class__}", "//x"]
)
def test_what_is_no_address_of_a_form_is_refused(bad):
    with pytest.raises(ValueError, match="address"):
        Collecting().form_url(Place(), bad)


def test_what_the_last_step_sets_is_known_before_it_ends():
    value, end = SetVariable(variable_of("app", "i", "v", 1)), RemoveVariable("2026-11-28T10:00:00.000Z")
    assert fold([value, end], exists=False) == [value, end]
    assert fold([value, SetVariable(variable_of("app", "i", "v", 2)), end], exists=True)[0].variable.value == 2
    assert (fold([end], exists=False), fold([end], exists=True)) == ([], [end])
    assert fold([end, value], exists=True) == [value]
