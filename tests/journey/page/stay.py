"""A process with two forms that are drawn as their modellers drew them: one it is started with, one of its task."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.engines.world import bpmn, flows
from tests.journey.page.deployed import Deployed
from tests.system.running import RunningSystem

ROOMS = [{"label": "Single", "value": "s"}, {"label": "Double", "value": "d"}]
STAY: list[dict[str, Any]] = [
    {"type": "text", "id": "intro", "text": "# A stay\nFor **{{guest}}**"},
    {
        "type": "group",
        "id": "who",
        "label": "Who comes",
        "components": [
            {"type": "textfield", "id": "f_guest", "key": "guest", "label": "Guest", "validate": {"required": True}},
            {
                "type": "textfield",
                "id": "f_code",
                "key": "code",
                "label": "Code",
                "validate": {"pattern": "^[A-Z]"},
            },
        ],
    },
    {"type": "select", "id": "f_room", "key": "room", "label": "Room", "values": ROOMS},
    {
        "type": "number",
        "id": "f_beds",
        "key": "beds",
        "label": "Beds",
        "decimalDigits": 0,
        "validate": {"required": True, "max": 4},
        "conditional": {"hide": '=room != "d"'},
    },
    {"type": "datetime", "id": "f_from", "key": "arrival", "subtype": "date", "dateLabel": "Arrival"},
    {"type": "checkbox", "id": "f_pet", "key": "pet", "label": "With a dog"},
    {
        "type": "dynamiclist",
        "id": "f_list",
        "path": "guests",
        "label": "Others",
        "allowAddRemove": True,
        "isRepeating": True,
        "defaultRepetitions": 1,
        "components": [{"type": "textfield", "id": "f_name", "key": "name", "label": "Name"}],
    },
]
START: list[dict[str, Any]] = [
    {"type": "textfield", "id": "s_guest", "key": "guest", "label": "Guest", "validate": {"required": True}},
    {"type": "select", "id": "s_room", "key": "room", "label": "Room", "values": ROOMS, "defaultValue": "s"},
]


class Stay(Deployed):
    """A process of its own with two forms, and who is asked."""

    def __init__(self, system: RunningSystem) -> None:
        super().__init__(system, f"stay{uuid4().hex[:8]}")
        model = bpmn(
            f'<startEvent id="s" camunda:formRef="{self.key}start"/>'
            f'<userTask id="t" name="Book {self.key}" camunda:assignee="approver1" camunda:formRef="{self.key}"/>'
            '<userTask id="n" name="Next" camunda:assignee="approver1"/>' + flows("s", "t", "n"),
            key=self.key,
        ).replace(f'<process id="{self.key}"'.encode(), f'<process id="{self.key}" name="Stay {self.key}"'.encode())
        self.deploy(
            {
                "model": ("a.bpmn", model),
                "start": ("b.form", form(f"{self.key}start", START)),
                "task": ("c.form", form(self.key, STAY)),
            }
        )


def form(key: str, components: list[dict[str, Any]]) -> bytes:
    return json.dumps({"id": key, "type": "default", "schemaVersion": 19, "components": components}).encode()
