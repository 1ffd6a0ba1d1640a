"""An engine with its database, and people who ask it to do something."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from domain.access import User
from domain.identity import Key
from domain.requests.request import Request
from domain.values import iso
from store.sql.errors import ConcurrentUpdate
from tasks.application import ProcessApplication
from tasks.carry_out import Executor

BPMN = (Path(__file__).parents[2] / "examples/approval/approval.bpmn").read_bytes()


REQUESTER = User("requester1", ("requesters",))


APPROVERS = [User("approver1", ("approvers",)), User("approver2", ("approvers",))]


class World:
    """The approval application on one store, asked directly."""

    def __init__(self, store):
        self.store = store
        self.application = ProcessApplication("approval")
        self.application.use(store)
        self.application.deploy(BPMN)
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.executor = Executor(store.begin, self.application.engine_of, lambda: self.now)

    def request(self, action, user, task=None, **arguments):
        until = iso(self.now + timedelta(seconds=60))
        return Request(str(uuid4()), "approval", action, user, iso(self.now), until, task, arguments)

    def ask(self, action, user, task=None, **arguments):
        request = self.request(action, user, task, **arguments)
        self.carry_out(request)
        return self.outcome(request)

    def carry_out(self, request):
        while True:
            try:
                return self.executor.carry_out(request)
            except ConcurrentUpdate:
                continue

    def outcome(self, request):
        with self.store.database.transaction() as connection:
            found = text("SELECT state FROM aggregate WHERE aggregate = 'command' AND id = :id")
            return json.loads(connection.execute(found, {"id": request.command_id}).scalar_one())

    def start(self, **variables):
        variables = {"subject": "a chair", "amount": 90, **variables}
        outcome = self.ask("start", REQUESTER, key="approve_request", variables=variables, businessKey="R-1")
        assert outcome["status"] == "accepted", outcome
        return next(made["id"] for made in outcome["produced"] if made["aggregate"] == "task")


@pytest.fixture
def world(store):
    return World(store)


def task_state(world, task):
    with world.store.begin() as work:
        return task_state_in(work, task)


def task_state_in(work, task):
    return work.heads.peek(Key("approval", "task", task)).state
