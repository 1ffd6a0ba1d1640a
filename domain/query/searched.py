"""What a document keeps so that it can be searched: words, values by their paths, folded text, and sort keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from domain.query.fields import Fields
from domain.values import fold

LAST: Final = "\U0010ffff"
LAST_NUMBER: Final = 2**62
MAX_TEXT: Final = 200_000
"""Characters whose words are found; of a document that has more it is said."""
MAX_WORDS, MAX_WORD = 5_000, 200
"""Words of a document, and characters of a word that count."""
MAX_LEAVES, MAX_LEAF = 1_000, 2_000
"""Values of a payload that can be filtered by, and characters of a text among them that count."""
MAX_SORTED = 240
"""Bytes of a text as JSON that its sort key has; what is equal so far is in the order of ids."""
_SURELY_SHORT = MAX_SORTED // 6 - 1
"""JSON may need six bytes for one character."""
MAX_SORTED_LEAF: Final = 60
"""Characters of a text in a payload by which is sorted."""
OBJECT: Final[Mapping[str, Any]] = {}
"""What stands for an object among the values of a payload: it is there, and equals nothing."""
_WORD = re.compile(r"[^\W_]+")

Leaf = dict[str, Any]


def words_of(text: str) -> list[str]:
    """As `q` compares them: folded, split at everything that is no letter or digit."""
    return [word[:MAX_WORD] for word in _WORD.findall(fold(text))]


def searched(state: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """`words`, `leaves`, `folded` and `order`; `partlySearched` where there is more than can be searched.

    A leaf is `{k: path, v: value}`, with `f`, the text folded, where that is not the text itself.
    """
    leaves = list(_leaves("", state.get("payload") or {}))
    texts = [state[name] for name in fields.searched if state[name]]
    values = (leaf["v"] for leaf in leaves if leaf["v"] is not None and leaf["v"] is not OBJECT)
    text = "\n".join([*texts, *(value if isinstance(value, str) else str(value) for value in values)])
    words = sorted(set(words_of(text[:MAX_TEXT])))
    kept = _kept(leaves)
    partly = (
        {"partlySearched": True} if len(text) > MAX_TEXT or len(words) > MAX_WORDS or len(kept) == MAX_LEAVES else {}
    )
    return {
        "words": words[:MAX_WORDS],
        "leaves": kept,
        "folded": _folded(state, fields),
        "order": order_of(state, fields),
        **partly,
    }


def order_of(state: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Sort keys: ascending ones put the missing last; in descending ones it is not there, lowest and so last too."""
    ascending = dict(_all_last(fields))
    known = {name: _sortable(value) for name in fields.sortable_text if (value := state[name]) is not None}
    known |= {name: value for name in fields.sortable_values if (value := state.get(name)) is not None}
    ascending.update(known)
    return {"up": ascending, "down": known}


@cache
def _all_last(fields: Fields) -> Mapping[str, Any]:
    return {name: LAST_NUMBER if name in fields.numbers else LAST for name in fields.sortable}


def leaf_value(value: Any) -> Any:
    """A value as it is compared with leaves."""
    return value[:MAX_LEAF] if isinstance(value, str) else value


def _leaves(path: str, value: Any) -> Iterator[Leaf]:
    """Every value by the names that lead to it; lists add nothing to the path, whatever their depth."""
    if isinstance(value, Mapping):
        if path:
            yield {"k": path, "v": OBJECT}
        for name, inner in value.items():
            if inner is not None:
                yield from _leaves(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(path, inner)
    else:
        yield {"k": path, "v": value}


def _kept(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Each once, as much of it as counts, with its text folded."""
    kept: dict[tuple[str, str, Any], Leaf] = {}
    for leaf in leaves:
        value = leaf_value(leaf["v"])
        name = (leaf["k"], type(value).__name__, None if value is OBJECT else value)
        if name in kept:
            continue
        if len(kept) == MAX_LEAVES:
            break
        kept[name] = {"k": leaf["k"], "v": {} if value is OBJECT else value}
        if isinstance(value, str) and (folded := fold(value)) != value:
            kept[name]["f"] = folded
    return list(kept.values())


def _folded(state: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Texts as `~` compares them, by name, `/` for a dot, where neither the text nor its sort key is that."""
    found: dict[str, Any] = {}
    for name, is_sorted_by in _texts(fields):
        value = value_at(state, name) if "." in name else state.get(name)
        # Asked of every field of every event: nearly always there is nothing, or it is kept folded already.
        if not value or (is_sorted_by and len(value) <= _SURELY_SHORT and value.isascii()):
            continue
        if value.__class__ is str:
            folded = fold(value)
            if folded != (_sortable(value) if is_sorted_by else value):
                found[folded_name(name)] = folded
        else:
            texts = [fold(text) for text in value]
            if texts != list(value):
                found[folded_name(name)] = texts
    return found


@cache
def _texts(fields: Fields) -> Sequence[tuple[str, bool]]:
    """Every field that holds text, and whether its sort key is that text folded."""
    return [(name, name in fields.sortable_text) for name in (*fields.text, *fields.lists)]


def folded_name(name: str) -> str:
    """Where a document keeps a field's folded text, within `folded`."""
    return name.replace(".", "/")


def value_at(document: Mapping[str, Any], name: str) -> Any:
    """What a field holds; dots reach inside, None where there is nothing."""
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _sortable(text: str) -> str:
    """Folded, and cut where no list shows it any more: what a page ends with is carried to the next in an address."""
    folded = fold(text)[:MAX_SORTED]
    if len(folded) <= _SURELY_SHORT:
        return folded
    while len(json.dumps(folded, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_SORTED:
        folded = folded[: len(folded) - max(1, len(folded) // 20)]
    return folded
