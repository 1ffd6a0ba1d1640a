"""What must be true of errands when all is over: each has come to its end, and what happened in it happened once."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass

ENTRY = "errand"
MOST_ROUNDS = {"errand_timers": 3, "errand_clock": 4}


@dataclass
class Ended:
    """An instance as the log has it, with the variables its engine has kept."""

    instance_id: str
    process: str
    key: str
    state: str
    caller: str
    variables: dict


@dataclass
class Around:
    """What else there is; `found` are the instances that nobody has accounted for yet."""

    errands: object
    log: object
    found: dict


def check_errands(errands, log, findings):
    """Everything; `log` is that of the application they run in."""
    found, mine = defaultdict(list), set()
    for one in ended(log):
        mine.add(one.instance_id)
        found[one.process, one.key].append(one)
        findings.expect(
            "errand", one.state == "FINISHED", f"{one.process} {one.key} ({one.instance_id}) is {one.state}"
        )
    for errand in errands.all.values():
        roots = found.pop((f"errand_{errand.kind}", errand.key), [])
        words = f"{errand.key} was answered {errand.asked.status} and is there {len(roots)} times"
        findings.expect("errand", len(roots) == (errand.asked.status == 201), words)
        if len(roots) == 1 and roots[0].state == "FINISHED":
            _check_one(errand, roots[0], Around(errands, log, found), findings)
    clocks = found.pop(("errand_clock", None), [])
    most = MOST_ROUNDS["errand_clock"]
    findings.expect("errand", len(clocks) <= most, f"the clock has started {len(clocks)} instances, {most} at most")
    findings.expect("errand", not found, f"instances that nobody has asked for: {sorted(map(str, found))[:3]}")
    left = [one for one in log.incidents if one[0] in mine]
    findings.expect("incident", not left, f"{len(left)} incidents that nobody has decided about: {left[:3]}")
    _check_bells(errands, log, findings)


def ended(log):
    """The instances of errands, the called ones too."""
    kept = {instance_id: json.loads(state)["variables"] for instance_id, state, _ in log.instances}
    for key, (_, _, state) in log.folded.items():
        if key.aggregate == "process_instance" and state["processDefinitionKey"].startswith("errand_"):
            yield Ended(
                *(key.id, state["processDefinitionKey"], state["businessKey"], state["state"]),
                *(state["superInstanceId"], kept.get(key.id, {})),
            )


def _check_one(errand, root, around, findings):
    variables, applied = root.variables, 2 if errand.kind == "flaky" else 1
    words = f"{errand.key} has gone on {variables.get('applied')} times behind what it waits for, not {applied}"
    findings.expect("errand", variables.get("applied") == applied, words)
    _BY_KIND.get(errand.kind, lambda *_: None)(errand, root, around, findings)


def _flaky(errand, root, around, findings):
    """Of all that was written only what the call that went well has written is there."""
    entries = [
        (revision, state["payload"]["marker"])
        for key, (_, revision, state) in around.log.folded.items()
        if key.aggregate == "data_entry" and errand.key in key.id
    ]
    wanted = [(1, root.variables.get("marker"))]
    findings.expect("service", entries == wanted, f"{errand.key} has written {entries}, its result is {wanted}")


def _job(errand, root, around, findings):
    effects, marker = around.errands.effects[errand.key], root.variables.get("marker")
    words = f"the result of {errand.key} is of the job {marker}, which has had the effects {effects}"
    findings.expect("job", marker in effects, words)


def _external(errand, root, around, findings):
    ends, marker = around.errands.ends[errand.key], root.variables.get("marker")
    taken = [one for one, status in ends.items() if status == 204]
    findings.expect("job", marker in ends, f"{errand.key} has a result {marker} that no worker has told")
    findings.expect("job", taken in ([], [marker]), f"{errand.key} has the result {marker}, told as taken were {taken}")


def _timers(errand, root, _around, findings):
    rounds, most = root.variables.get("rounds"), MOST_ROUNDS["errand_timers"]
    findings.expect("errand", 0 <= rounds <= most, f"{errand.key} was reminded {rounds} times, {most} at most")


def _ask(errand, _root, around, findings):
    answers = around.found.pop(("errand_answer", errand.key), [])
    findings.expect("message", len(answers) == 1, f"the question of {errand.key} was taken by {len(answers)}")


def _letter(errand, root, around, findings):
    posted, letter = around.errands.letters[errand.key], root.variables.get("letter")
    sure = [marker for marker, taken in posted if taken]
    possible = [marker for marker, taken in posted if taken is not False]
    words = f"{errand.key} has the letter {letter}, taken were {sure} and perhaps {possible}"
    findings.expect("message", letter in possible and sure in ([], [letter]), words)


def _trip(errand, root, around, findings):
    legs, variables = around.found.pop(("errand_leg", errand.key), []), root.variables
    callers = [one.caller for one in legs]
    findings.expect("call", callers == [root.instance_id], f"{errand.key} has called {len(legs)}, by {callers}")
    seen = {name: variables.get(name) for name in ("result", "doubled", "secret", "n")}
    wanted = {"result": 2 * errand.number, "doubled": None, "secret": None, "n": None}
    findings.expect("call", seen == wanted, f"{errand.key} sees {seen} of what it called, not {wanted}")


def _check_bells(errands, log, findings):
    """Each is heard by all who waited: by none later than the first that was surely rung after it had begun to wait."""
    gathered = {one.key: one for one in ended(log) if one.process == "errand_gather"}
    places = {bell.marker: place for place, bell in enumerate(errands.bells)}
    heard = Counter()
    for key, one in gathered.items():
        marker = one.variables.get("bell")
        findings.expect("signal", marker in places, f"{key} has heard {marker}, which nobody rang")
        heard[marker] += 1
        answered = errands.all[key].answered_at if key in errands.all else None
        sure = [bell for bell in errands.bells if bell.heard is not None and answered and bell.began > answered]
        if sure and marker in places:
            in_time = places[marker] <= places[sure[0].marker]
            findings.expect("signal", in_time, f"{key} has missed a signal that it waited for")
    for bell in errands.bells:
        if bell.heard is not None:
            took = frozenset(one.instance_id for one in gathered.values() if one.variables.get("bell") == bell.marker)
            findings.expect(
                "signal", took == bell.heard, f"told were {sorted(bell.heard)}, heard it have {sorted(took)}"
            )


_BY_KIND = {
    "flaky": _flaky,
    "job": _job,
    "external": _external,
    "timers": _timers,
    "ask": _ask,
    "letter": _letter,
    "trip": _trip,
}


def counts(errands, log):
    """How many instances of each process there are, and what was decided."""
    found = Counter(one.process for one in ended(log))
    found.update({f"{kind} incidents: {what}": count for (kind, what), count in errands.decided.items()})
    found["effects of jobs"] = sum(map(len, errands.effects.values()))
    found["ends of external tasks"] = sum(map(len, errands.ends.values()))
    found["letters"], found["bells"] = sum(map(len, errands.letters.values())), len(errands.bells)
    return found
