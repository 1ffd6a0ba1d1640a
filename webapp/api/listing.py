"""From a request's parameters to the query the task list understands."""

from __future__ import annotations

from domain.access import User
from domain.errors import BadRequest, TaskNotFound
from domain.query import TaskQuery, parse_filter
from domain.values import fold
from store.lists.task_list import Document
from webapp.api.schemas import ListQuery
from webapp.services import now, services
from webapp.sign_in import asker

MOST_WORDS = 20


def query_of(asked: ListQuery, user: User) -> TaskQuery:
    """What this user asks for; raises `BadRequest` for a filter that cannot be read."""
    filters = tuple(parse_filter(text) for text in asked.filter)
    words = tuple(fold(asked.q).split())
    if len(words) > MOST_WORDS:
        raise BadRequest(f"q: at most {MOST_WORDS} words, not {len(words)}")
    return TaskQuery(user, now(), asked.scope, filters, words, asked.deferred)


def readable(task_id: str) -> Document:
    """The task, if the asker may read it; raises `TaskNotFound`."""
    found = services().tasks.get(task_id, asker())
    if found is None:
        raise TaskNotFound
    return found
