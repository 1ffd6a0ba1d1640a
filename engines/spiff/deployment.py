"""From a BPMN file to process definitions: what the process element and its start event say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.aggregates.process_definition import ProcessDefinition
from engines.protocol import StoredDefinition
from engines.spiff import vendor
from engines.spiff.compiled import dump
from engines.spiff.dialects import normalise
from engines.spiff.parser import parse
from engines.spiff.source import NAMES, Node, prepare, read


def compile_source(
    application: str, source: bytes, next_version: Callable[[str], int], new_id: Callable[[], str]
) -> list[StoredDefinition]:
    """Every executable process of a file; raises `InvalidDefinition`, before a version is taken."""
    root = read(source)
    normalise(root)
    names = prepare(root)
    compiled = {name: dump(spec, used) for name, (spec, used) in parse(root, names).items()}
    nodes = {node.get("id"): node for node in root.iterfind("bpmn:process", NAMES)}
    found = []
    for name in names:
        version = next_version(name)
        definition = _definition(application, nodes[name], version, f"{name}:{version}:{new_id()}")
        found.append(StoredDefinition(definition, source, compiled[name]))
    return found


def names(text: str | None) -> tuple[str, ...]:
    """A comma-separated list, trimmed and sorted."""
    return tuple(sorted({name.strip() for name in (text or "").split(",") if name.strip()}))


def _definition(application: str, process: Node, version: int, definition_id: str) -> ProcessDefinition:
    said, start = vendor.attributes(process), process.find("bpmn:startEvent", NAMES)
    return ProcessDefinition(
        definition_id=definition_id,
        application=application,
        key=process.get("id"),
        version=version,
        name=process.get("name"),
        description=vendor.documentation(process),
        version_tag=said.get("versionTag"),
        form_key=vendor.attributes(start).get("formKey"),
        form_fields=_form(start),
        startable=said.get("isStartableInTasklist", "true") != "false",
        candidate_starter_users=names(said.get("candidateStarterUsers")),
        candidate_starter_groups=names(said.get("candidateStarterGroups")),
    )


def _form(start: Node) -> tuple[Any, ...]:
    return tuple(vendor.form_fields(start))
