"""What has changed in a list: held polls and event streams, both answered by the hub."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from flask import Response, current_app, jsonify, request, stream_with_context
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.access import User
from domain.query.task_query import TaskQuery
from store.live.cursor import Cursor
from store.live.hub import Changes
from webapp.api import answers, rendering
from webapp.api.connection import WhileConnected
from webapp.api.described import SECURITY, reading, searching, streaming
from webapp.api.forms import require_json
from webapp.api.held import Held
from webapp.api.listing import query_of, search_of
from webapp.api.schemas import ChangesQuery, ListQuery, PositionQuery, SearchBody, StreamQuery
from webapp.problems import NotSignedIn
from webapp.services import services
from webapp.sign_in import asker, require_sign_in_of_who_waits, resolver

api = APIBlueprint("changes", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="tasks")], abp_security=SECURITY)
api.before_request(require_sign_in_of_who_waits)

LONGEST_WAIT = 60.0
_HEARTBEAT = 15.0
_LOOK_SECONDS = 20.0
"""How often it is asked again who waits; with what is believed for a moment, an ended session waits 30 s at most."""


@api.get("/tasks/changes", responses=reading(answers.TaskChanges))
def task_changes(query: ChangesQuery) -> Response:
    """Wait until the list differs from what it was at the cursor; `reset` means: read the list again."""
    return _waited(query_of(query, asker()), query.cursor, query.wait)


@api.post("/tasks/search/changes", responses=searching(answers.TaskChanges))
def search_changes(query: PositionQuery, body: SearchBody) -> Response:
    """The same of what was searched for with groups of filters."""
    require_json()
    return _waited(search_of(body, asker()), query.cursor, query.wait)


def _waited(wanted: TaskQuery, cursor: str, wait: float) -> Response:
    resolve = resolver()
    deadline = time.monotonic() + min(wait, LONGEST_WAIT)
    held, name = _held(), asker().name
    held.take(name)
    try:
        while True:
            left = deadline - time.monotonic()
            with WhileConnected(request.environ):
                changes = services().hub.wait_changes(wanted, cursor, min(left, _LOOK_SECONDS))
            # Nobody is told anything who has signed out meanwhile; with other rights by now the list is another.
            current = resolve()
            if current is None:
                raise NotSignedIn
            if current != asker():
                changes = Changes(changes.cursor, reset=True)
            if changes.tells or left <= _LOOK_SECONDS:
                return jsonify(_shown(changes))
    finally:
        held.give_back(name)


@api.get("/tasks/stream", responses=streaming())
def task_stream(query: StreamQuery) -> Response:
    """Send the same deltas as server-sent events; `Last-Event-ID` resumes."""
    query_of(query, asker())
    cursor = request.headers.get("Last-Event-ID") or query.cursor or services().hub.cursor()
    Cursor.read(cursor)
    held, name = _held(), asker().name
    events = stream_with_context(_events(query, asker(), resolver(), cursor))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = Response(events, mimetype="text/event-stream", headers=headers)
    held.take(name)
    # Called when the answer ends, in whatever way, a stream that was never begun included.
    response.call_on_close(lambda: held.give_back(name))
    return response


def _held() -> Held:
    found: Held = current_app.extensions["held"]
    return found


def _events(asked: ListQuery, user: User, resolve: Callable[[], User | None], cursor: str) -> Iterator[str]:
    yield f"id: {cursor}\n: open\n\n"
    while (current := resolve()) is not None:
        changed_rights, user = current != user, current
        with WhileConnected(request.environ):
            changes = services().hub.wait_changes(query_of(asked, user), cursor, 0 if changed_rights else _HEARTBEAT)
        if not changed_rights and resolve() != user:
            continue
        cursor = changes.cursor
        if changed_rights:
            changes = Changes(cursor, reset=True)
        yield _event(changes)


def _event(changes: Changes) -> str:
    if changes.tells:
        name = "reset" if changes.reset else "changes"
        return f"id: {changes.cursor}\nevent: {name}\ndata: {json.dumps(_shown(changes))}\n\n"
    return f"id: {changes.cursor}\n: still here\n\n"


def _shown(changes: Changes) -> rendering.Json:
    entered = rendering.with_pending(changes.entered, changes.pending)
    updated = rendering.with_pending(changes.updated, changes.pending)
    news = {"entered": entered, "updated": updated, "left": list(changes.left)}
    return {"cursor": changes.cursor, "reset": changes.reset, **news}
