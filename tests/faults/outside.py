"""The checker's other half: what people, the outside engine and rolled back work were told against what is logged."""

import re
from collections import Counter, defaultdict

from tests.faults.foreign import APPLICATION

CREATED = 201
CREDITOR = re.compile(r"creditor requester\d \d+\.")
UNNAMED = ("deploy", "finish_job", "fail_job")
"""Commands whose names only the web knows."""
HOLDERS = ("task", "task_history", "data_entry", "data_entry_history", "process_variable", "process_instance", "draft")


def check_answers(ledger, stores, findings):
    """Every command has one answer, and the answer is what the log says."""
    outcomes = {name: states[-1] for log in stores for name, states in log.outcomes.items()}
    for asked in ledger.asked:
        words = f"{asked.user} {asked.action} {asked.path} ({asked.command_id})"
        findings.expect("answer", asked.status is not None, f"{words} was never answered")
        outcome = outcomes.pop(asked.command_id, None)
        if asked.status is None:
            continue
        status = outcome and outcome["status"]
        told = f"{words} was answered {asked.status} {asked.answer.get('type', '')}, the log says {status}"
        findings.expect("answer", asked.accepted == (status == "accepted"), told)
        if outcome and outcome["problem"]:
            findings.expect("answer", outcome["problem"]["status"] == asked.status, told)
    check_bulk(ledger, outcomes, findings)
    strangers = [name for name, outcome in outcomes.items() if outcome["action"] not in UNNAMED]
    findings.expect("answer", not strangers, f"{len(strangers)} commands that nobody sent: {strangers[:3]}")


def check_bulk(ledger, outcomes, findings):
    """Of each task in a bulk what was told is what the log says; what nobody was told may have been done, too."""
    for asked in ledger.bulk:
        findings.expect("bulk", asked.status is not None, f"{asked.user} {asked.path} was never answered")
        told = {one["id"]: one for one in asked.answer.get("items", ())}
        for task, command_id in asked.parts.items():
            outcome = outcomes.pop(command_id, None)
            said = told.get(task, {"status": "pending", "commandId": None})
            if said["commandId"] is None or said["status"] == "pending":
                continue
            status = outcome and outcome["status"]
            words = f"{asked.user} {asked.action} {task} in a bulk was told {said['status']}, the log says {status}"
            findings.expect("bulk", said["status"] == status, words)


def check_comments(ledger, views, findings):
    """What people were told is kept is there once; nothing is there that nobody said."""
    there = Counter((one["user"], one["text"]) for one in views["comment"].find())
    sure = {(asked.user, asked.text) for asked in ledger.comments if asked.status == CREATED}
    said = {(asked.user, asked.text) for asked in ledger.comments}
    findings.expect("comment", sure <= there.keys(), f"{len(sure - there.keys())} comments are lost")
    findings.expect("comment", there.keys() <= said, f"{len(there.keys() - said)} comments that nobody made")
    findings.expect("comment", set(there.values()) <= {1}, "a comment is there twice")


def check_erased(ledger, stores, views, findings):
    """Who was erased is shown nowhere and in no instance; in the log nobody ever was."""
    names = set(ledger.erased)
    for name in HOLDERS:
        shown = Counter(found for one in views[name].find() for found in CREDITOR.findall(str(one)))
        left = sorted(names & shown.keys())
        findings.expect("erased", not left, f"{len(left)} who are erased are still in {name}: {left[:3]}")
    for log in stores:
        kept = {found for _, state, _ in log.instances for found in CREDITOR.findall(state)}
        left = sorted(names & kept)
        findings.expect("erased", not left, f"{len(left)} who are erased are still in instances: {left[:3]}")
        words = f"{log.in_the_clear} events of {log.application} name creditors in the clear"
        findings.expect("erased", not log.in_the_clear, words)


def check_completions(ledger, stores, findings):
    """What people were told they completed is what was completed by people."""
    told = Counter(asked.command_id for asked in ledger.asked if asked.action == "complete" and asked.accepted)
    done = Counter(cause for log in stores for cause, by, _ in log.completions if cause)
    findings.expect(
        "completion", told == done, f"{len(told)} completed by answer, {len(done)} by log: {told - done, done - told}"
    )


def check_pending(ledger, views, findings):
    """Nothing that has an answer is still shown as on its way."""
    answered = {asked.command_id for asked in ledger.asked if asked.status is not None}
    pending = [one["commandId"] for one in views["command"].find({"status": "pending"}) if one["commandId"] in answered]
    findings.expect("pending", not pending, f"{len(pending)} answered commands are pending in the view: {pending[:3]}")


def check_units(ledger, stores, views, findings):
    """What was rolled back is nowhere, what was committed is there once."""
    wanted, unsure = Counter(ledger.kept), {name for names in ledger.unsure for name in names}
    for log in stores:
        keys = [
            state.get("businessKey") for key, (_, _, state) in log.folded.items() if key.aggregate == "process_instance"
        ]
        there = Counter(key for key in keys if key and key.startswith("unit "))
        ghosts = there.keys() & set(ledger.undone)
        findings.expect("rollback", not ghosts, f"{log.application} logged what was rolled back: {sorted(ghosts)[:3]}")
        if log.application == "approval":
            sure = Counter({name: times for name, times in there.items() if name not in unsure})
            findings.expect(
                "rollback", sure - Counter(ledger.undone) == wanted, f"kept {len(wanted)}, logged {len(sure)}"
            )
            for names in ledger.unsure:
                whole = {there[name] for name in names}
                findings.expect("rollback", whole in ({0}, {1}, set()), f"half of a transaction is logged: {names}")
    for collection in ("task", "process_instance"):
        ghosts = views[collection].count_documents({"businessKey": {"$in": ledger.undone}})
        findings.expect("rollback", not ghosts, f"{ghosts} documents of rolled back work in {collection}")


def check_foreign(ledger, hosted, findings):
    """Every record taken is there once, done, in order, and has had its effect."""
    posted = [record["id"] for record in ledger.records]
    states = dict(hosted.received)
    findings.expect("foreign", len(states) == len(hosted.received), "a record is there twice")
    findings.expect(
        "foreign", [name for name, _ in hosted.received] == posted, "the records are not those posted, in order"
    )
    for record in ledger.records:
        findings.expect("foreign", states.get(record["id"]) == "done", f"{record['id']}: {states.get(record['id'])}")
    said = defaultdict(list)
    for record in ledger.records:
        if "description" in record["data"]:
            said[record["subject"]].append(record["data"]["description"])
    heard = defaultdict(list)
    for key, _, _, kind, changes in sorted(hosted.events.values(), key=lambda event: event[2]):
        if key.application == APPLICATION and kind == "task.attributes_changed" and "description" in changes:
            heard[key.id].append(changes["description"])
    for key, (_, _, state) in hosted.folded.items():
        if key.application == APPLICATION and key.aggregate == "task":
            _check_case(key.id, state, said[key.id], heard[key.id], findings)


def _check_case(name, state, said, heard, findings):
    """What was said in one transaction is folded, so some markers are skipped, but none comes twice or too early."""
    positions = [said.index(marker) for marker in heard if marker in said]
    findings.expect("foreign", len(positions) == len(heard), f"{name} changed to what nobody said")
    findings.expect(
        "foreign", positions == sorted(set(positions)), f"{name}: records took effect out of order or twice"
    )
    if state["state"] == "open":
        findings.expect("foreign", state["description"] == said[-1], f"{name} is open and misses the last change")
