"""The MongoDB replica set of one member: made once, and following the server when its port changes."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

from settings import Settings

NOT_YET_INITIALIZED = 94


def initiate(settings: Settings) -> None:
    """Make our server the primary of its own set; does nothing when it is."""
    host, port = parse_uri(settings.mongo_url)["nodelist"][0]
    client: MongoClient[dict[str, Any]]
    with MongoClient(host, port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=5000) as client:
        member = {"_id": 0, "host": f"{host}:{port}"}
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as failure:
            if failure.code != NOT_YET_INITIALIZED:
                raise
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
            return
        if config["members"][0]["host"] != member["host"]:
            moved = {**config, "version": config["version"] + 1, "members": [member]}
            client.admin.command("replSetReconfig", moved, force=True)
