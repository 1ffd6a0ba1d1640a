"""Holds events that are really emitted against their published schemas."""

import json
from collections import Counter

from jsonschema import Draft202012Validator

from workers.cli.event_schemas import FOLDER

VALIDATORS = {
    f"taskpool.{path.stem}": Draft202012Validator(json.loads(path.read_text()))
    for path in sorted(FOLDER.glob("*.json"))
}
ENOUGH = 2
"""Events of one type that are looked at in one test: looking takes longer than emitting."""


def broken(event):
    """What an event has against its schema, or that it has none."""
    validator = VALIDATORS.get(event["type"])
    if validator is None:
        return [f"{event['type']} has no published schema"]
    return [f"{event['type']}: {error.json_path}: {error.message}" for error in validator.iter_errors(event)]


class Witness:
    """Stands in for `to_cloudevent` where events are logged: the same, and held against the schemas."""

    def __init__(self, to_cloudevent):
        self._made = to_cloudevent
        self.seen = Counter()
        self.complaints = []

    def __call__(self, envelope):
        event = self._made(envelope)
        self.seen[event["type"]] += 1
        if self.seen[event["type"]] <= ENOUGH:
            self.complaints += broken(json.loads(json.dumps(event)))
        return event
