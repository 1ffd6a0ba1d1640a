"""Comments on tasks, drafts of their forms, and saved filters; majority and journaled, in collections of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.database import Database

from domain.access import User
from domain.errors import BadRequest, NotFound
from domain.identity import derived_id
from domain.values import iso
from store.views.generations import COMMENTS
from store.views.mongo import JOURNALED, translated
from store.views.writer import with_images

DRAFTS, FILTERS = "draft", "saved_filter"
LOOK = ("description", "color")
"""How a saved filter is shown, beside its name."""
MOST_COMMENTS, MOST_FILTERS = 1000, 200
DRAFT_DAYS: Final = 90
_INDEXES: Final[Mapping[str, Sequence[IndexModel]]] = {
    COMMENTS: [IndexModel([("taskKey", 1), ("time", 1), ("_id", 1)], name="of_task")],
    DRAFTS: [
        IndexModel([("taskKey", 1)], name="of_task"),
        IndexModel([("saved", 1)], name="age", expireAfterSeconds=DRAFT_DAYS * 24 * 3600),
    ],
    FILTERS: [IndexModel([("user", 1)], name="of_user"), IndexModel([("groups", 1)], name="of_group")],
}

Document = dict[str, Any]


class LeftByPeople:
    """Whoever asks has been found to may read the task; all methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[Document]) -> None:
        named = {name: database.get_collection(name, write_concern=JOURNALED) for name in _INDEXES}
        self._comments, self._drafts, self._filters = named[COMMENTS], named[DRAFTS], named[FILTERS]

    def prepare(self) -> None:
        """Make the indexes, and images of comments: who hears that one is gone must hear of which task."""
        with translated():
            with_images(self._comments.database, COMMENTS)
            for documents in (self._comments, self._drafts, self._filters):
                documents.create_indexes(list(_INDEXES[documents.name]))

    def comment(self, task_id: str, user: User, text: str, key: str | None = None) -> Document:
        """Say something about a task; with a `key`, the same said again is one comment. Raises `BadRequest`."""
        made = self.comment_each([task_id], user, text, key)
        if task_id not in made:
            raise too_many_comments()
        return made[task_id]

    def comment_each(self, task_ids: Sequence[str], user: User, text: str, key: str | None) -> dict[str, Document]:
        """Say the same about each of these tasks, but those that have too many comments; by task."""
        said = {"user": user.name, "text": text, "time": _now()}
        ids = {one: derived_id("comment", user.name, one, key) if key else str(uuid4()) for one in task_ids}
        mine: Document = {"_id": {"$in": list(ids.values())}}
        with translated():
            known = {one["taskKey"] for one in self._comments.find(mine, {"taskKey": 1})} if key else set()
            full = self._full([one for one in ids if one not in known])
            writes = [
                # The first of that key stays, whatever comes again.
                UpdateOne({"_id": made}, {"$setOnInsert": {"_id": made, "taskKey": one, **said}}, upsert=True)
                for one, made in ids.items()
                if one not in known | full
            ]
            if writes:
                self._comments.bulk_write(writes, ordered=False)
            return {one["taskKey"]: one for one in self._comments.find(mine)}

    def _full(self, task_ids: Sequence[str]) -> set[str]:
        counted: list[Document] = [
            {"$match": {"taskKey": {"$in": list(task_ids)}}},
            {"$group": {"_id": "$taskKey", "n": {"$sum": 1}}},
            {"$match": {"n": {"$gte": MOST_COMMENTS}}},
        ]
        return {one["_id"] for one in self._comments.aggregate(counted)}

    def comments(self, task_id: str) -> list[Document]:
        """What was said, oldest first."""
        with translated():
            return list(self._comments.find({"taskKey": task_id}, sort=[("time", 1), ("_id", 1)]))

    def forget_comment(self, task_id: str, comment_id: str, user: User) -> None:
        """Take one back: one's own, or any as operator; raises `NotFound`."""
        with translated():
            found = self._comments.delete_one({"_id": comment_id, "taskKey": task_id, **_own(user)})
        if not found.deleted_count:
            raise NotFound(f"no comment {comment_id!r} of yours on this task")

    def save_draft(self, task_id: str, user: User, variables: Mapping[str, Any]) -> Document:
        """Keep what this user has filled in, instead of what was kept."""
        name = derived_id("draft", user.name, task_id)
        made = {"_id": name, "taskKey": task_id, "user": user.name, "variables": variables, "time": _now()}
        with translated():
            self._drafts.replace_one({"_id": name}, {**made, "saved": datetime.now(UTC)}, upsert=True)
        return made

    def draft(self, task_id: str, user: User) -> Document:
        """What this user has filled in; raises `NotFound`."""
        with translated():
            found = self._drafts.find_one({"_id": derived_id("draft", user.name, task_id)})
        if found is None:
            raise NotFound("no draft of yours for this task")
        return found

    def begun(self, task_id: str, user: User) -> str | None:
        """When this user last filled in something, without what it is; None where nothing is kept."""
        with translated():
            found = self._drafts.find_one({"_id": derived_id("draft", user.name, task_id)}, {"time": 1})
        return None if found is None else str(found["time"])

    def forget_draft(self, task_id: str, user: User) -> None:
        """Forget it; nothing happens where there is none."""
        with translated():
            self._drafts.delete_one({"_id": derived_id("draft", user.name, task_id)})

    def forget_tasks(self, task_ids: Sequence[str]) -> None:
        """Forget all that was said about these tasks, and what was filled in."""
        with translated():
            for documents in (self._comments, self._drafts):
                documents.delete_many({"taskKey": {"$in": list(task_ids)}})

    def save_filter(  # noqa: PLR0917 - what there is of a filter
        self,
        user: User,
        name: str,
        query: Mapping[str, Any],
        groups: Sequence[str],
        position: int = 0,
        look: Mapping[str, str | None] | None = None,
    ) -> Document:
        """Keep a list's question under a name, instead of an own one of that name; `groups` see it, too.

        Of `look` what is absent stays as it was kept.
        """
        filter_id, look = derived_id("filter", user.name, name), look or {}
        made = {"user": user.name, "name": name, "groups": list(groups), "query": query, "position": position}
        changes = {"$set": {**made, **look, "time": _now()}, "$setOnInsert": dict.fromkeys(set(LOOK) - set(look))}
        with translated():
            others = {"user": user.name, "_id": {"$ne": filter_id}}
            if self._filters.count_documents(others, limit=MOST_FILTERS) == MOST_FILTERS:
                raise BadRequest(f"at most {MOST_FILTERS} filters can be kept; forget one first")
            kept = self._filters.find_one_and_update(
                {"_id": filter_id}, changes, upsert=True, return_document=ReturnDocument.AFTER
            )
        return kept or {"_id": filter_id, **made}

    def filters(self, user: User) -> list[Document]:
        """Those of this user, and those of their groups, by position and name."""
        seen = {"$or": [{"user": user.name}, {"groups": {"$in": list(user.groups)}}]}
        with translated():
            return list(self._filters.find(seen, sort=[("position", 1), ("name", 1), ("_id", 1)], limit=1000))

    def forget_filter(self, filter_id: str, user: User) -> None:
        """Forget an own one, or any as operator; raises `NotFound`."""
        with translated():
            found = self._filters.delete_one({"_id": filter_id, **_own(user)})
        if not found.deleted_count:
            raise NotFound(f"no filter {filter_id!r} of yours")


def too_many_comments() -> BadRequest:
    """Why one more is not kept."""
    return BadRequest(f"a task has at most {MOST_COMMENTS} comments")


def _own(user: User) -> Document:
    return {} if user.is_operator else {"user": user.name}


def _now() -> str:
    return iso(datetime.now(UTC))
