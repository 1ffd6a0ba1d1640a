"""What the command line asks of a running system, as an operator, over its own HTTP interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from domain.identity import Key
from settings import Settings

WAIT = 60


class Failed(Exception):
    """The system refused or did not answer; the message says why."""


class NotThere(Failed):
    """There is nothing of that name."""


def deploy(settings: Settings, application: str, file: Path, *, strict: bool = False, tenant: str | None = None) -> str:
    """Deploy one BPMN or DMN file or form; says what it defined and what is told of it. Raises `Failed`."""
    asked = {**({"strict": "true"} if strict else {}), **({"tenantId": tenant} if tenant is not None else {})}
    path = f"/applications/{quote(application, safe='')}/deployments?{urlencode(asked)}"
    answer = _post(settings, path, content=file.read_bytes(), headers={"Content-Type": "application/octet-stream"})
    if answer.status_code == httpx.codes.ACCEPTED:
        return f"{file.name}: accepted, and deployed once {application} is back"
    made = answer.json()
    defined = (
        f"{one['key']} version {one['version']}"
        for one in (*made["definitions"], *made["decisions"], *made.get("forms", ()))
    )
    told = [
        f"  {file.name}:{one['line']}: {one['element']}: {one['text']}; {one['remedy']}" for one in made["warnings"]
    ]
    return "\n".join([f"{file.name}: {', '.join(defined)}", *told])


def start(  # noqa: PLR0917 - as a person says it
    settings: Settings,
    application: str,
    key: str,
    variables: dict[str, Any],
    business_key: str | None,
    tenant: str | None = None,
) -> str:
    """Start an instance; says its id. Raises `Failed`."""
    path = f"/process-definitions/{quote(application, safe='')}/{quote(key, safe='')}/start"
    answer = _post(settings, path, json={"variables": variables, "businessKey": business_key, "tenantId": tenant})
    if answer.status_code == httpx.codes.ACCEPTED:
        return f"{key}: accepted, and started once {application} is back"
    return f"{key}: started {answer.json()['processInstanceId']}"


def cancel(settings: Settings, application: str, instance_id: str, reason: str | None) -> str:
    """Cancel an instance, by its engine's id or its opaque one; says so. Raises `Failed`."""
    opaque = Key(application, "process_instance", instance_id).opaque
    try:
        answer = _post(settings, f"/process-instances/{opaque}/cancel", json={"reason": reason})
    except NotThere:
        answer = _post(settings, f"/process-instances/{quote(instance_id, safe='')}/cancel", json={"reason": reason})
    if answer.status_code == httpx.codes.ACCEPTED:
        return f"{instance_id}: accepted, and cancelled once {application} is back"
    return f"{instance_id}: {answer.json()['state'].lower()}"


def send_records(settings: Settings, application: str, records: list[dict[str, Any]]) -> None:
    """Tell of what an outside engine has; raises `Failed`, also for records that cannot be read."""
    answer = _post(
        settings, "/engine-events", json={"application": application, "format": "taskpool", "records": records}
    )
    if rejected := answer.json()["rejected"]:
        raise Failed(f"{len(rejected)} records were rejected: {rejected[0]['problem']}")


def _post(settings: Settings, path: str, *, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return ask(settings, "POST", path, headers=headers, **body)


def ask(
    settings: Settings, verb: str, path: str, *, headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    """Ask the running system as an operator; raises `NotThere` and `Failed`."""
    common = {"Authorization": f"Bearer {settings.operator_token}", "Prefer": f"wait={WAIT}"}
    try:
        # No proxy of the environment stands between us and our own machine.
        with httpx.Client(trust_env=False, timeout=WAIT + 10) as client:
            answer = client.request(verb, f"{settings.url}/api/v1{path}", headers={**common, **(headers or {})}, **body)
    except httpx.HTTPError as error:
        raise Failed(f"{settings.url} does not answer ({error}); is the system up?") from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise NotThere(_detail(answer))
    if answer.is_error:
        raise Failed(_detail(answer))
    return answer


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.reason_phrase}"
    text = problem.get("detail") or problem.get("title") or answer.reason_phrase
    return f"{text} ({answer.status_code})"
