"""A process whose questions are JSON Schemas: one it is started with, one of its task."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.engines.world import bpmn, flows
from tests.journey.page.deployed import Deployed
from tests.system.running import RunningSystem

TRIP: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A trip",
    "type": "object",
    "required": ["guest", "insured"],
    "properties": {
        "guest": {"type": "string", "title": "Guest", "description": "Who travels", "minLength": 2},
        "code": {"type": "string", "title": "Code", "pattern": "^[A-Z]"},
        "room": {"title": "Room", "oneOf": [{"const": "s", "title": "Single"}, {"const": "d", "title": "Double"}]},
        "price": {"type": "number", "title": "Price", "readOnly": True, "default": 80},
        "arrival": {"type": "string", "title": "Arrival", "format": "date"},
        "pet": {"type": "boolean", "title": "With a dog"},
        "insured": {"type": "boolean", "title": "Insured"},
        "address": {"$ref": "#/$defs/address"},
        "guests": {
            "type": "array",
            "title": "Others",
            "maxItems": 3,
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "title": "Name"},
                    "age": {"type": "integer", "title": "Age", "maximum": 120},
                },
            },
        },
        "pays": {
            "title": "Pays",
            "type": "object",
            "oneOf": [
                {
                    "title": "Card",
                    "required": ["by", "number"],
                    "properties": {"by": {"const": "card"}, "number": {"type": "string", "title": "Number"}},
                },
                {
                    "title": "Bill",
                    "required": ["by", "to"],
                    "properties": {"by": {"const": "bill"}, "to": {"type": "string", "title": "Billed to"}},
                },
            ],
        },
        "extras": {
            "type": "array",
            "title": "Extras",
            "uniqueItems": True,
            "items": {"type": "string", "enum": ["sauna", "pool"]},
        },
    },
    "if": {"properties": {"room": {"const": "d"}}, "required": ["room"]},
    "then": {"properties": {"beds": {"type": "integer", "title": "Beds", "maximum": 4}}, "required": ["beds"]},
    "$defs": {
        "address": {
            "type": "object",
            "title": "Address",
            "required": ["zip"],
            "properties": {
                "street": {"type": "string", "title": "Street"},
                "zip": {"type": "string", "title": "Zip", "maxLength": 5},
            },
        }
    },
    "uiSchema": {"extras": {"ui:widget": "checkboxes"}, "code": {"ui:help": "Begins with a capital"}},
}
START: dict[str, Any] = {
    "type": "object",
    "required": ["guest"],
    "properties": {
        "guest": {"type": "string", "title": "Guest"},
        "room": {"type": "string", "title": "Room", "enum": ["s", "d"], "default": "s"},
        "guests": {
            "type": "array",
            "title": "Others",
            "items": {"type": "object", "properties": {"name": {"type": "string", "title": "Name"}}},
        },
    },
}


class Trip(Deployed):
    """A process of its own with two schemas, and who is asked."""

    def __init__(self, system: RunningSystem) -> None:
        super().__init__(system, f"trip{uuid4().hex[:8]}")
        model = bpmn(
            f'<startEvent id="s" camunda:formRef="{self.key}start"/>'
            f'<userTask id="t" name="Book {self.key}" camunda:assignee="approver1" camunda:formRef="{self.key}"/>'
            '<userTask id="n" name="Next" camunda:assignee="approver1"/>' + flows("s", "t", "n"),
            key=self.key,
        ).replace(f'<process id="{self.key}"'.encode(), f'<process id="{self.key}" name="Trip {self.key}"'.encode())
        self.deploy(
            {
                "model": ("a.bpmn", model),
                "start": ("b.schema.json", json.dumps({**START, "$id": f"{self.key}start"}).encode()),
                "task": ("c.schema.json", json.dumps({**TRIP, "$id": f"{self.key}.schema.json"}).encode()),
            }
        )
