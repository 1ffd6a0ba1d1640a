"""From a BPMN file to process definitions: what the process element and its start event say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from domain.aggregates.process_definition import ProcessDefinition
from domain.errors import InvalidDefinition
from engines.documents import Node
from engines.forms import Asked, asked
from engines.forms import named as named_form
from engines.protocol import EngineMemory, StartEvent, StoredDefinition
from engines.spiff import vendor
from engines.spiff.compiled import dump
from engines.spiff.cycles import first_start
from engines.spiff.events import MESSAGE, SIGNAL
from engines.spiff.handlers import join_handlers
from engines.spiff.parser import parse
from engines.spiff.source import NAMES, prepare, tag

MAX_TEXT = 200


def compile_source(  # noqa: PLR0917 - what a definition is made of
    application: str,
    source: bytes,
    root: Node,
    memory: EngineMemory,
    new_id: Callable[[], str],
    now: datetime,
) -> list[tuple[StoredDefinition, list[StartEvent]]]:
    """Every executable process of a file whose root was looked at, and what starts it beside people.

    Raises `InvalidDefinition`, before a version is taken.
    """
    begins = start_events(root, now)
    join_handlers(root)
    names = prepare(root)
    compiled = {name: dump(spec, used) for name, (spec, used) in parse(root, names).items()}
    nodes = {node.get("id"): node for node in root.iterfind("bpmn:process", NAMES)}
    found = []
    for name in names:
        version = memory.next_version(name)
        definition_id = f"{name}:{version}:{new_id()}"
        definition = _definition(application, nodes[name], version, definition_id, memory)
        starts = [replace(one, definition_id=definition_id) for one in begins if one.key == name]
        found.append((StoredDefinition(definition, source, compiled[name]), starts))
    return found


def start_events(root: Node, now: datetime) -> list[StartEvent]:
    """What starts the processes of a file beside people; raises `InvalidDefinition` for a timer that is no time."""
    named = {node.get("id"): node.get("name") for node in root if node.tag in (tag("message"), tag("signal"))}
    found = []
    for start in root.iterfind("bpmn:process/bpmn:startEvent", NAMES):
        process, element = start.getparent().get("id"), start.get("id")
        for kind in (MESSAGE, SIGNAL):
            for event in start.iterfind(f"bpmn:{kind}EventDefinition", NAMES):
                reference = event.get(f"{kind}Ref")
                name = named.get(reference) or reference or start.get("name") or element
                found.append(StartEvent(process, "", element, kind, name))
        found += [_timer(start, event, now) for event in start.iterfind("bpmn:timerEventDefinition", NAMES)]
    return found


def _timer(start: Node, event: Node, now: datetime) -> StartEvent:
    element = start.get("id")
    texts = [inner for inner in event if isinstance(inner.tag, str) and inner.tag.startswith(tag("time"))]
    text = (texts[0].text or "").strip() if texts else ""
    try:
        due, value = first_start(text, repeats=texts[0].tag == tag("timeCycle"), now=now) if texts else (None, None)
    except ValueError as error:
        raise InvalidDefinition(f"startEvent {element!r}: unreadable timer: {error}", line=event.sourceline) from error
    return StartEvent(start.getparent().get("id"), "", element, "timer", text[:MAX_TEXT], due, value)


def names(text: str | None) -> tuple[str, ...]:
    """A comma-separated list, trimmed and sorted."""
    return tuple(sorted({name.strip() for name in (text or "").split(",") if name.strip()}))


def _definition(
    application: str, process: Node, version: int, definition_id: str, memory: EngineMemory
) -> ProcessDefinition:
    said, start = vendor.attributes(process), process.find("bpmn:startEvent", NAMES)
    users, groups = vendor.starters(process)
    form = _form(start, memory)
    return ProcessDefinition(
        definition_id=definition_id,
        application=application,
        key=process.get("id"),
        version=version,
        name=process.get("name"),
        description=vendor.documentation(process),
        version_tag=said.get("versionTag"),
        form_key=vendor.attributes(start).get("formKey"),
        form_fields=form.fields,
        form_ref=form.reference,
        startable=said.get("isStartableInTasklist", "true") != "false",
        candidate_starter_users=names(users),
        candidate_starter_groups=names(groups),
    )


def _form(start: Node, memory: EngineMemory) -> Asked:
    """What people are asked who start it; by a form of its own as it is at deployment."""
    said = vendor.attributes(start)
    wanted = named_form(said)
    return asked(tuple(vendor.form_fields(start)), said, memory.form(*wanted) if wanted else None)
