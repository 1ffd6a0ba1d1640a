"""Nobody is told what is not theirs, whatever they ask: everything has a mark, and every answer is searched for marks.

`TASKPOOL_FUZZ` says how many answers are looked at.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from domain.access import OPERATOR_GROUP
from domain.aggregates.data_entry import Authorization, DataEntry, SaveEntry, entry_key
from domain.aggregates.process_definition import ProcessDefinition, RegisterDefinition
from domain.aggregates.process_instance import ProcessInstance, StartInstance
from domain.aggregates.process_variable import SetVariable, variable_of
from domain.identity import Key
from tests.webapp.stand_in import DirectAsking
from webapp.identity.accounts import DEMO_GROUPS, open_accounts
from webapp.server.factory import create_app
from webapp.services import Services

ANSWERS = int(os.environ.get("TASKPOOL_FUZZ", "600"))
APPLICATIONS = ("approval", "elsewhere")
MARK = re.compile(r"zq\d+z")
USERS = sorted(DEMO_GROUPS)
GROUPS = sorted({group for groups in DEMO_GROUPS.values() for group in groups} - {OPERATOR_GROUP})
QUICK = "pbkdf2:sha256:1"
TENANTS = {"approver1": ("north",), "approver2": ("south",), "requester1": ("north", "south")}
SCOPES = ("visible", "mine", "group", "unassigned", "completed", "involved")
FIELDS = ("task.name", "task.taskDefinitionKey", "task.businessKey", "note", "data.name", "secret")


@dataclass
class Model:
    """Who may see what: by mark the names of users."""

    random: Random
    engine: DirectAsking
    may: dict[str, set[str]] = field(default_factory=dict)
    tasks: list[tuple[str, str, set[str]]] = field(default_factory=list)
    """Id, mark, and who may read it."""
    entries: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def mark(self, users: set[str]) -> str:
        made = f"zq{len(self.may)}z"
        self.may[made] = users | {name for name in USERS if OPERATOR_GROUP in DEMO_GROUPS[name]}
        return made

    def of(self, tenant: str | None, users: set[str]) -> set[str]:
        """Those of them whom what is a tenant's may concern."""
        return users if tenant is None else {name for name in users if tenant in TENANTS.get(name, ())}

    def people(self) -> tuple[list[str], list[str], set[str]]:
        """Some users, some groups, and whom that is."""
        users = self.random.sample(USERS, self.random.choice((0, 0, 1)))
        groups = self.random.sample(GROUPS, self.random.choice((0, 1, 1, 2)))
        return users, groups, {*users, *(name for name in USERS if not set(groups).isdisjoint(DEMO_GROUPS[name]))}

    def entry(self) -> None:
        users, groups, seen_by = self.people()
        tenant = self.random.choice((None, "north", "south"))
        mark, number = self.mark(self.of(tenant, seen_by)), len(self.entries)
        application = self.random.choice(APPLICATIONS)
        key = Key(application, "data_entry", entry_key("order", f"o{number}"))
        made = DataEntry(
            *("order", f"o{number}", application, "order", f"Order {mark}"),
            payload={"secret": mark, "n": number},
            tenant_id=tenant,
        )
        self.engine.tell(key, SaveEntry(made, authorizations=(Authorization(tuple(users), tuple(groups)),)))
        named = {"application": application, "entryType": "order", "entryId": f"o{number}"}
        self.entries.append((key.opaque, mark, named))

    def definition(self, number: int) -> None:
        """Without candidate starters it is for everybody of its tenant."""
        users, groups, starters = self.people()
        tenant = self.random.choice((None, "north", "south"))
        mark = self.mark(self.of(tenant, starters if users or groups else set(USERS)))
        name = f"p{number}:1"
        made = ProcessDefinition(name, "approval", f"p{number}", name=mark, description=mark)
        who = {"candidate_starter_users": tuple(users), "candidate_starter_groups": tuple(groups)}
        registered = RegisterDefinition(replace(made, tenant_id=tenant, **who))
        self.engine.tell(Key("approval", "process_definition", name), registered)

    def task(self) -> None:
        users, groups, seen_by = self.people()
        assignee = self.random.choice((None, None, self.random.choice(USERS)))
        seen_by |= {assignee} if assignee else set()
        done_by = self.random.choice((None, None, None, self.random.choice(USERS)))
        seen_by |= {done_by} if done_by else set()
        tenant = self.random.choice((None, "north", "south"))
        seen_by = self.of(tenant, seen_by)
        starter, name = self.random.choice(USERS), f"i{len(self.tasks)}"
        whose = self.random.choice((None, tenant, "north"))
        mark, of_instance = self.mark(seen_by), self.mark(self.of(whose, seen_by | {starter}))
        about = self.random.sample(self.entries, min(len(self.entries), self.random.choice((0, 1, 2))))
        key = Key("approval", "process_instance", name)
        instance = ProcessInstance(
            name,
            "approval",
            process_name=of_instance,
            start_user=starter,
            start_time="2026-01-01",
            tenant_id=whose,
        )
        self.engine.tell(key, StartInstance(instance))
        variable = variable_of("approval", name, "known", of_instance)
        self.engine.tell(Key("approval", "process_variable", f"{name}:known"), SetVariable(variable))
        self.instances.append(key.opaque)
        made = self.engine.create_task(
            f"t{len(self.tasks)}",
            name=f"Do {mark}",
            task_definition_key=mark,
            business_key=mark,
            payload={"note": mark, "deep": [{"er": mark}], mark: 1},
            candidate_users=tuple(users),
            # Who may read a task may know whom it is offered to; nobody is in this one.
            candidate_groups=(*groups, mark),
            assignee=assignee,
            tenant_id=tenant,
            process_instance_id=name,
            correlations=tuple(named for _, _, named in about),
            **({"state": "completed", "completed_by": done_by, "end_time": "2026-01-02"} if done_by else {}),
        )
        self.tasks.append((made, mark, seen_by))


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """With people of tenants."""
    people = "".join(
        f'[users.{name}]\npassword = "{generate_password_hash(name, QUICK)}"\n'
        f"groups = {list(DEMO_GROUPS[name])}\ntenants = {list(tenants)}\n"
        for name, tenants in TENANTS.items()
    )
    (file := tmp_path / "users.toml").write_text(people)
    return replace(services, accounts=open_accounts(replace(services.settings, users_file=file)))


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def model(engine: DirectAsking, services: Services) -> Model:
    made = Model(Random(7), engine)
    for _ in range(25):
        made.entry()
    for _ in range(60):
        made.task()
    for number in range(12):
        made.definition(number)
    for task, _, seen_by in made.tasks[:30]:
        for name in sorted(seen_by)[:1]:
            user = services.accounts.user(name)
            assert user is not None
            services.left.comment(task, user, f"said {made.mark(seen_by)}")
            services.left.save_draft(task, user, {"draft": made.mark({name})})
    for name in USERS:
        user = services.accounts.user(name)
        assert user is not None
        groups = [
            group for group in made.random.sample(user.groups, min(1, len(user.groups))) if group != OPERATOR_GROUP
        ]
        seen_by = {name, *(other for other in USERS if not set(groups).isdisjoint(DEMO_GROUPS[other]))}
        mark = made.mark(seen_by)
        # Of what others have kept, operators see no more than anybody else.
        made.may[mark] = seen_by
        services.left.save_filter(user, f"kept {mark}", {"q": mark}, groups)
    return made


def asked(model: Model) -> tuple[str, str, dict[str, Any]]:
    """A question: method, path, and what is sent with it."""
    random = model.random
    task, entry = random.choice(model.tasks)[0], random.choice(model.entries)[0]
    instance, mark = random.choice(model.instances), random.choice(list(model.may))
    listed: dict[str, Any] = {"scope": random.choice(SCOPES), "deferred": "show", "size": 200}
    if random.random() < 0.3:
        listed["filter"] = random.choice(
            (f"{random.choice(FIELDS)} = {mark}", f"{random.choice(FIELDS)} ~ zq", "n >= 0")
        )
    if random.random() < 0.3:
        listed["q"] = random.choice((mark, "zq", "order zq", "do"))
    sort = random.choice(("-priority", "name", "payload.note", "-payload.secret"))
    either = {"or": [f"secret = {mark}", {"not": "data.name ~ zq"}, {"field": "note", "op": "~", "value": "zq"}]}
    return random.choice(
        (
            ("get", "/tasks", {"query_string": {**listed, "sort": sort, "expand": "dataEntries"}}),
            ("get", "/tasks", {"query_string": {**listed, "sort": sort, "expand": "dataEntries"}}),
            ("post", "/tasks/search", {"json": {**listed, "filter": either, "sort": sort}}),
            ("get", "/tasks/counts", {"query_string": {**listed, "facet": "taskDefinitionKey,assignee,processName"}}),
            ("get", "/tasks/counts", {"query_string": {**listed, "facet": "candidateGroups"}}),
            ("get", "/tasks/attributes", {"query_string": listed}),
            ("get", f"/tasks/attributes/{random.choice((*FIELDS, mark))}/values", {"query_string": listed}),
            ("get", f"/tasks/{task}", {}),
            ("get", f"/tasks/{task}/history", {}),
            ("get", f"/tasks/{task}/comments", {}),
            ("get", f"/tasks/{task}/draft", {}),
            ("get", "/data-entries", {"query_string": {"q": random.choice(("", mark, "zq")), "size": 200}}),
            ("get", f"/data-entries/{entry}", {}),
            ("get", f"/data-entries/{entry}/history", {}),
            ("get", "/process-instances", {"query_string": {"size": 200, "q": random.choice(("", mark, "zq"))}}),
            ("get", f"/process-instances/{instance}", {}),
            ("get", f"/process-instances/{instance}/variables", {}),
            ("get", "/process-definitions", {}),
            ("get", "/filters", {}),
            ("post", "/tasks/bulk", {"json": {"action": "claim", "ids": ["x", "y"]}}),
        )
    )


def test_no_answer_has_what_is_not_the_askers(client: FlaskClient, model: Model) -> None:
    told = 0
    for number in range(ANSWERS):
        user = model.random.choice(USERS)
        method, path, sent = asked(model)
        response = client.open(f"/api/v1{path}", method=method.upper(), auth=(user, user), **sent)
        response.close()
        assert response.status_code in (200, 404), (path, sent, response.data[:300])
        if number % 200 == 0:
            model.task()
        found = set(MARK.findall(response.text))
        # What one has asked for oneself is repeated in an error.
        leaked = {mark for mark in found if user not in model.may[mark] and mark not in str((path, sent))}
        assert not leaked, (user, path, sent, leaked)
        if sent.get("query_string", {}).get("facet") == "candidateGroups":
            assert OPERATOR_GROUP in DEMO_GROUPS[user] or not found, "groups of others are not counted"
        told += len(found)
        words = sent.get("query_string", {}).get("q", "")
        if path in ("/tasks", "/data-entries") and words in model.may and user not in model.may[words]:
            assert response.json is not None
            assert (response.json["items"], response.json["total"]) == ([], 0), (user, sent)
    assert told > ANSWERS, "hardly anything was told at all"
