"""The checker: log, view and engine must agree when nothing is in flight."""

import json
from collections import defaultdict

from SpiffWorkflow.util.task import TaskState
from sqlalchemy import text

from domain.identity import Key


def drift(database, application, views):
    """Every disagreement found, in words; an empty list is what everybody hopes for."""
    with database.reading() as connection:
        heads = list(connection.execute(text("SELECT application, aggregate, id, revision, state FROM aggregate")))
        events = list(connection.execute(text("SELECT application, aggregate, aggregate_id, revision FROM event")))
        waiting = connection.scalar(text("SELECT count(*) FROM outbox"))
        instances = list(connection.execute(text("SELECT instance_id, state, finished FROM instance")))
    found = [] if not waiting else [f"{application}: {waiting} rows still in the outbox"]
    found += _gaps(events, heads)
    found += _views_behind(heads, views)
    found += _engine_differs(heads, instances)
    return found


def _gaps(events, heads):
    revisions = defaultdict(list)
    for application, aggregate, name, revision in events:
        revisions[Key(application, aggregate, name)].append(revision)
    newest = {Key(*head[:3]): head[3] for head in heads}
    gaps = [
        f"{key}: revisions {sorted(seen)}"
        for key, seen in revisions.items()
        if sorted(seen) != list(range(1, len(seen) + 1))
    ]
    gaps += [
        f"{key}: head {newest[key]}, log {max(seen)}" for key, seen in revisions.items() if newest.get(key) != max(seen)
    ]
    return gaps + [f"{key}: a head without events" for key in newest.keys() - revisions.keys()]


def _views_behind(heads, views):
    found = []
    for application, aggregate, name, revision, state in heads:
        key = Key(application, aggregate, name)
        document = views[aggregate].find_one({"_id": key.opaque})
        if document is None:
            found.append(f"{key}: not in the view")
        elif document["revision"] != revision:
            found.append(f"{key}: view {document['revision']}, log {revision}")
        elif any(document[field] != value for field, value in json.loads(state).items() if field in document):
            found.append(f"{key}: the view shows another state")
        if aggregate == "task" and views["task_history"].count_documents({"taskKey": key.opaque}) != revision:
            found.append(f"{key}: the history is not complete")
    return found


def _engine_differs(heads, instances):
    """Open tasks in the log are exactly the ready user tasks in the engine's own saved state."""
    logged = defaultdict(set)
    for _, aggregate, name, _, state in heads:
        task = json.loads(state)
        if aggregate == "task" and task["state"] == "open":
            logged[task["processInstanceId"]].add(name)
    found = []
    for instance_id, state, finished in instances:
        ready = set() if finished else ready_tasks(json.loads(state))
        if ready != logged[instance_id]:
            found.append(f"instance {instance_id}: engine has {sorted(ready)}, log has {sorted(logged[instance_id])}")
    return found


def ready_tasks(saved):
    """Ids of the ready tasks in a saved instance: after an engine step only people's tasks are left ready."""
    workflow = saved["workflow"]
    parts = [workflow, *(workflow.get("subprocesses") or {}).values()]
    return {name for part in parts for name, task in part["tasks"].items() if task["state"] == TaskState.READY}
