"""People at work: they start, claim, complete, defer and assign over HTTP and try again until they get an answer."""

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import httpx

from domain.values import iso

PATIENCE = 150.0
MANY_AT_ONCE, TALK = 0.03, 0.03
"""How often somebody does something with several tasks at once, and how often they comment on one."""
NOT_YET = ("internal-error", "unavailable", "engine-unreachable")
LARGEST_BACKLOG = 150
GROUP = {"approver1": "approver2", "approver2": "approver1", "accountant1": "accountant1"}
VARIABLES = {
    "approve": {"decision": ("APPROVE", "REJECT", "RETURN")},
    "amend": {"action": ("RESUBMIT", "CANCEL")},
    "assign_approver": {"approver": ("approver1", "approver2")},
    "approve_invoice": {"approved": (True, False)},
    "check_invoice": {"checkNote": ("fine", "strange")},
    "prepare_payment": {"paymentReference": ("P-1", "P-2")},
}
STARTS = {
    "approval": ("approve_request", {"subject": "a chair"}),
    "invoicing": ("process_invoice", {"creditor": "a shop"}),
}


class Person:
    """A seeded user with a client of their own; every command carries an Idempotency-Key."""

    impatience = 0.0
    """How often the engine's being out of reach is taken for an answer: then nothing may have been done."""

    def __init__(self, url, ledger, seed, user):
        self.url, self.ledger, self.user = url, ledger, user
        self.random = random.Random(f"{user} {seed}")
        self.client = httpx.Client(base_url=f"{url}/api/v1", auth=(user, user), timeout=20)

    def close(self):
        self.client.close()

    def ask(self, action, path, body=None):
        """Send and repeat until the outcome is known; None when it never was."""
        key = self.new_key()
        return self.repeat(self.ledger.ask(self.user, action, path, key), body)

    def new_key(self):
        return str(UUID(int=self.random.getrandbits(128)))

    def repeat(self, asked, body):
        """The same until there is an answer."""
        action, path, key = asked.action, asked.path, asked.key
        not_yet = NOT_YET[: -1 if self.random.random() < self.impatience else None]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            asked.attempts += 1
            if answer := self._attempt(action, path, body, key, not_yet):
                asked.status, asked.answer = answer.status_code, answer.json()
                asked.seconds = time.time() - asked.asked_at
                return answer
            time.sleep(0.2)
        return None

    def deploy(self, name, source):
        """Deploy a model in `approval` and repeat until it is there; whether it ever was."""
        headers, asked = {"Content-Type": "application/xml", "Idempotency-Key": f"deploy {name}"}, 0
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = self.client.post("/applications/approval/deployments", content=source, headers=headers)
                if answer.status_code == HTTPStatus.CREATED:
                    return True
                if answer.status_code == HTTPStatus.GONE:
                    # Nobody was there in time, which is said of this command for ever: it is asked for anew.
                    asked += 1
                    headers["Idempotency-Key"] = f"deploy {name} {asked}"
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        self.ledger.complain(f"{name} was never deployed")
        return False

    def read(self, **query):
        """The tasks a list shows now; none when it cannot be had."""
        try:
            answer = self.client.get("/tasks", params=query)
            self.ledger.backlog[self.user] = answer.json()["total"]
            return answer.json()["items"]
        except (httpx.HTTPError, ValueError, KeyError):
            return []

    def _attempt(self, action, path, body, key, not_yet):
        """The answer, or None while there is none."""
        headers = {"Idempotency-Key": key, "Prefer": "wait=2"}
        try:
            answer = self.client.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            self.ledger.attempt(action, type(error).__name__)
            return None
        slug = "" if answer.status_code < 400 else _slug(answer)
        self.ledger.attempt(action, f"{answer.status_code} {slug}".strip())
        return None if answer.status_code == 202 or slug in not_yet else answer


class Starter(Person):
    """Starts processes of both applications, invoices of one creditor after the other."""

    EACH = 6
    """Invoices of a creditor; who has had them, all answered, may be erased."""
    number, left = 0, EACH

    def work(self):
        if max(self.ledger.backlog.values(), default=0) > LARGEST_BACKLOG:
            return
        application = self.random.choice(list(STARTS))
        process, variables = STARTS[application]
        creditor = f"creditor {self.user} {self.number}."
        more = {"amount": self.random.randrange(1000), **({"creditor": creditor} if "creditor" in variables else {})}
        path = f"/process-definitions/{application}/{process}/start"
        answer = self.ask("start", path, {"variables": variables | more})
        if "creditor" in more:
            self._count(creditor, answer)

    def _count(self, creditor, answer):
        self.left -= 1
        if answer is not None and self.left:
            return
        self.number, self.left = self.number + 1, self.EACH
        if answer is not None:
            self.ledger.creditors.append(creditor)


class Worker(Person):
    """Does something with a task of theirs, or with one that others want too."""

    def work(self):
        scope = self.random.choice(("visible", "visible", "mine", "unassigned"))
        items = self.read(scope=scope, deferred="show", size=30)
        if not items:
            return
        if (chance := self.random.random()) < MANY_AT_ONCE:
            self.bulk(items)
        elif chance < MANY_AT_ONCE + TALK:
            self.comment(self.random.choice(items))
        else:
            task = self.random.choice(items)
            self.act(task, self._wish(task))

    def bulk(self, items):
        """Claim some, or give back those of theirs, each decided by itself."""
        action = self.random.choice(("claim", "unclaim"))
        chosen = [task["id"] for task in self.random.sample(items, min(5, len(items)))]
        asked = self.ledger.ask_bulk(self.user, action, "/tasks/bulk", self.new_key(), chosen)
        self.repeat(asked, {"action": action, "ids": chosen})

    def comment(self, task):
        """Say something that nobody has said."""
        key = self.new_key()
        self.repeat(
            self.ledger.say(self.user, f"/tasks/{task['id']}/comments", key, f"noted {key}"), {"text": f"noted {key}"}
        )

    def act(self, task, action):
        self.ask(action, f"/tasks/{task['id']}/{action}", self._body(task, action))

    def _wish(self, task):
        if task["assignee"] == self.user:
            return self.random.choices(
                ("complete", "unclaim", "defer", "undefer", "assign", "change"), (12, 2, 2, 1, 1, 1)
            )[0]
        return self.random.choices(("claim", "assign", "defer", "complete"), (14, 2, 2, 1))[0]

    def _body(self, task, action):
        match action:
            case "complete":
                choices = VARIABLES.get(task["taskDefinitionKey"], {})
                return {"variables": {name: self.random.choice(values) for name, values in choices.items()}}
            case "assign":
                return {"assignee": self.random.choice((GROUP.get(self.user, self.user), None))}
            case "defer":
                until = datetime.now(UTC) + timedelta(seconds=self.random.uniform(0.5, 5))
                return {"followUpDate": iso(until)}
            case "change":
                return {"priority": self.random.choice((None, 10, 50, 90)), "dueDate": iso(datetime.now(UTC))}
        return None


class People:
    """Everybody, each in a thread of their own; whoever leaves the block has waited for every answer."""

    def __init__(self, url, seed, ledger, pause=(0.02, 0.15)):
        self.ledger, self.pause = ledger, pause
        self.members = [Starter(url, ledger, f"{seed} starting", user) for user in ("requester1", "requester2")]
        everybody = ("approver1", "approver2", "accountant1", "requester1", "requester2")
        self.members += [Worker(url, ledger, seed, user) for user in everybody]
        self.stop = threading.Event()
        self._threads = [threading.Thread(target=self._busy, args=(member,), daemon=True) for member in self.members]

    def join(self, member):
        """One more, of whatever trade."""
        self.members.append(member)
        self._threads.append(threading.Thread(target=self._busy, args=(member,), daemon=True))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self._threads:
            thread.join(timeout=PATIENCE + 30)
        for member in self.members:
            member.close()

    def _busy(self, member):
        try:
            while not self.stop.wait(member.random.uniform(*self.pause)):
                member.work()
        except Exception as error:  # noqa: BLE001 - the run must say that somebody stopped working
            self.ledger.complain(f"{member.user} stopped working: {type(error).__name__}: {error}")


def _slug(answer):
    try:
        return answer.json()["type"].rpartition("/")[2]
    except (ValueError, KeyError):
        return "not-a-problem"
