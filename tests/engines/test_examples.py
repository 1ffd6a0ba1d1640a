"""The example processes, along every path."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.world import World

APPROVAL = Path("examples/approval/approval.bpmn").read_bytes()
INVOICING = Path("examples/invoicing/invoicing.bpmn").read_bytes()


def approval(**variables: object) -> World:
    world = World(APPROVAL)
    world.start(
        "approve_request", user="requester1", business_key="R-1", **{"subject": "Chairs", "amount": 900, **variables}
    )
    return world


def test_who_may_start() -> None:
    (request,), (invoice,) = World(APPROVAL).definitions, World(INVOICING).definitions
    assert (request.name, request.candidate_starter_groups) == ("Request approval", ("requesters",))
    assert [field["id"] for field in request.form_fields] == ["subject", "amount", "currency", "applicant"]
    assert (invoice.key, invoice.candidate_starter_groups) == ("process_invoice", ("accounting", "requesters"))


def test_a_request_is_offered_to_the_approvers(caplog: pytest.LogCaptureFixture) -> None:
    task = approval().task("approve")
    assert (task.candidate_groups, task.priority, task.due_date) == (("approvers",), 50, "2026-11-24T10:00:00.000Z")
    assert (task.description, task.follow_up_date) == ("Decide about Chairs.", None)
    assert [value["id"] for value in task.form_fields[0]["values"]] == ["APPROVE", "REJECT", "RETURN"]
    assert caplog.records == []


@pytest.mark.parametrize("decision", ["APPROVE", "REJECT"])
def test_a_request_is_decided(decision: str) -> None:
    world = approval()
    world.complete("approve", decision=decision)
    assert world.ends() == ["FINISHED"]


def test_a_returned_request_goes_to_who_made_it_and_back(caplog: pytest.LogCaptureFixture) -> None:
    world = approval(originator="somebody else")
    world.complete("approve", decision="RETURN", comment="too much")
    amend = world.task("amend")
    assert (amend.assignee, amend.follow_up_date, amend.description) == (
        "requester1",
        None,
        "The request came back: too much",
    )
    assert amend.form_fields[1]["default"] == 900
    world.complete("amend", action="RESUBMIT", amount=800, followUp="P2D")
    assert world.task("approve").payload["amount"] == 800
    world.complete("approve", decision="RETURN")
    assert world.task("amend").follow_up_date == "2026-11-24T10:00:00.000Z"
    world.complete("amend", action="CANCEL")
    assert world.ends() == ["FINISHED"]
    assert caplog.records == []


@pytest.mark.parametrize(("approved", "left"), [(True, ["prepare_payment"]), (False, [])])
def test_an_invoice_is_checked_while_it_is_approved(approved: bool, left: list[str]) -> None:
    filed: list[str] = []
    services = {
        "file_invoice": lambda _: filed.append("filed") or {"invoice": "i1"},
        "close_invoice": lambda variables: filed.append(variables["invoice"]),
    }
    world = World(INVOICING, services)
    world.start("process_invoice", user="accountant1", creditor="Acme", amount=120)
    world.complete("assign_approver", approver="approver1")
    assert world.keys() == ["approve_invoice", "check_invoice"]
    assert world.task("approve_invoice").assignee == "approver1"
    world.complete("approve_invoice", approved=approved)
    world.complete("check_invoice")
    assert world.keys() == left
    assert bool(world.ends()) != approved
    assert filed == ["filed"] + ([] if approved else ["i1"])
