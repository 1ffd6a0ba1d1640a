"""JSON schemas of all events on the wire, made from the code and published, one file for each version of each type.

`python -m workers.cli.event_schemas` writes what is missing. It never replaces a file: what was published stays true,
and a type that looks different today needs a new version (see `domain.events.upcast`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from domain.aggregates.register import KINDS
from domain.events.upcast import RESTATED, current_version
from domain.wire import NoChanges, camel

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"

Schema = Mapping[str, Any]


def schemas() -> dict[str, Schema]:
    """Today's schemas by file name."""
    found = {}
    for aggregate, kind in KINDS.items():
        state = _state(kind.state)
        events: dict[str, type | None] = {**kind.events, f"{aggregate}.{RESTATED}": None}
        for name, event in events.items():
            type_ = f"{name}.v{current_version(aggregate)}"
            found[f"{type_}.json"] = _schema(f"taskpool.{type_}", event, state)
    return found


def changed(folder: Path = FOLDER) -> list[str]:
    """Published files that say something else than the code does."""
    return [name for name, schema in schemas().items() if (folder / name).exists() and _read(folder / name) != schema]


def publish(folder: Path = FOLDER) -> list[str]:
    """Write the files that are missing; returns their names."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = {name: schema for name, schema in schemas().items() if not (folder / name).exists()}
    for name, schema in missing.items():
        (folder / name).write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
    return list(missing)


def _schema(type_: str, event: type | None, state: Schema) -> Schema:
    """A CloudEvent with other extension attributes is still one; its data is exactly this."""
    text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
    attributes: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"type": "string", "pattern": "^/applications/[^/]+$"},
        "type": {"const": type_},
        "subject": text,
        "time": moment,
        "datacontenttype": {"const": "application/json"},
        "sequence": {"type": "string", "pattern": "^[1-9][0-9]*$"},
        "generation": {"type": "integer", "minimum": 1},
        "partitionkey": text,
        "data": _object({"changes": _changes(event), "state": state}),
    }
    optional = {"correlationid": text, "causationid": text, "traceparent": text}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:taskpool:schema:{type_}",
        "title": type_,
        "type": "object",
        "properties": {**attributes, **optional},
        "required": list(attributes),
    }


def _state(record: type) -> Schema:
    """Every field, whether it has a value or not."""
    hints = get_type_hints(record)
    return _model(record, {camel(field.name): hints[field.name] for field in fields(record)}, total=True)


def _changes(event: type | None) -> Schema:
    """What the event's `changes` promises to return."""
    said = NoChanges if event is None else get_type_hints(event.changes)["return"]  # type: ignore[attr-defined]
    return _model(said, get_type_hints(said), total=said.__total__)


def _model(record: type, hints: Mapping[str, Any], *, total: bool) -> Schema:
    members: dict[str, Any] = {name: (hint, ... if total else None) for name, hint in hints.items()}
    config = ConfigDict(extra="forbid", title=record.__name__, json_schema_extra=_without_titles)
    made: type[BaseModel] = create_model(record.__name__, __config__=config, **members)
    return made.model_json_schema()


def _without_titles(schema: dict[str, Any]) -> None:
    for member in schema.get("properties", {}).values():
        member.pop("title", None)
        member.pop("default", None)


def _object(members: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _read(path: Path) -> Schema:
    schema: Schema = json.loads(path.read_text())
    return schema


def main(arguments: Iterable[str] = ()) -> None:
    """Publish; says which files are new, and ends with 1 when a published one no longer holds."""
    folder = Path(next(iter(arguments), FOLDER))
    for name in publish(folder):
        print(name)  # noqa: T201 - what the command is for
    if wrong := changed(folder):
        sys.exit(
            f"published already, and different today: {', '.join(wrong)}; see domain/events/upcast.py for a new version"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
