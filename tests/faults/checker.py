"""The checker: log, view, engine, wire, answers and screens must tell one story when nothing is in flight."""

import json
from collections import Counter, defaultdict

from SpiffWorkflow.util.task import TaskState

from tests.faults import log as logs
from tests.faults.findings import Findings
from tests.faults.log import plain

NOT_BEGUN = 503
VIEWS = ("task", "data_entry", "process_definition", "process_instance", "process_variable", "command")


def drift(database, application, views):
    """Every disagreement inside one application, in words; an empty list is what everybody hopes for."""
    findings = Findings()
    check_store(logs.read(database, application, findings), views, findings)
    return findings.found


def check_store(log, views, findings):
    """One application: its heads, its outbox, its views, its engine."""
    findings.expect("outbox", not log.waiting, f"{log.application}: {log.waiting} rows still in the outbox")
    findings.expect("parked", not log.parked, f"{log.application}: {log.parked} aggregates are parked")
    new = sum(state == "new" for _, state in log.received)
    findings.expect("foreign", not new, f"{log.application}: {new} records are not applied")
    for key in log.heads.keys() | log.folded.keys():
        head, last = log.heads.get(key), log.folded.get(key)
        findings.expect("log", last is not None, f"{key}: a head without events")
        same = head is not None and (last is None or (head[:2], plain(head[2])) == (last[:2], plain(last[2])))
        findings.expect("log", same, f"{key}: the head is not the fold of its events")
    _check_views(log, views, findings)
    _check_carried(log, views, findings)
    _check_histories(log, views, findings)
    _check_engine(log, findings)


def _check_views(log, views, findings):
    applications = sorted({key.application for key in log.folded} | {log.application})
    for aggregate in VIEWS:
        shown = {
            document["_id"]: document for document in views[aggregate].find({"application": {"$in": applications}})
        }
        for key, (generation, revision, state) in log.folded.items():
            if key.aggregate == aggregate:
                there = shown.pop(key.opaque, None)
                _check_document(key, (generation, revision), log.shown(state), there, findings)
        # A command is written when it is asked for, before any event says so.
        strangers = [one for one in shown.values() if aggregate != "command" or one["revision"]]
        findings.expect(
            "view", not strangers, f"{len(strangers)} documents in {aggregate} that no log knows: {strangers[:1]}"
        )


def _check_carried(log, views, findings):
    """Tasks carry what the view has of the entries they are about, no other and nothing older."""
    entries = {one["_id"]: one for one in views["data_entry"].find({"application": log.application})}
    for task in views["task"].find({"application": log.application, "correlated": {"$gt": ""}}):
        wanted = {
            key: (entries[key]["generation"], entries[key]["revision"]) for key in task["correlated"] if key in entries
        }
        carried = {one["key"]: (one["generation"], one["revision"]) for one in task.get("entries", ())}
        findings.expect("carried", carried == wanted, f"{task['_id']} carries {carried}, its entries are {wanted}")


def _check_document(key, version, state, document, findings):
    findings.expect("view", document is not None, f"{key}: not in the view")
    if document is None:
        return
    there = (document["generation"], document["revision"])
    findings.expect("view", there == version, f"{key}: view {there}, log {version}")
    if there != version:
        return
    document, state = plain(document), plain(state)
    differs = [name for name, value in state.items() if document.get(name) != value and name != "revision"]
    findings.expect("view", not differs, f"{key}: the view shows another state of {differs}")
    if key.aggregate == "task":
        named = {f"user:{name}" for name in (*state["candidateUsers"], state["assignee"]) if name}
        named |= {"operators", *(f"group:{name}" for name in state["candidateGroups"])}
        findings.expect("view", set(document["principals"]) == named, f"{key}: shown to {document['principals']}")


def _check_histories(log, views, findings):
    tasks = {key.opaque for key in log.folded if key.aggregate == "task"}
    wanted = {name: event for name, event in log.events.items() if event[0].aggregate == "task"}
    for document in views["task_history"].find():
        if document["taskKey"] not in tasks:
            continue
        event = wanted.pop(document["_id"], None)
        same = event is not None and (event[0].opaque, *event[1:4], log.shown(event[4])) == (
            *(document["taskKey"], document["generation"], document["revision"]),
            *(document["type"], document["changes"]),
        )
        findings.expect("history", same, f"{document['taskKey']} tells what is not in the log: {document['type']}")
    lacking = sorted(str(event[:3]) for event in wanted.values())
    findings.expect("history", not wanted, f"{len(wanted)} events are not in the history: {lacking[:3]}")


def _check_engine(log, findings):
    """Open tasks in the log are exactly the ready user tasks in the engine's own saved state."""
    logged, running = defaultdict(set), {}
    for key, (_, _, state) in log.folded.items():
        if key.aggregate == "task" and state["state"] == "open":
            logged[state["processInstanceId"]].add(key.id)
        if key.aggregate == "process_instance" and key.application == log.application:
            running[key.id] = state["state"]
    for instance_id, state, finished in log.instances:
        if not finished:
            for name, tasks in ready_tasks(instance_id, json.loads(state)).items():
                there = logged.pop(name, set())
                words = f"instance {name}: engine has {sorted(tasks)}, log has {sorted(there)}"
                findings.expect("engine", tasks == there, words)
        ended = running.pop(instance_id, None) in ("FINISHED", "CANCELLED")
        findings.expect(
            "engine", bool(finished) == ended, f"instance {instance_id}: engine and log differ about its end"
        )
    if log.instances:
        findings.expect(
            "engine", not running, f"the log knows instances that the engine does not: {sorted(running)[:3]}"
        )
        lost = sorted(name for name, tasks in logged.items() if tasks and name is not None)
        findings.expect("engine", not lost, f"the log has open tasks of instances that have none: {lost[:3]}")
    findings.expect("engine", not log.leftovers, f"{log.leftovers} waits and jobs of instances that have ended")


def ready_tasks(instance_id, saved):
    """Ids of the tasks of people by instance: what is ready after an engine step, and has not stopped there."""
    workflow, calls = saved["workflow"], saved.get("calls") or {}
    found = {instance_id: set()} if workflow else {}
    found |= {one["instance_id"]: set() for one in calls.values()}
    parts = (workflow.get("subprocesses") or {}) if workflow else {}
    holders = {name: parent for parent, part in parts.items() for name in part["tasks"]}

    def home(task_id):
        """The instance of the innermost call around it."""
        while (task_id := holders.get(task_id)) is not None:
            if task_id in calls:
                return calls[task_id]["instance_id"]
        return instance_id

    for part in [workflow, *parts.values()] if workflow else ():
        for name, task in part["tasks"].items():
            if task["state"] == TaskState.READY and name not in saved.get("stops", {}):
                found[home(name)].add(name)
    return found


def check_wire(first, stores, findings):
    """First appearances come in order and without gaps per aggregate; everything logged came, and nothing else."""
    newest = Counter()
    for seen in first.values():
        last = newest[seen.key]
        words = f"{seen.key}: revision {seen.revision} was first seen after {last}"
        findings.expect("wire", seen.revision == last + 1, words)
        newest[seen.key] = max(last, seen.revision)
    logged = {name: body for log in stores for name, body in log.bodies.items()}
    for name in first.keys() & logged.keys():
        findings.expect("wire", first[name].digest == logged[name], f"{name} was published with another body")
    unknown, unseen = first.keys() - logged.keys(), logged.keys() - first.keys()
    findings.expect("wire", not unknown, f"{len(unknown)} events were published that are in no log")
    findings.expect("wire", not unseen, f"{len(unseen)} events were never published: {sorted(unseen)[:3]}")


def check_causes(stores, findings):
    """A command acts at most once: what it caused is what its one outcome says, nothing when it was refused."""
    for log in stores:
        for command_id in log.outcomes.keys() | log.caused.keys():
            said = log.outcomes.get(command_id, [])
            # Answered 503 it was not begun, and may be asked for again.
            last = [state for state in said[:-1] if (state["problem"] or {}).get("status") != NOT_BEGUN] + said[-1:]
            findings.expect("command", len(last) == 1, f"{command_id} has {len(last)} outcomes")
            produced = {
                (one["aggregate"], one["id"], one["generation"], one["revision"])
                for state in said
                for one in state["produced"]
            }
            caused = log.caused.get(command_id, set())
            words = f"{command_id} says it made {sorted(produced)}, the log says {sorted(caused)}"
            findings.expect("command", caused == produced, words)


def check_dead(depths, findings):
    for queue, messages in depths.items():
        findings.expect("dead letters", not messages, f"{messages} in {queue}")
