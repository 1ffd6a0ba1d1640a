"""A worker's question for external tasks, held until there are some."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from flask import current_app, request

from store.engine.jobs import Order, StoredJob, Taker, Wanted
from tasks.fetch_tasks import Given
from webapp.api import camunda
from webapp.api.camunda_schemas import FetchBody, FetchTopic
from webapp.api.changes import LONGEST_WAIT
from webapp.api.connection import WhileConnected
from webapp.api.held import Held
from webapp.problems import NotSignedIn
from webapp.services import services
from webapp.sign_in import asker, resolver

MOST_TASKS = 100
"""However many a worker would have at once."""
LOOK_SECONDS = 0.25


def fetched(body: FetchBody) -> list[camunda.Json]:
    """Take tasks of these topics, and wait for the first as long as the worker would, at most a minute."""
    newest = any(one.sort_order == "desc" for one in body.sorting or ())
    by = Taker(body.worker_id, min(body.max_tasks, MOST_TASKS), Order(body.use_priority, newest))
    topics = {topic.topic_name: topic for topic in body.topics}
    wanted = [_wanted(topic) for topic in topics.values() if not topic.tenant_id_in]
    found = _waited(wanted, by, (body.async_response_timeout or 0) / 1000)
    return [camunda.locked(one, _shown(one, topics[one.stored.job.topic])) for one in found]


def _waited(wanted: list[Wanted], by: Taker, seconds: float) -> list[Given]:
    """Look again and again, which costs little however many wait; nobody who has gone away is given anything."""
    fetching, user, resolve = services().fetching, asker(), resolver()
    deadline = time.monotonic() + min(seconds, LONGEST_WAIT)
    held: Held = current_app.extensions["held"]
    held.take(user.name)
    try:
        while not (found := fetching.fetch(user, wanted, by)) and (left := deadline - time.monotonic()) > 0:
            with WhileConnected(request.environ):
                time.sleep(min(left, LOOK_SECONDS))
            if resolve() != user:
                raise NotSignedIn
        return found
    finally:
        held.give_back(user.name)


def _wanted(topic: FetchTopic) -> Wanted:
    ids, keys = topic.process_definition_id, topic.process_definition_key
    equal = topic.process_variables

    def accepts(_stored: StoredJob, state: str) -> bool:
        variables = _of_process(state)
        return all(name in variables and variables[name] == value for name, value in (equal or {}).items())

    return Wanted(
        topic.topic_name,
        topic.lock_duration / 1000,
        definition_ids=tuple([ids] if ids else topic.process_definition_id_in or ()),
        definition_keys=tuple([keys] if keys else topic.process_definition_key_in or ()),
        business_key=topic.business_key,
        accepts=accepts if equal else None,
    )


def _shown(given: Given, topic: FetchTopic) -> dict[str, Any]:
    """The variables that the worker wants of those it may see."""
    found = given.variables if topic.variables is None else _only(given.variables, topic.variables)
    if not topic.local_variables:
        return dict(found)
    shared = _of_process(given.taken.state)
    return {name: value for name, value in found.items() if name not in shared or shared[name] != value}


def _only(variables: Mapping[str, Any], names: list[str]) -> Mapping[str, Any]:
    return {name: variables[name] for name in names if name in variables}


def _of_process(state: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(state).get("variables", {})
    return found
