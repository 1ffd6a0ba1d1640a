"""Documents as the API shows them: the fields promised, nothing internal."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from domain.values import is_address
from store.lists.facets import FacetValue
from store.views.large import is_large
from webapp.services import now, services
from webapp.sign_in import asker

Document = Mapping[str, Any]
Json = dict[str, Any]

_TASK = (
    *("engineTaskId", "application", "name", "description", "taskDefinitionKey", "processDefinitionKey"),
    *("processDefinitionId", "processName", "processInstanceId", "businessKey", "formKey", "formUrl", "state"),
    *("assignee", "owner", "candidateUsers", "candidateGroups", "priority", "createTime", "dueDate", "followUpDate"),
    *("payload", "correlations", "revision", "tenantId", "formFields", "endTime", "completedBy"),
    *("parentTaskId", "delegationState", "formRef"),
)
_INSTANCE = (
    *("processInstanceId", "application", "processDefinitionKey", "processDefinitionId", "processName", "businessKey"),
    *("state", "startUser", "startTime", "endTime", "superInstanceId", "deleteReason", "revision"),
    "tenantId",
)
_DEFINITION = (
    *("application", "key", "version", "name", "description", "versionTag", "formKey", "formUrl", "startable"),
    *("candidateStarterUsers", "candidateStarterGroups", "formFields", "formRef", "tenantId"),
)
_ENTRY = (
    *("application", "entryType", "entryId", "type", "name", "description", "payload", "correlations", "state"),
    *("authorizedUsers", "authorizedGroups", "formKey", "formUrl", "revision", "tenantId"),
)
_BEFORE = {"revision": 0, "assignee": None}
_HISTORY = ("type", "time", "revision", "changes", "assignee")


def facet(found: FacetValue) -> Json:
    """A value with its count; what is not counted one by one says so."""
    return {"value": found.value, "count": found.count, **({"isAbout": True} if found.is_about else {})}


def tasks(documents: Sequence[Document], *, expand: bool = False, whole: bool = False) -> list[Json]:
    """Tasks with the command in flight on each; a large payload only where `whole`."""
    pending = services().commands.pending([document["_id"] for document in documents], now())
    return with_pending(documents, pending, expand=expand, whole=whole)


def with_pending(
    documents: Sequence[Document], pending: Mapping[str, Document], *, expand: bool = False, whole: bool = False
) -> list[Json]:
    """The same when it is known already what is in flight, by task."""
    entries = services().entries.of_tasks(documents, asker()) if expand else {}
    return [
        _task(document, pending.get(document["_id"]), entries.get(document["_id"]), whole) for document in documents
    ]


def task(document: Document) -> Json:
    """One task with its data entries."""
    return tasks([document], expand=True, whole=True)[0]


def instances(documents: Sequence[Document]) -> list[Json]:
    """Process instances with the number of their open incidents, None where their store is away."""
    pairs = [(document["application"], document["processInstanceId"]) for document in documents]
    counted = services().operations.incidents.counts(pairs)
    return [
        {"id": document["_id"], **_only(document, _INSTANCE), "incidents": counted.get(pair)}
        for document, pair in zip(documents, pairs, strict=True)
    ]


def instance(document: Document) -> Json:
    """One process instance."""
    return instances([document])[0]


def variable(document: Document) -> Json:
    """One process variable."""
    return _only(document, ("name", "value", "valueType", "revision"))


def definition(document: Document) -> Json:
    """One process definition."""
    return {"id": document["_id"], **_only(document, _DEFINITION)}


def entry(document: Document, *, whole: bool = False) -> Json:
    """One data entry; a large payload only where `whole`."""
    shown: Json = {"id": document["_id"], **_only(document, _ENTRY)}
    shown["formUrl"] = shown["formUrl"] if is_address(shown["formUrl"]) else None
    shown["payloadOmitted"] = not whole and is_large(shown["payload"])
    if shown["payloadOmitted"]:
        shown["payload"] = None
    return shown


def entry_line(document: Document) -> Json:
    """One thing that was done to a data entry."""
    return {"id": document["_id"], **_only(document, ("type", "time", "revision", "log", "state"))}


def history(documents: Iterable[Document], comments: Iterable[Document], task: Document) -> list[Json]:
    """What happened to a task, oldest first; its payload only as it is now, whatever it once was.

    A comment is a line as well, with the revision and the assignee that the task had then.
    """
    shown: list[Json] = []
    for document in documents:
        line = {"id": document["_id"], **_only(document, _HISTORY), "by": _doer(document)}
        if isinstance(line["changes"], Mapping) and "payload" in line["changes"]:
            line["changes"] = {**line["changes"], "payload": task.get("payload")}
        shown.append(line)
    for one in comments:
        at = bisect_right(shown, one["time"], key=itemgetter("time"))
        then = {name: shown[at - 1][name] for name in ("revision", "assignee")} if at else _BEFORE
        changes = {"user": one["user"], "text": one["text"]}
        line = {"id": one["_id"], "type": "task.commented", "time": one["time"], "changes": changes}
        shown.insert(at, {**line, **then, "by": one["user"]})
    return shown


def _doer(document: Document) -> str | None:
    """Events of earlier versions said it of completions only."""
    found: str | None = document.get("by") or (document.get("changes") or {}).get("completedBy")
    return found


def command(document: Document) -> Json:
    """A command and its outcome; the task it was about is added by the endpoint."""
    shown: Json = {"commandId": document["_id"], "status": document["status"]}
    shown |= {"action": document.get("action"), "produced": document.get("produced") or []}
    if document.get("problem"):
        shown["problem"] = document["problem"]
    if document.get("result"):
        shown["result"] = document["result"]
    return shown


def _task(document: Document, pending: Document | None, entries: Sequence[Document] | None, whole: bool) -> Json:
    in_flight = pending and {"commandId": pending["_id"], "action": pending["action"], "user": pending["user"]}
    about = None if entries is None else [entry(one, whole=whole) for one in entries]
    shown = {"id": document["_id"], **_only(document, _TASK), "pending": in_flight, "dataEntries": about}
    # Older ones were kept before addresses were judged at the door.
    shown["formUrl"] = shown["formUrl"] if is_address(shown["formUrl"]) else None
    shown["excludedUsers"] = document.get("excludedUsers") or []
    shown["suspended"] = bool(document.get("suspended"))
    shown["partlySearched"] = bool(document.get("partlySearched"))
    # Only with the task itself: who reads a list or hears of changes need not be asked again who they are.
    shown["warnings"] = (document.get("warnings") or []) if whole and asker().is_operator else None
    shown["payloadOmitted"] = not whole and (bool(document.get("large")) or is_large(shown["payload"]))
    if shown["payloadOmitted"]:
        shown["payload"] = None
    return shown


def _only(document: Document, names: Iterable[str]) -> Json:
    return {name: document.get(name) for name in names}
