"""A process of a test's own in a running system, whose task is the approver's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from tests.system.running import RunningSystem


class Deployed:
    """Deployed with what it asks with."""

    def __init__(self, system: RunningSystem, key: str) -> None:
        self.system, self.key = system, key

    def deploy(self, files: Mapping[str, tuple[str, bytes]]) -> None:
        path = f"{self._api}/applications/approval/deployments"
        answer = httpx.post(path, files=dict(files), auth=("admin", "admin"))
        assert answer.status_code == 201, answer.text

    def start(self, **variables: Any) -> str:
        path = f"{self._api}/process-definitions/approval/{self.key}/start"
        answer = httpx.post(path, json={"variables": variables}, auth=("requester1", "requester1"), timeout=60)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["processInstanceId"])

    def change(self, instance: str, **variables: Any) -> None:
        """What the process knows becomes something else while its task waits."""
        path = f"{self._api}/process-instances/{instance}/variables"
        sent = {"variables": variables, "reason": "known better"}
        answer = httpx.patch(path, json=sent, auth=("admin", "admin"), timeout=60)
        assert answer.status_code == 200, answer.text

    def task(self, name: str) -> dict[str, Any]:
        """The task of that name."""
        asked = {"filter": [f"task.processDefinitionKey = {self.key}", f"task.name = {name}"]}
        answer = httpx.get(f"{self._api}/tasks", params=asked, auth=("approver1", "approver1"))
        (task,) = answer.json()["items"]
        return dict(task)

    @property
    def _api(self) -> str:
        return f"{self.system.url}/api/v1"
