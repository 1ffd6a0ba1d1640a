"""Made-up documents straight into the views: for measuring what no log could be filled with in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from domain.events.envelope import Envelope
from domain.events.project import project
from store.views.generations import ViewPointer, collection_name
from store.views.mongo import translated

LOT = 1_000
_FAST = WriteConcern(w=1, j=False)


def put(
    database: Database[dict[str, Any]], several: Iterable[tuple[Envelope, Sequence[dict[str, Any]]]]
) -> Iterator[int]:
    """Insert what these events project to, with what is to be carried of others; yields how many, lot by lot.

    What is there already stays. Raises `StoreUnavailable`.
    """
    generation = ViewPointer(database).now().live
    rest = iter(several)
    while lot := list(islice(rest, LOT)):
        documents: dict[str, list[dict[str, Any]]] = {}
        for envelope, carried in lot:
            made = project(envelope)[0]
            more = {"entries": list(carried)} if carried else {}
            documents.setdefault(made.collection, []).append({**made.document, **made.gathered, **more})
        with translated():
            for base, found in documents.items():
                collection = database.get_collection(collection_name(base, generation), write_concern=_FAST)
                known = {
                    one["_id"] for one in collection.find({"_id": {"$in": [one["_id"] for one in found]}}, {"_id": 1})
                }
                if new := [one for one in found if one["_id"] not in known]:
                    collection.insert_many(new, ordered=False)
        yield len(lot)
