"""Process definitions, process instances and commands as people read them, rights in every query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.access import User
from domain.drift import STUB
from domain.errors import NotFound
from domain.query.fields import INSTANCE
from domain.query.sort import SortKey
from store.lists.conditions import PlainQuery, asked_of, bound
from store.lists.pages import Collections, Document, Page, Place, find_page, translate_mongo_errors
from store.lists.task_query import of_tenants

_KNOWN = {"state": {"$ne": STUB}}
"""Of an instance past its retention nothing is left that anybody could read."""


MOST_VARIABLES = 1000
NEWEST_INSTANCES: Final = "-startTime"


class ProcessList:
    """What can be started, and what has been."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    def startable(self, user: User) -> list[Document]:
        """The newest version of every process this user may start, without those that are not for lists."""
        newest: list[Document] = [
            {"$match": {"removed": {"$ne": True}}},
            {"$sort": {"application": 1, "key": 1, "version": -1, "_id": -1}},
            {"$group": {"_id": {"application": "$application", "key": "$key"}, "newest": {"$first": "$$ROOT"}}},
            {"$replaceRoot": {"newRoot": "$newest"}},
            {"$match": {"startable": True, **_may_start(user)}},
            {"$sort": {"application": 1, "name": 1, "_id": 1}},
        ]
        with translate_mongo_errors():
            return list(self._views["process_definition"].aggregate(newest))

    def definition(self, application: str, key: str, user: User) -> Document:
        """The newest version of a process; raises `NotFound` unless this user may start it."""
        wanted = {"application": application, "key": key, "removed": {"$ne": True}}
        with translate_mongo_errors():
            found = self._views["process_definition"].find(wanted, sort=[("version", -1), ("_id", -1)], limit=1)
            newest = next(iter(found), None)
            if newest and self._views["process_definition"].find_one({"_id": newest["_id"], **_may_start(user)}):
                return newest
        raise NotFound(f"no process {key!r} of {application!r} that you can start")

    def instances(self, query: PlainQuery, sort: Sequence[SortKey], place: Place) -> Page:
        """A page of the instances this user may read; raises `BadRequest`, `TooBroad`."""
        wanted = asked_of(query, INSTANCE, _KNOWN, self._may_read(query.user))
        return find_page(self._views["process_instance"], wanted, sort, place)

    def instance(self, instance_id: str, user: User) -> Document:
        """One instance by its own id or by its engine's; raises `NotFound` unless this user may read it."""
        named = {"$or": [{"_id": instance_id}, {"processInstanceId": instance_id}], **_KNOWN}
        with translate_mongo_errors():
            for document in self._views["process_instance"].find(named, sort=[("_id", 1)]):
                if self._is_readable(document, user):
                    return document
        raise NotFound(f"no process instance {instance_id!r} for you")

    def variables(self, instance: Document) -> list[Document]:
        """The variables of an instance that the asker may read, by name; of one that has ended as they were last.

        At most `MOST_VARIABLES`.
        """
        wanted: Document = {name: instance[name] for name in ("application", "processInstanceId")}
        if instance["endTime"] is None:
            wanted["removed"] = False
        with translate_mongo_errors():
            found = self._views["process_variable"].find(wanted, sort=[("name", 1), ("_id", 1)], limit=MOST_VARIABLES)
            return list(found)

    def _is_readable(self, document: Mapping[str, Any], user: User) -> bool:
        if not (user.is_within(document["application"]) and user.is_of(document.get("tenantId"))):
            return False
        if user.is_operator or document["startUser"] == user.name:
            return True
        took_part = {"processInstanceKey": document["_id"], **_takes_part(user)}
        return self._views["task"].find_one(took_part, projection=["_id"]) is not None

    def _may_read(self, user: User) -> Document:
        if user.is_operator:
            return {}
        keys = self._views["task"].distinct("processInstanceKey", _takes_part(user))
        return {"$or": [{"startUser": user.name}, {"_id": {"$in": keys}}], **bound(user), **of_tenants(user)}


class CommandList:
    """What was asked for, and what became of it."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    def get(self, command_id: str, user: User) -> Document:
        """A command of this user's own, or any for an operator; raises `NotFound`."""
        own = {} if user.is_operator else {"user": user.name}
        with translate_mongo_errors():
            found = self._views["command"].find_one({"_id": command_id, **own})
        if found is None:
            raise NotFound(f"no command {command_id!r} of yours")
        return found

    def exists(self, command_id: str, user: User) -> bool:
        """Whether this user has already asked for it."""
        with translate_mongo_errors():
            return (
                self._views["command"].find_one({"_id": command_id, "user": user.name}, projection=["_id"]) is not None
            )

    def pending(self, task_ids: Sequence[str], now: str) -> dict[str, Document]:
        """The command in flight for each task that has one."""
        wanted = {"taskKey": {"$in": list(task_ids)}, "status": "pending", "expiresAt": {"$gt": now}}
        with translate_mongo_errors():
            return {command["taskKey"]: command for command in self._views["command"].find(wanted)} if task_ids else {}


def _may_start(user: User) -> Document:
    """As `domain.access.may_start`."""
    if user.is_operator:
        return {}
    among = [{"principals": {"$size": 0}}, {"principals": {"$in": list(user.principals)}}]
    return {"$or": among, **bound(user), **of_tenants(user)}


def _takes_part(user: User) -> Document:
    done = {"completedBy": user.name, **of_tenants(user)}
    return {"$or": [{"principals": {"$in": list(user.principals)}}, done]}
