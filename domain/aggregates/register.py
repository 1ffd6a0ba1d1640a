"""The kinds of aggregate there are: a new one is a file beside this one and an entry here; see `kind.Kind`.

Collections of the views, their indexes, what web processes watch, cleaning, reconciling, rebuilding and the schemas of
events are derived from it. What outside engines may say of it is in `engines.formats.records.READERS`.
"""

from __future__ import annotations

from domain.access import starter_principals, task_principals
from domain.aggregates import (
    command,
    data_entry,
    data_entry_document,
    data_subject,
    process_definition,
    process_instance,
    process_variable,
    task,
    task_document,
)
from domain.aggregates.fold import fold
from domain.aggregates.kind import Embedding, History, Keep, Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            *("task", task.UserTask, task.decide, task.evolve),
            fold=fold,
            principals=task_principals,
            document=task_document.document,
            gathered=task_document.gathered,
            embeds=Embedding("data_entry", "correlated", "entries", data_entry_document.embedded),
            history=History("task_history", "taskKey", task_document.entry),
            keep=Keep("tasks", "endTime"),
            watched="rows",
        ),
        Kind(
            *("data_entry", data_entry.DataEntry, data_entry.decide, data_entry.evolve),
            principals=data_entry.principals,
            document=data_entry_document.document,
            history=History(
                "data_entry_history", "entryKey", data_entry.line, has_changes=False, rename=data_entry.rename
            ),
            keep=Keep("tasks", "endTime"),
        ),
        Kind(
            *("process_definition", process_definition.ProcessDefinition),
            *(process_definition.decide, process_definition.evolve),
            principals=starter_principals,
        ),
        Kind(
            *("process_instance", process_instance.ProcessInstance, process_instance.decide, process_instance.evolve),
            document=process_instance.document,
            keep=Keep("tasks", "endTime"),
        ),
        Kind(
            *("process_variable", process_variable.ProcessVariable, process_variable.decide, process_variable.evolve),
            fold=process_variable.fold,
            keep=Keep("tasks", "endTime"),
        ),
        Kind(*("data_subject", data_subject.DataSubject, data_subject.decide, data_subject.evolve)),
        Kind(
            *("command", command.Outcome, command.decide, command.evolve),
            keep=Keep("commands", "eventTime", stub=False, unless={"status": command.PENDING}),
            watched="whole",
            is_asked_first=True,
        ),
    )
}


def collections() -> list[str]:
    """The collections of the views by their plain names: documents, and histories after the kind they are of."""
    return [
        name for kind in KINDS.values() for name in (kind.name, *([kind.history.collection] if kind.history else []))
    ]


def histories() -> dict[str, History]:
    """Those that keep what has happened, by kind."""
    return {kind.name: kind.history for kind in KINDS.values() if kind.history}


def event_types() -> frozenset[str]:
    """Every type of event that there is."""
    return frozenset().union(*(kind.event_types for kind in KINDS.values()))
