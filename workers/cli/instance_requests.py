"""What the command line asks about process instances, messages and signals, as an operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

import httpx

from domain.identity import Key
from settings import Settings
from workers.cli.operator_requests import Failed, NotThere, ask

Json = dict[str, Any]
_DONE = {"suspend": "suspended", "resume": "resumed", "variables": "changed", "move": "moved"}


def message(settings: Settings, said: Mapping[str, Any]) -> str:
    """Send a message; says which instance has it. Raises `Failed`."""
    answer = ask(settings, "POST", "/messages", json=dict(said))
    if answer.status_code == httpx.codes.ACCEPTED:
        return f"{said['name']}: accepted, and given once {said['application']} is back"
    found = answer.json()
    what = f"started {found['started']}" if found["started"] else "reached"
    return f"{said['name']}: {what} {found['processInstanceId']}"


def signal(settings: Settings, application: str | None, name: str, variables: Mapping[str, Any]) -> Iterator[str]:
    """Send a signal; says what it has reached and started, by application. Raises `Failed`."""
    said = {"application": application, "name": name, "variables": dict(variables)}
    for one in ask(settings, "POST", "/signals", json=said).json()["applications"]:
        if one["status"] == "accepted":
            reached, started = len(one["processInstanceIds"]), len(one["started"])
            yield f"{one['application']}: {reached} reached, {started} started"
        elif one["problem"]:
            yield f"{one['application']}: {one['status']}, {one['problem'].get('detail')}"
        else:
            yield f"{one['application']}: accepted, and given once it is back"


def show(settings: Settings, application: str, instance_id: str) -> Json:
    """An instance and its activities. Raises `Failed`."""
    path, answer = _named(settings, application, instance_id, "GET", "")
    return {"instance": answer.json(), "activities": ask(settings, "GET", f"{path}/activities").json()["items"]}


def do(settings: Settings, application: str, instance_id: str, what: str, said: Mapping[str, Any]) -> str:
    """Change an instance, by its engine's id or its opaque one; says so. Raises `Failed`."""
    verb = "PATCH" if what == "variables" else "POST"
    _, answer = _named(settings, application, instance_id, verb, f"/{what}", json=dict(said))
    if answer.status_code == httpx.codes.ACCEPTED:
        return f"{instance_id}: accepted, and {_DONE[what]} once {application} is back"
    return f"{instance_id}: {_DONE[what]}, it is {answer.json().get('state', 'unknown').lower()}"


def migrate_one(settings: Settings, application: str, instance_id: str, said: Mapping[str, Any]) -> Iterator[Json]:
    """Migrate one instance; what became of it. Raises `Failed`."""
    _, answer = _named(settings, application, instance_id, "POST", "/migrate", json=dict(said))
    yield _done(answer, application)


def migrate_all(settings: Settings, application: str, said: Mapping[str, Any]) -> Iterator[Json]:
    """Migrate all instances of a version, a part at a time; what became of each part. Raises `Failed`."""
    after: str | None = None
    while True:
        path = f"/applications/{quote(application, safe='')}/migrations"
        found = _done(ask(settings, "POST", path, json={**said, "after": after}), application)
        yield found
        after = found["next"]
        if after is None:
            return


def _done(answer: httpx.Response, application: str) -> Json:
    if answer.status_code == httpx.codes.ACCEPTED:
        raise Failed(f"accepted, and done once {application} is back; ask again then")
    return cast("Json", answer.json())


def _named(
    settings: Settings, application: str, instance_id: str, verb: str, what: str, **body: Any
) -> tuple[str, httpx.Response]:
    """Ask of an instance by either of its ids; the path that has found it."""
    path = f"/process-instances/{Key(application, 'process_instance', instance_id).opaque}"
    try:
        return path, ask(settings, verb, path + what, **body)
    except NotThere:
        path = f"/process-instances/{quote(instance_id, safe='')}"
        return path, ask(settings, verb, path + what, **body)
