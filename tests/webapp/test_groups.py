"""Groups come with who is signed in: nothing is looked up for them, however many they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandListener
from werkzeug.security import generate_password_hash

from store.lists.task_list import Documents
from tests.support.asking import body, get, offered, post
from tests.webapp.conftest import services_over
from tests.webapp.stand_in import DirectAsking
from webapp.server.factory import create_app
from webapp.services import Services

pytestmark = pytest.mark.servers

MANY = 2000
POINTER = "view_pointer"


class Counted(CommandListener):
    """Remembers what was asked of which collections."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def started(self, event: Any) -> None:
        # Which collections are the live ones is asked now and then.
        if event.command_name in ("find", "aggregate") and event.command[event.command_name] != POINTER:
            self.asked.append((event.command_name, event.command[event.command_name]))

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


def test_a_list_costs_the_same_questions_in_one_group_and_in_thousands(
    services: Services, engine: DirectAsking, database: Documents, tmp_path: Path
) -> None:
    task = offered(engine)
    groups = {"few": ["approvers"], "many": [*(f"group-{number}" for number in range(MANY)), "approvers"]}
    users = {name: {"password": generate_password_hash(name), "groups": those} for name, those in groups.items()}
    file = tmp_path / "users.json"
    file.write_text(json.dumps({"users": users}))
    settings, counted = replace(services.settings, users_file=file), Counted()
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongo_url, event_listeners=[counted])
    web = create_app(services_over(client[database.name], settings)).test_client()
    asked: dict[str, list[tuple[str, Any]]] = {}
    for name in groups:
        get(web, "/me", name)
        counted.asked.clear()
        found = [body(get(web, "/tasks?scope=group", name)), body(post(web, "/tasks/search", name, json={"q": "appr"}))]
        assert [[one["id"] for one in page["items"]] for page in found] == [[task], [task]]
        assert get(web, "/tasks/counts?facet=candidateGroups", name).status_code == 200
        asked[name] = sorted(counted.asked)
    client.close()
    assert asked["many"] == asked["few"] != []
    assert {collection for _, collection in asked["many"]} == {"task", "command"}, "none of people or groups"
