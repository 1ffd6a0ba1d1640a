"""People and machines around the errands: who starts them, does what they wait for, and decides what has failed."""

import random
import time
from itertools import cycle
from uuid import UUID

import httpx
from sqlalchemy import text

from domain.errors import NotFound, Refused, Transient
from store.events.unit_of_work import Store
from tasks.application import ProcessApplication
from tests.faults.errand_models import BELL, CALM, EFFECTS, LETTER, MODELS, STARTED, TOPIC
from tests.faults.ledger import Bell, Errand
from tests.faults.load import PATIENCE, Person

APPLICATION = "approval"
STARTERS = 3
STARTS, LOOKS, POSTS, RINGS = 0.3, 0.1, 0.1, 0.02
"""How often, of the times they are asked, somebody starts an errand, looks at incidents, and sends something."""
LOCK_MS = 4000
FINISHING_SECONDS, JUMP_AFTER, JUMP_SECONDS = 120.0, 35.0, 4000
"""What was begun while the clock was ahead is due when that time has come."""
OPEN = "SELECT count(*) FROM instance WHERE NOT finished AND definition_id LIKE 'errand%'"


class ErrandStarter(Person):
    """Starts one of each kind after the other; the first of them deploys them before."""

    def __init__(self, url, ledger, seed, number):
        super().__init__(url, ledger, f"{seed} errands {number}", "admin")
        self._deploys, self._kinds = number == 0, cycle(self.random.sample(STARTED, len(STARTED)))

    def work(self):
        deployed = self.ledger.errands.deployed
        if left := [name for name in MODELS if name not in deployed]:
            if self._deploys and self.deploy(left[0], MODELS[left[0]]):
                deployed.add(left[0])
        elif self.random.random() < STARTS:
            self.start(next(self._kinds))

    def start(self, kind):
        key = f"errand {kind} {self.new_key()}"
        path, number = f"/process-definitions/{APPLICATION}/errand_{kind}/start", self.random.randrange(1000)
        asked = self.ledger.ask(self.user, "start", path, self.new_key())
        self.ledger.errands.all[key] = Errand(kind, key, number, asked)
        variables = {"errand": key, "applied": 0, "rounds": 0, "number": number}
        self.repeat(asked, {"variables": variables, "businessKey": key})


class OutsideWorker(Person):
    """Does external tasks over REST: forgets some, is late with some, and says of some that they have failed."""

    calm = False

    def __init__(self, url, ledger, seed):
        super().__init__(url, ledger, f"{seed} outside", "admin")
        self.rest = httpx.Client(base_url=f"{url}/engine-rest/external-task", auth=("admin", "admin"), timeout=30)

    def close(self):
        super().close()
        self.rest.close()

    def work(self):
        # Another name each time: what it was given before is no longer its own.
        worker = f"outside {self.new_key()}"
        wanted = {"topicName": TOPIC, "lockDuration": LOCK_MS}
        body = {"workerId": worker, "maxTasks": 2, "asyncResponseTimeout": 300, "topics": [wanted]}
        answer = self._post("/fetchAndLock", body)
        for task in answer.json() if answer is not None and answer.status_code == 200 else ():
            self._do(task, worker)

    def _do(self, task, worker):
        chance = 1.0 if self.calm else self.random.random()
        if chance < 0.1:
            return
        if chance < 0.25:
            left = 0 if chance < 0.15 else (task["retries"] or 3) - 1
            said = {"workerId": worker, "errorMessage": "not today", "retries": left, "retryTimeout": 300}
            self._post(f"/{task['id']}/failure", said)
            return
        if chance < 0.3:
            time.sleep(LOCK_MS / 1000)
        key, marker = task["variables"]["errand"]["value"], self.new_key()
        ends = self.ledger.errands.ends[key]
        ends[marker] = None
        ends[marker] = self._ended(task["id"], {"workerId": worker, "variables": {"marker": {"value": marker}}})

    def _ended(self, task_id, body):
        """The answer; None when it never came."""
        deadline = time.monotonic() + PATIENCE / 2
        while time.monotonic() < deadline:
            answer = self._post(f"/{task_id}/complete", body)
            if answer is not None and answer.status_code not in (502, 503):
                self.ledger.attempt("external task", str(answer.status_code))
                return answer.status_code
            time.sleep(0.3)
        return None

    def _post(self, path, body):
        try:
            return self.rest.post(path, json=body)
        except httpx.HTTPError:
            return None


class Operator(Person):
    """Tries again what an errand has failed at, and gives up what is anybody else's."""

    def __init__(self, url, ledger, seed):
        super().__init__(url, ledger, f"{seed} operating", "admin")

    def work(self):
        if self.random.random() < LOOKS:
            self.decide()

    def decide(self):
        try:
            found = self.client.get("/ops/incidents", params={"application": APPLICATION}).json().get("items", ())
            for one in found:
                decision = "retry" if one["processDefinitionId"].startswith("errand_") else "resolve"
                if self.client.post(f"/ops/incidents/{one['id']}/{decision}").status_code == 200:
                    self.ledger.errands.decided[one["kind"], decision] += 1
        except (httpx.HTTPError, ValueError):
            return


class Postman:
    """Delivers messages and rings bells by the engine's own functions, in units of work of this process."""

    user = "postman"

    def __init__(self, store, ledger, seed):
        self.random, self.errands = random.Random(f"postman {seed}"), ledger.errands
        self.application = ProcessApplication(APPLICATION)
        self.application.use(store)

    def close(self):
        """There is nothing to let go of."""

    def work(self):
        if self.random.random() < POSTS:
            self.deliver()
        if self.random.random() < RINGS:
            self.ring()

    def deliver(self, *, everybody=False):
        """A letter to somebody who waits for one, as far as is known."""
        letters = [one for one in list(self.errands.all.values()) if one.kind == "letter"]
        waiting = [one.key for one in letters if everybody or one.answered_at]
        waiting = [key for key in waiting if not any(taken for _, taken in self.errands.letters[key])]
        if not waiting:
            return
        key, marker = self.random.choice(waiting), self._marker()
        taken = self._within(lambda engine: engine.correlate(LETTER, key, variables={"letter": marker}))
        self.errands.letters[key].append((marker, taken if taken is None else bool(taken)))

    def ring(self):
        """To all who wait."""
        marker, began = self._marker(), time.time()
        told = self._within(lambda engine: engine.signal(BELL, {"bell": marker}))
        if told is not False:
            heard = None if told is None else frozenset(told["processInstanceIds"])
            self.errands.bells.append(Bell(marker, began, heard))

    def _within(self, do):
        """What the engine says; None where nobody knows whether it was done, False where it was not."""
        try:
            with self.application.unit_of_work() as work:
                told = do(work.engine)
        except NotFound:
            return False
        except Transient:
            return None
        except Refused:
            return False
        return told

    def _marker(self):
        return str(UUID(int=self.random.getrandbits(128)))


def company(url, database, ledger, seed):
    """All of them."""
    yield from (ErrandStarter(url, ledger, seed, number) for number in range(STARTERS))
    yield OutsideWorker(url, ledger, f"{seed} one")
    yield OutsideWorker(url, ledger, f"{seed} two")
    yield Operator(url, ledger, seed)
    yield Postman(Store(database), ledger, seed)


def finish(world, database, ledger, say):
    """Nobody begins anything any more: nothing fails, what is open is done, and whoever waits for a time gets it."""
    (world.errands / CALM).touch()
    begun, jumped = time.monotonic(), False
    worker, operator = (kind(world.system.url, ledger, "last") for kind in (OutsideWorker, Operator))
    worker.calm, postman = True, Postman(Store(database), ledger, "last")
    while (left := _open(world)) and (passed := time.monotonic() - begun) < FINISHING_SECONDS:
        if passed > JUMP_AFTER and not jumped:
            say(f"{left} errands wait for a time to come")
            jumped = world.means.clock.jump(JUMP_SECONDS)
        operator.decide()
        worker.work()
        postman.deliver(everybody=True)
        postman.ring()
    for one in (worker, operator):
        one.close()
    world.means.clock.heal()
    ledger.errands.read_effects(world.errands / EFFECTS)
    say(f"errands are over after {time.monotonic() - begun:.0f} s, {left} are left")


def _open(world):
    with world.databases[0].reading() as connection:
        return connection.scalar(text(OPEN))
