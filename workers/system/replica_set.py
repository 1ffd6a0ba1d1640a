"""The MongoDB server of our own: a replica set of one member, made once, and whom it lets in to do what."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

from settings import MONGODB, PROJECTOR_USER, WEB_USER, Settings

_NOT_YET_INITIALIZED, _FORBIDDEN, _NOT_LET_IN, _KNOWN = 94, 13, 18, 51002
_WEB_ROLE = "taskpool_web"
_WEB_ACTIONS = ("find", "listCollections", "changeStream", "insert", "update", "remove")

IMAGES_SECONDS = 24 * 3600
"""How long images before and after a change are kept; a web process that was away for longer begins anew."""

_Client = MongoClient[dict[str, Any]]


def initiate(settings: Settings) -> None:
    """Make our server the primary of its own set, with its first user; does nothing when it is."""
    node = parse_uri(settings.mongo_url)
    with _connected(settings, node["username"], node["password"]) as client:
        try:
            _follow(client, _member(settings))
            return
        except OperationFailure as failure:
            if failure.code not in (_NOT_LET_IN, _NOT_YET_INITIALIZED):
                raise
    # Until there is a first user the server lets in whoever is on its machine, to make just that.
    with _connected(settings, None, None) as client:
        try:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [_member(settings)]})
        except OperationFailure as failure:
            if "already" not in str(failure) and failure.code != _FORBIDDEN:
                raise
        if node["username"]:
            client.admin.command("createUser", node["username"], pwd=node["password"], roles=["root"])


def let_in(settings: Settings) -> None:
    """Let the web and the projector in with no more than they need; raises what the driver does."""
    if MONGODB not in settings.own_servers or settings.views_url(WEB_USER) == settings.mongo_url:
        return
    node = parse_uri(settings.mongo_url)
    views = {"db": settings.mongo_database, "collection": ""}
    with _connected(settings, node["username"], node["password"]) as client:
        # Otherwise as long as the oplog reaches back, which may be months, with what has been erased since.
        images = {"preAndPostImages": {"expireAfterSeconds": IMAGES_SECONDS}}
        client.admin.command("setClusterParameter", {"changeStreamOptions": images})
        privileges = [{"resource": views, "actions": list(_WEB_ACTIONS)}]
        _make(client, "Role", _WEB_ROLE, privileges=privileges, roles=[])
        of_views = [{"role": role, "db": settings.mongo_database} for role in ("readWrite", "dbAdmin")]
        for user, roles in ((WEB_USER, [_WEB_ROLE]), (PROJECTOR_USER, of_views)):
            _make(client, "User", user, pwd=settings.views_password(user), roles=roles)


def _make(client: _Client, kind: str, name: str, **what: Any) -> None:
    try:
        client.admin.command(f"create{kind}", name, **what)
    except OperationFailure as failure:
        if failure.code not in (_KNOWN, _KNOWN + 1):
            raise
        client.admin.command(f"update{kind}", name, **what)


def _follow(client: _Client, member: dict[str, Any]) -> None:
    """The address of the member is the server's, whose port may have changed."""
    config = client.admin.command("replSetGetConfig")["config"]
    if config["members"][0]["host"] != member["host"]:
        moved = {**config, "version": config["version"] + 1, "members": [member]}
        client.admin.command("replSetReconfig", moved, force=True)


def _member(settings: Settings) -> dict[str, Any]:
    host, port = parse_uri(settings.mongo_url)["nodelist"][0]
    return {"_id": 0, "host": f"{host}:{port}"}


def _connected(settings: Settings, user: str | None, password: str | None) -> _Client:
    host, port = parse_uri(settings.mongo_url)["nodelist"][0]
    return MongoClient(
        host,
        port,
        directConnection=True,
        serverSelectionTimeoutMS=1000,
        socketTimeoutMS=5000,
        username=user,
        password=password,
    )
