"""Which generations of the views' collections there are, and which of them people read: one document in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from store.views.mongo import translated

POINTER, POINTER_ID = "view_pointer", "views"
COMMENTS = "comment"
"""What people say about tasks: in no generation, as no log has it; who watches the views hears of it, too."""
LATELY_SECONDS = 1.0

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Generations:
    """`live` is read, `filling` is being made by a rebuild, `kept` was live before: every event goes to all of them."""

    live: int = 1
    filling: int | None = None
    kept: int | None = None

    @property
    def whole(self) -> list[int]:
        """Those that hold everything, oldest first."""
        return sorted(one for one in (self.kept, self.live) if one is not None)

    @property
    def written(self) -> list[int]:
        """Those that every event goes to, oldest first."""
        return [*self.whole, *([] if self.filling is None else [self.filling])]


class ViewPointer:
    """Reads the pointer; raises `StoreUnavailable`."""

    def __init__(self, database: Database[Document]) -> None:
        self._pointer: Collection[Document] = database[POINTER]
        self._seen: Generations | None = None
        self._until = 0.0

    def now(self) -> Generations:
        """As it is at this moment."""
        with translated():
            self._seen = generations_of(self._pointer.find_one({"_id": POINTER_ID}, _GENERATIONS))
        self._until = monotonic() + LATELY_SECONDS
        return self._seen

    def lately(self) -> Generations:
        """As it was a second ago or later; one of many who ask at once looks, the others go on with what is known."""
        if self._seen is not None and monotonic() < self._until:
            return self._seen
        self._until = monotonic() + LATELY_SECONDS
        return self.now()


class LiveViews:
    """The collections people read, by their plain names; follows the pointer within a second."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self._pointer = ViewPointer(database)

    @property
    def generation(self) -> int:
        """The one people read."""
        return self._pointer.lately().live

    def look(self) -> int:
        """The one people read, asked for now."""
        return self._pointer.now().live

    def __getitem__(self, base: str) -> Collection[Document]:
        return self.database[collection_name(base, self.generation)]


def collection_name(base: str, generation: int) -> str:
    """Where a generation of the views keeps a collection; a rebuild fills the next one beside the live one."""
    return base if generation == 1 else f"{base}.g{generation}"


def generations_of(pointer: Mapping[str, Any] | None) -> Generations:
    """What the pointer says; before the first rebuild there is none."""
    return Generations() if pointer is None else Generations(pointer["live"], pointer["filling"], pointer["kept"])


_GENERATIONS = ("live", "filling", "kept")
