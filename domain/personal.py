"""Personal data: which fields are, how a sealed value looks, and what is shown of one whose key is gone.

A value is sealed on its way into the log, with a key of the person it is about, and opened on its way into the views.
Where the key has been destroyed nobody can open it: it is erased, in every log and every backup of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from domain.errors import Permanent

ERASED: Final = "erased"
"""What is shown in place of a value nobody can open."""
MARK: Final = "personal.v1."
KEYS: Final = "personalkeys"
"""The extension attribute of a CloudEvent with the keys to what is sealed in it, as `<id>:<wrapped key> …`."""
_OF_INSTANCE = "process_instance:"
_SEALED = re.compile(r"personal\.v1\.([0-9a-f]{32})\.[A-Za-z0-9_-]+")

Path: TypeAlias = Sequence[str | int]
Seal: TypeAlias = Callable[[str, Any], str]
"""`(subject, value) -> sealed value`; the subject is who the value is about, by the application's own name."""
Open: TypeAlias = Callable[[str], Any]
"""From a sealed value to what it was; raises `CannotOpen`."""
Unwrap: TypeAlias = Callable[[str, str], Any]
"""`(wrapped key, sealed value) -> value`; raises `CannotOpen`."""


def of_instance(instance_id: str) -> str:
    """For whom data of a process instance is sealed that names nobody it is about."""
    return f"{_OF_INSTANCE}{instance_id}"


def instance_of(subject: str) -> str | None:
    """Whose instance such a name is of."""
    return subject.removeprefix(_OF_INSTANCE) if subject.startswith(_OF_INSTANCE) else None


class CannotOpen(Permanent):
    """The key is gone, or it is not what was sealed with it."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Values at `path` are personal data of whom `subject`, a path too, names: names joined by dots, through lists.

    What both paths have in common is walked together: with `persons.name` and `persons.id` each element of the list
    is sealed for its own id.
    """

    path: tuple[str, ...]
    subject: tuple[str, ...]

    @classmethod
    def of(cls, path: str, subject: str) -> Personal:
        """Raises `ValueError` for an empty name."""
        if not all((*path.split("."), *subject.split("."))):
            raise ValueError(f"{path!r} of {subject!r}: a path is names joined by dots")
        return cls(tuple(path.split(".")), tuple(subject.split(".")))


def sealed_value(key_id: str, token: str) -> str:
    """How a sealed value looks: text, wherever it is."""
    return f"{MARK}{key_id}.{token}"


def key_of(value: str) -> str | None:
    """The id of the key with which it was sealed; None of what is not sealed."""
    found = _SEALED.fullmatch(value)
    return found and found.group(1)


def keys_in(text: str) -> set[str]:
    """Of all that is sealed somewhere in it."""
    return set(_SEALED.findall(text)) if MARK in text else set()


def sealed(
    data: Mapping[str, Any], rules: Iterable[Personal], whose: Mapping[str, Any], other: str, seal: Seal
) -> Mapping[str, Any]:
    """The data with what is personal in it sealed.

    Whose it is, where the data itself does not say, is looked up in `whose`; where that does not say either, it is
    sealed for `other`. What is sealed or erased already, and null, stays as it is.
    """
    result = data
    every = list(rules)
    named_by = {rule.subject for rule in every}
    # What says whose the others are is sealed after them.
    for rule in sorted(every, key=lambda one: one.path in named_by):
        outside = _one_of(values_at(whose, rule.subject)) or other
        result = _sealed(result, rule.path, rule.subject, outside, seal)
    return result


def erased(data: Any, rules: Iterable[Personal], whose: Mapping[str, Any], other: str, subject: str) -> Any:
    """The data, which is not sealed, with what is personal data of this person in it replaced by `ERASED`."""
    return sealed(data, rules, whose, other, lambda owner, value: ERASED if owner == subject else value)


def blanked(data: Mapping[str, Any], rules: Iterable[Personal]) -> tuple[Mapping[str, Any], set[str]]:
    """The data without what is personal in it, and whose that was; "" is of nobody who is named."""
    owners: set[str] = set()

    def blank(owner: str, _value: Any) -> str:
        owners.add(owner)
        return ERASED

    return sealed(data, rules, data, "", blank), owners


def only(owners: Iterable[str], other: str) -> str:
    """The one who all of it is about, or `other`."""
    return _one_of([owner or other for owner in owners]) or other


def opened(value: Any, open_one: Open) -> Any:
    """The same with everything sealed in it opened, or `ERASED` where that cannot be."""
    if isinstance(value, str):
        return _opened(value, open_one) if value.startswith(MARK) else value
    if isinstance(value, Mapping):
        return {name: opened(inner, open_one) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [opened(inner, open_one) for inner in value]
    return value


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Path]]:
    """Where something is sealed, and with which key."""
    if isinstance(value, str):
        if key_id := key_of(value):
            yield key_id, list(at)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from places(inner, (*at, name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from places(inner, (*at, index))


def overwritten(value: Any, paths: Iterable[Path]) -> Any:
    """The same with `ERASED` at these places, as far as there is something at them."""
    result = value
    for path in paths:
        result = _overwritten(result, path)
    return result


def with_keys(body: str, keys: Mapping[str, str]) -> str:
    """An event as it is sent: with the keys to what is sealed in it, as far as there still are any."""
    mine = sorted(keys_in(body) & keys.keys())
    if not mine:
        return body
    said = " ".join(f"{key_id}:{keys[key_id]}" for key_id in mine)
    return f'{body[:-1]},"{KEYS}":"{said}"}}'


def keys_sent(event: Mapping[str, Any]) -> dict[str, str]:
    """What `with_keys` has added; nothing of what cannot be read."""
    said = event.get(KEYS)
    pairs = (one.partition(":") for one in said.split()) if isinstance(said, str) else ()
    return {key_id: wrapped for key_id, _, wrapped in pairs}


def opened_event(event: Mapping[str, Any], unwrap: Unwrap | None, gone: Container[str]) -> dict[str, Any]:
    """An event as `with_keys` made it, its data opened; of keys that are `gone` it does not matter what was sent."""
    keys = keys_sent(event)

    def open_one(value: str) -> Any:
        key_id = key_of(value) or ""
        if unwrap is None or key_id in gone or key_id not in keys:
            raise CannotOpen("the key is gone")
        return unwrap(keys[key_id], value)

    return {**event, "data": opened(event["data"], open_one)}


def values_at(value: Any, path: Sequence[str]) -> list[str | int | float]:
    """The texts and numbers at a path; a list on the way or at its end stands for each of its elements."""
    if isinstance(value, list | tuple):
        return [one for inner in value for one in values_at(inner, path)]
    if path:
        return values_at(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else []
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return []
    names_nobody = value in {"", ERASED} or (isinstance(value, str) and value.startswith(MARK))
    return [] if names_nobody else [value]


def _opened(value: str, open_one: Open) -> Any:
    if key_of(value) is None:
        return value
    try:
        return open_one(value)
    except CannotOpen:
        return ERASED


def _sealed(value: Any, path: Sequence[str], subject: Sequence[str], outside: str, seal: Seal) -> Any:
    if isinstance(value, list | tuple):
        return [_sealed(inner, path, subject, outside, seal) for inner in value]
    if not isinstance(value, Mapping) or path[0] not in value:
        return value
    inner, rest = value[path[0]], path[1:]
    together = len(subject) > 1 and len(path) > 1 and subject[0] == path[0]
    if not together:
        owner = _one_of(values_at(value, subject)) or outside
        changed = _sealed_whole(inner, owner, seal) if not rest else _sealed(inner, rest, (), owner, seal)
    else:
        changed = _sealed(inner, rest, subject[1:], outside, seal)
    return {**value, path[0]: changed}


def _sealed_whole(value: Any, owner: str, seal: Seal) -> Any:
    if value is None or value == ERASED or (isinstance(value, str) and key_of(value)):
        return value
    return seal(owner, value)


def _overwritten(value: Any, path: Path) -> Any:
    if not path:
        return ERASED
    name, rest = path[0], path[1:]
    if isinstance(value, Mapping) and name in value:
        return {**value, name: _overwritten(value[name], rest)}
    if isinstance(value, list) and isinstance(name, int) and name < len(value):
        return [_overwritten(inner, rest) if index == name else inner for index, inner in enumerate(value)]
    return value


def _one_of(found: Sequence[str | int | float]) -> str | None:
    """The one who is named; None where nobody is, or several are."""
    names = {str(one) for one in found}
    return names.pop() if len(names) == 1 else None
