"""People at work: they start, claim and complete over HTTP and try again until they get an answer."""

import random
import threading
import time
from collections import Counter
from uuid import uuid4

import httpx


class People:
    """A few busy users; every command carries an Idempotency-Key and is repeated until its outcome is known."""

    def __init__(self, url, seed, users=("approver1", "approver2")):
        self.url, self.users = url, users
        self.random = random.Random(seed)
        self.stop = threading.Event()
        self.outcomes, self.started, self.broken = Counter(), [], []
        self._threads = [threading.Thread(target=self._start, daemon=True)]
        self._threads += [threading.Thread(target=self._decide, args=(user,), daemon=True) for user in users]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self._threads:
            thread.join(timeout=90)
            assert not thread.is_alive(), "somebody never got an answer"

    def _start(self):
        with self._client("requester1") as client:
            while not self.stop.wait(0.05):
                path = "/process-definitions/approval/approve_request/start"
                body = {"variables": {"subject": "a chair", "amount": self.random.randrange(1000)}}
                answer = self._until_answered(client, path, body)
                self.outcomes["start", answer.status_code] += 1
                if answer.status_code == 201:
                    self.started.append(answer.json()["processInstanceId"])

    def _decide(self, user):
        with self._client(user) as client:
            while not self.stop.wait(0.02):
                try:
                    items = client.get("/tasks", params={"scope": "group", "size": 20}).json()["items"]
                except (httpx.HTTPError, ValueError, KeyError):
                    continue
                if items:
                    self._work(client, self.random.choice(items))

    def _work(self, client, task):
        claimed = self._until_answered(client, f"/tasks/{task['id']}/claim", None)
        self.outcomes["claim", claimed.status_code] += 1
        if claimed.status_code == 200:
            decision = {"variables": {"decision": self.random.choice(["APPROVE", "REJECT", "RETURN"])}}
            done = self._until_answered(client, f"/tasks/{task['id']}/complete", decision)
            self.outcomes["complete", done.status_code] += 1

    def _until_answered(self, client, path, body):
        headers = {"Idempotency-Key": str(uuid4()), "Prefer": "wait=2"}
        deadline = time.monotonic() + 80
        while time.monotonic() < deadline:
            try:
                answer = client.post(path, json=body, headers=headers)
            except httpx.HTTPError:
                time.sleep(0.2)
                continue
            if answer.status_code not in (202, 500, 502, 503):
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{path} was never answered")

    def _client(self, user):
        return httpx.Client(base_url=f"{self.url}/api/v1", auth=(user, user), timeout=20)
