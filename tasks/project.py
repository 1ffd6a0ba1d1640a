"""Project a batch of events: newest document per aggregate, one durable write, the unreadable set aside alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

import orjson

from domain.errors import ForgedSource, MalformedMessage, Permanent, StoreUnavailable, UnknownEventType
from domain.events.envelope import Envelope, from_cloudevent
from domain.events.project import PERSONAL, Projected, project
from domain.personal import MARK, Path, Unwrap, keys_in, keys_sent, opened_event, places
from domain.senders import Senders
from observe import metrics
from store.views.mongo import UnwritableDocument

log = logging.getLogger(__name__)

FULL = 500
"""Messages of a batch behind which others wait."""
Applied: TypeAlias = tuple[Any, Envelope]
Read: TypeAlias = tuple[Any, Envelope, list[Projected]]
ResultT = TypeVar("ResultT")


class Insist(Protocol):
    """Does it until it can be done."""

    def __call__(self, work: Callable[[], ResultT], /) -> ResultT: ...  # noqa: D102


def _once(work: Callable[[], ResultT], /) -> ResultT:
    return work()


_SEALED = MARK.encode()
_NOT_A_STATE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a projection, a pure function of one event, says of a state it was not made for."""


class Message(Protocol):
    """What a batch is made of."""

    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def sender(self) -> str | None: ...  # noqa: D102


class Writing(Protocol):
    """Where documents go."""

    def apply(self, projected: Sequence[Projected]) -> None:
        """Durable when it returns; raises `StoreUnavailable` and `UnwritableDocument`."""

    def gone(self, key_ids: Collection[str]) -> frozenset[str]:
        """Those of these keys of people that are destroyed; raises `StoreUnavailable`."""


@dataclass(frozen=True, slots=True)
class Projector:
    """Applies batches. Repeats, reordering and other projectors cannot hurt."""

    views: Writing
    bury: Callable[[Any, str], None]
    senders: Senders | None = None
    """Who may speak for whom; None trusts whatever is in the queue."""
    unwrap: Unwrap | None = None
    """Opens what is sealed with a key that comes with it; None: all of it is shown as erased."""

    def apply(self, batch: Sequence[Message]) -> list[Applied]:
        """Durable when it returns what could be read, and the batch may be acknowledged; raises `StoreUnavailable`."""
        read = self.read(batch)
        self.write(read)
        return [(message, envelope) for message, envelope, _ in read]

    def read(self, batch: Sequence[Message]) -> list[Read]:
        """What could be read, as documents; the rest is set aside. Raises `StoreUnavailable`."""
        gone = self._gone(batch)
        return [(message, *found) for message in batch if (found := self._read(message, gone)) is not None]

    def write(self, read: Sequence[Read]) -> None:
        """Durable when it returns; raises `StoreUnavailable`."""
        self._write([(message, made) for message, _, made in read])

    def begin(self, read: Sequence[Read], thread: Executor) -> Future[None] | None:
        """Begin to write in another thread, which sets nothing aside: what it could not write is written again."""
        documents = newest([made for _, _, several in read for made in several])
        return thread.submit(self.views.apply, documents) if documents else None

    def _gone(self, batch: Sequence[Message]) -> frozenset[str]:
        """The keys that are destroyed, of those with which something in the batch is sealed; mostly none is."""
        used = {key_id for message in batch if _SEALED in message.body for key_id in keys_in(_text(message.body))}
        return self.views.gone(used) if used else frozenset()

    def _read(self, message: Message, gone: frozenset[str]) -> tuple[Envelope, list[Projected]] | None:
        try:
            event = _parsed(message.body)
            if _SEALED not in message.body:
                return self._projected(message, event)
            there = keys_sent(event).keys() - gone
            held = [place for place in places(event["data"].get("changes")) if place[0] in there]
            envelope, made = self._projected(message, opened_event(event, self.unwrap, gone))
            return envelope, [_holding(one, held) for one in made]
        except (MalformedMessage, UnknownEventType, ForgedSource) as error:
            self._set_aside(message, error)
        except _NOT_A_STATE as error:
            self._set_aside(message, MalformedMessage(f"not a state we know: {type(error).__name__}: {error}"))
        return None

    def _projected(self, message: Message, event: Any) -> tuple[Envelope, list[Projected]]:
        envelope = from_cloudevent(event)
        if self.senders is not None:
            self.senders.check(message.sender, envelope.key.application)
        return envelope, project(envelope)

    def _write(self, items: Sequence[tuple[Message, list[Projected]]]) -> None:
        """The batch, or, when one document in it cannot be written, the two halves of it."""
        if not items:
            return
        try:
            self.views.apply(newest([made for _, several in items for made in several]))
        except UnwritableDocument as error:
            if len(items) == 1:
                self._set_aside(items[0][0], error)
                return
            middle = len(items) // 2
            self._write(items[:middle])
            self._write(items[middle:])

    def _set_aside(self, message: Message, error: Permanent) -> None:
        metrics.set_aside.inc()
        log.error("event_set_aside", extra={"reason": str(error)})
        self.bury(message, str(error))


def in_order(
    projector: Projector, batches: Iterable[Sequence[Message]], insist: Insist = _once
) -> Iterator[tuple[Sequence[Any], list[Applied]]]:
    """The batches, each when it is durable; of two full ones, the first is written while the second is read.

    `insist` does what it is given until that does not raise `StoreUnavailable`.
    """
    with ThreadPoolExecutor(1, "write") as thread:
        before: tuple[Sequence[Any], list[Read], Future[None] | None] | None = None
        for batch in batches:
            if before is not None and len(batch) < FULL:
                # What comes alone may be what readers die of.
                yield _finished(projector, *before, insist)
                before = None
            read = insist(partial(projector.read, batch)) if batch else []
            if before is not None:
                yield _finished(projector, *before, insist)
                before = None
            if len(batch) >= FULL:
                before = batch, read, projector.begin(read, thread)
                continue
            if read:
                insist(partial(projector.write, read))
            yield batch, [(message, envelope) for message, envelope, _ in read]
        if before is not None:
            yield _finished(projector, *before, insist)


def _finished(
    projector: Projector, batch: Sequence[Any], read: list[Read], under_way: Future[None] | None, insist: Insist
) -> tuple[Sequence[Any], list[Applied]]:
    try:
        if under_way is not None:
            under_way.result()
    except (StoreUnavailable, UnwritableDocument):
        insist(partial(projector.write, read))
    return batch, [(message, envelope) for message, envelope, _ in read]


def newest(projected: Sequence[Projected]) -> list[Projected]:
    """Only the newest of the documents that replace one another."""
    chosen: dict[tuple[str, str], Projected] = {}
    for item in projected:
        name = (item.collection, item.document["_id"])
        other = chosen.get(name)
        if other is None:
            chosen[name] = item
        else:
            kept = item if _age(other) < _age(item) else other
            chosen[name] = replace(kept, gathered=_grown(other, item))
    return list(chosen.values())


def _grown(one: Projected, other: Projected) -> Mapping[str, Sequence[str]]:
    """What both add; `{}` of most kinds."""
    names = {*one.gathered, *other.gathered}
    return {name: sorted({*one.gathered.get(name, ()), *other.gathered.get(name, ())}) for name in names}


def _holding(item: Projected, held: Sequence[tuple[str, Path]]) -> Projected:
    """An entry of a history remembers what in its changes to overwrite when a key is destroyed."""
    if not held or "changes" not in item.document:
        return item
    personal = [{"key": key_id, "path": path} for key_id, path in held]
    return replace(item, document={**item.document, PERSONAL: personal})


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _age(item: Projected) -> tuple[int, int]:
    return item.document["generation"], item.document["revision"]


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedMessage(f"not JSON: {error}") from error
