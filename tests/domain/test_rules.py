"""Who may do what, and the plain answer to everybody else."""

from dataclasses import replace

import pytest

from domain.access import User, may_see, task_principals
from domain.aggregates.task import AssignTask, ChangeCandidates, ChangeTask, CompleteTask, UserTask
from domain.errors import (
    AlreadyCompleted,
    ClaimConflict,
    Delegated,
    NobodyElse,
    NotAllowed,
    NotAssignee,
    NotEligible,
    StaleRevision,
    TaskNotFound,
)
from domain.requests.request import Request, from_plain, to_plain
from domain.requests.rules import judge

ANN, BOB = User("ann", ("approvers",)), User("bob", ("approvers",))
EVE, ADMIN = User("eve", ("others",)), User("admin", ("admins",))
OFFERED = UserTask("t1", "app", candidate_groups=("approvers",))
HELD = replace(OFFERED, assignee="ann")
DONE = replace(HELD, state="completed")


def ask(action, user, task, expected=None, **arguments):
    now = "2026-01-01T00:00:00.000Z"
    request = Request("c1", "app", action, user, now, now, "t1", arguments, expected)
    assert from_plain(to_plain(request)) == request
    return judge(task, 3, request)


def test_claiming():
    assert ask("claim", ANN, OFFERED) == [AssignTask("ann")]
    assert ask("claim", ANN, HELD) == []
    with pytest.raises(ClaimConflict) as refused:
        ask("claim", BOB, HELD)
    assert refused.value.problem()["assignee"] == "ann"
    assert refused.value.problem()["type"].endswith("/claim-conflict")


def test_what_is_not_yours_does_not_exist():
    for task in (None, OFFERED, HELD, DONE):
        with pytest.raises(TaskNotFound):
            ask("claim", EVE, task)


@pytest.mark.parametrize("action", ["unclaim", "complete"])
def test_unclaiming_and_completing_need_the_assignee(action):
    for user, task in ((BOB, HELD), (ANN, OFFERED), (ADMIN, HELD)):
        with pytest.raises(NotAssignee):
            ask(action, user, task)
    assert ask("unclaim", ANN, HELD) == [AssignTask(None)]
    assert ask("complete", ANN, HELD) == [CompleteTask("ann", "2026-01-01T00:00:00.000Z")]


@pytest.mark.parametrize("action", ["claim", "unclaim", "complete", "assign", "delegate", "resolve", "defer", "change"])
def test_what_has_ended_stays_so(action):
    with pytest.raises(AlreadyCompleted):
        ask(action, ANN, DONE)


def test_a_stale_revision_is_refused_before_anything_else_is_judged():
    with pytest.raises(StaleRevision):
        ask("claim", BOB, HELD, expected=2)
    assert ask("claim", ANN, OFFERED, expected=3) == [AssignTask("ann")]


def test_assigning():
    assert ask("assign", ANN, OFFERED, assignee="bob", groups=["approvers"]) == [AssignTask("bob")]
    assert ask("assign", ADMIN, OFFERED, assignee="bob", groups=["approvers"]) == [AssignTask("bob")]
    assert ask("assign", ANN, HELD, assignee=None) == [AssignTask(None)]
    with pytest.raises(NotEligible):
        ask("assign", ANN, OFFERED, assignee="eve", groups=["others"])


def test_only_some_may_assign_where_it_is_said_so():
    only = {"assigners": ["leads"], "groups": ["approvers"]}
    lead, lead_who_has_no_part = User("lea", ("approvers", "leads")), User("leo", ("leads",))
    taken = replace(OFFERED, assignee="bob", candidate_users=("leo",))
    for task, user, assignee in (
        (OFFERED, ANN, "bob"),
        (taken, ANN, "ann"),
        (taken, ANN, None),
    ):
        with pytest.raises(NotAllowed, match="or one of leads may assign"):
            ask("assign", user, task, assignee=assignee, **only)
    # What nobody has is claimed, what one has is handed on, and that is nobody else's to say.
    assert ask("assign", ANN, OFFERED, assignee="ann", **only) == [AssignTask("ann")]
    assert ask("assign", ANN, HELD, assignee="bob", **only) == [AssignTask("bob")]
    assert ask("assign", ANN, HELD, assignee=None, **only) == [AssignTask(None)]
    for user in (lead, lead_who_has_no_part, ADMIN):
        assert ask("assign", user, taken, assignee="ann", **only) == [AssignTask("ann")]
    with pytest.raises(NotEligible):
        ask("assign", lead, taken, assignee="eve", assigners=["leads"], groups=["others"])
    with pytest.raises(TaskNotFound):
        ask("assign", lead_who_has_no_part, OFFERED, assignee="ann", **only)
    with pytest.raises(NotAllowed):
        ask("assign", User("leo"), replace(OFFERED, candidate_users=("leo",), excluded_users=("leo",)), assignee="leo")


def test_to_which_groups_a_task_is_offered_is_for_some_to_say():
    lead, said = User("lea", ("approvers", "leads")), {"candidateGroups": ["desk", "approvers"], "assigners": ["leads"]}
    moved = [ChangeCandidates(add_groups=("desk",))]
    assert ask("change", lead, OFFERED, **said) == ask("change", ADMIN, OFFERED, **said) == moved
    assert ask("change", lead, HELD, **said) == moved, "whoever has it keeps it"
    away = said | {"candidateGroups": ["desk"], "priority": 3}
    assert ask("change", ADMIN, HELD, **away) == [
        ChangeTask({"priority": 3}),
        ChangeCandidates(add_groups=("desk",), remove_groups=("approvers",)),
    ]
    with pytest.raises(NotAssignee):
        ask("change", lead, HELD, **away)
    assert ask("change", lead, OFFERED, candidateGroups=["approvers"], assigners=["leads"]) == []
    for user, assigners in ((ANN, ["leads"]), (ANN, []), (lead, [])):
        with pytest.raises(NotAllowed):
            ask("change", user, OFFERED, candidateGroups=["desk"], assigners=assigners)
    with pytest.raises(NobodyElse):
        ask("change", lead, OFFERED, candidateGroups=[], assigners=["leads"])
    assert ask("change", lead, replace(OFFERED, candidate_users=("ann",)), candidateGroups=[], assigners=["leads"])
    with pytest.raises(TaskNotFound):
        ask("change", EVE, OFFERED, **said)


def test_a_task_of_a_tenant_goes_to_its_people_only():
    task, ann = replace(OFFERED, tenant_id="north"), replace(ANN, tenants=("north",))
    assert ask("claim", ann, task) == [AssignTask("ann")]
    for user in (BOB, replace(BOB, tenants=("south",))):
        for one in (task, replace(task, assignee="bob")):
            with pytest.raises(TaskNotFound):
                ask("claim", user, one)
    given = ask("assign", ann, task, assignee="bob", groups=["approvers"], tenants=["south", "north"])
    assert given == [AssignTask("bob")]
    for tenants in ([], ["south"], None):
        with pytest.raises(NotEligible):
            ask("assign", ADMIN, task, assignee="bob", groups=["approvers"], tenants=tenants)


def test_no_name_makes_somebody_of_another_tenant():
    state = {"candidateUsers": ["y"], "candidateGroups": [], "assignee": None}
    odd = [
        ("north", "y"),
        ("north/user:y", "y"),
        ("north", "y/user:y"),
        ("tenant:north", "y"),
        ("%2F", "y"),
        ("/", "y"),
    ]
    for tenant, _ in odd:
        seen = {
            (other, name)
            for other, name in odd
            if may_see(User(name, (), None, (other,)), task_principals({**state, "tenantId": tenant}))
        }
        assert seen == {(tenant, "y")}


def test_four_eyes_who_is_excluded_does_not_do_it():
    task = replace(OFFERED, candidate_users=("ann",), excluded_users=("ann",))
    for action, user in (("claim", ANN), ("assign", BOB), ("assign", ADMIN)):
        with pytest.raises(NotEligible, match="ann is excluded"):
            ask(action, user, task, assignee="ann", groups=["approvers"])
    with pytest.raises(NotAllowed):
        ask("assign", ANN, task, assignee="bob", groups=["approvers"])
    with pytest.raises(NotEligible, match="excluded"):
        ask("delegate", BOB, replace(task, assignee="bob"), assignee="ann", groups=["approvers"])
    assert ask("claim", BOB, task) == [AssignTask("bob")]


DELEGATED = replace(HELD, assignee="bob", owner="ann", delegation_state="PENDING")


def test_what_is_delegated_comes_back_to_who_delegated_it():
    assert ask("delegate", ANN, HELD, assignee="bob", groups=["approvers"]) == [
        ChangeTask({"owner": "ann", "delegation_state": "PENDING"}),
        AssignTask("bob"),
    ]
    assert ask("resolve", BOB, DELEGATED) == [ChangeTask({"delegation_state": "RESOLVED"}), AssignTask("ann")]
    back = replace(DELEGATED, assignee="ann", delegation_state="RESOLVED")
    assert ask("complete", ANN, back) == [CompleteTask("ann", "2026-01-01T00:00:00.000Z")]
    [change, _] = ask("delegate", ANN, replace(HELD, owner="eve"), assignee="bob", groups=["approvers"])
    assert change.changes["owner"] == "eve"


def test_what_is_delegated_is_neither_completed_nor_given_to_nobody():
    for action in ("complete", "unclaim", "assign", "delegate"):
        with pytest.raises(Delegated) as refused:
            ask(action, BOB, DELEGATED, **({"assignee": None} if action == "assign" else {"assignee": "eve"}))
        assert refused.value.problem()["owner"] == "ann"
    # Who has asked may still ask another, and the task comes back from there.
    assert ask("assign", ANN, DELEGATED, assignee="ann", groups=["approvers"]) == [AssignTask("ann")]
    assert ask("complete", ANN, replace(DELEGATED, assignee="ann"))


def test_only_who_has_a_task_delegates_it_and_to_candidates_only():
    with pytest.raises(NotAssignee):
        ask("delegate", BOB, HELD, assignee="bob", groups=["approvers"])
    for name in ("eve", "ann", "", None):
        with pytest.raises(NotEligible):
            ask("delegate", ANN, HELD, assignee=name, groups=["others"])
    with pytest.raises(NotAllowed):
        ask("resolve", ANN, HELD)
    with pytest.raises(NotAssignee):
        ask("resolve", ANN, DELEGATED)
    assert ask("resolve", ADMIN, DELEGATED)
    with pytest.raises(NobodyElse):
        ask("resolve", BOB, replace(DELEGATED, owner=None, candidate_groups=()))


def test_an_operator_may_defer_what_is_not_offered_to_them():
    later = "2026-02-01T00:00:00.000Z"
    assert ask("defer", ADMIN, OFFERED, followUpDate=later) == [ChangeTask({"follow_up_date": later})]


def test_deferring_and_back():
    assert ask("undefer", ANN, HELD) == [ChangeTask({"follow_up_date": None})]


def test_an_operator_may_not_take_what_could_not_be_assigned_to_him():
    for task in (OFFERED, UserTask("t1", "app")):
        with pytest.raises(NotEligible):
            ask("claim", ADMIN, task)
    assert ask("claim", ADMIN, replace(OFFERED, candidate_users=("admin",))) == [AssignTask("admin")]


@pytest.mark.parametrize("action", ["defer", "undefer", "change"])
def test_a_candidate_hides_nothing_that_somebody_else_holds(action):
    arguments = {"priority": 7} if action == "change" else {"followUpDate": "2026-02-01T00:00:00.000Z"}
    with pytest.raises(NotAssignee):
        ask(action, BOB, HELD, **arguments)
    for user, task in ((BOB, OFFERED), (ANN, HELD), (ADMIN, HELD)):
        assert ask(action, user, task, **arguments)


def test_what_is_asked_to_change_and_is_so_already_changes_nothing():
    due = "2026-02-01T00:00:00.000Z"
    urgent = replace(HELD, priority=90, due_date=due)
    assert ask("change", ANN, urgent, priority=90, dueDate=due) == []
    assert ask("change", ANN, urgent, priority=10, dueDate=due) == [ChangeTask({"priority": 10})]
    assert ask("change", ANN, urgent, dueDate=None) == [ChangeTask({"due_date": None})]
    assert ask("change", ANN, urgent) == []


@pytest.mark.parametrize(
    ("action", "arguments"), [("unclaim", {}), ("assign", {"assignee": None}), ("assign", {"assignee": " "})]
)
def test_what_is_offered_to_nobody_else_is_not_given_back(action, arguments):
    mine = UserTask("t1", "app", assignee="ann")
    with pytest.raises(NobodyElse):
        ask(action, ANN, mine, **arguments)
    assert ask(action, ANN, HELD, **arguments) == [AssignTask(None)]
    operator = User("ann", ("admins",))
    assert ask(action, operator, mine, **arguments) == [AssignTask(None)]
