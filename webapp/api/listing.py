"""From a request's parameters to the queries that lists understand, and from their pages to answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from domain.access import User
from domain.errors import BadRequest, TaskNotFound
from domain.query.condition import Condition
from domain.query.fields import Fields
from domain.query.searched import words_of
from domain.query.task_query import TaskQuery
from store.lists.pages import Document, Page, Place
from webapp.api.grammar import parse_filter, parse_node
from webapp.api.schemas import FilteredQuery, ListQuery, PageQuery, SearchBody
from webapp.api.sealing import opened, sealed
from webapp.services import now, services
from webapp.sign_in import asker

MOST_WORDS = 20


def query_of(asked: ListQuery, user: User) -> TaskQuery:
    """What this user asks for; raises `BadRequest` for a filter that cannot be read."""
    filters = tuple(parse_filter(text) for text in asked.filter)
    return TaskQuery(user, now(), asked.scope, filters, words(asked.q), asked.deferred)


def search_of(asked: SearchBody, user: User) -> TaskQuery:
    """The same from a body, with groups of filters."""
    filters = () if asked.filter is None else (parse_node(asked.filter),)
    return TaskQuery(user, now(), asked.scope, filters, words(asked.q), asked.deferred)


def words(text: str) -> tuple[str, ...]:
    """What each must begin a word; raises `BadRequest` for too many."""
    found = words_of(text)
    if len(found) > MOST_WORDS:
        raise BadRequest(f"q: at most {MOST_WORDS} words, not {len(found)}")
    return tuple(dict.fromkeys(found))


def filters_of(asked: FilteredQuery, fields: Fields) -> tuple[Condition, ...]:
    """The filters of a list of these; raises `BadRequest`."""
    return tuple(parse_filter(text, fields) for text in asked.filter)


def place_of(asked: FilteredQuery | PageQuery | SearchBody) -> Place:
    """Which page is asked for; raises `BadRequest` for a token that this system has not given out."""
    after = None if asked.after is None else opened(asked.after)
    return Place(asked.page, asked.size, after, asked.count == "exact")


def shown(page: Page, place: Place, render: Callable[[Sequence[Document]], list[Any]]) -> dict[str, Any]:
    """What every answer with a page says."""
    return {
        "items": render(page.items),
        "total": page.total,
        "totalIsAtLeast": page.total_is_at_least,
        "page": place.page,
        "size": place.size,
        "next": page.next and sealed(page.next),
    }


def readable(task_id: str) -> Document:
    """The task, if the asker may read it; raises `TaskNotFound`."""
    found = services().tasks.get(task_id, asker())
    if found is None:
        raise TaskNotFound
    return found
