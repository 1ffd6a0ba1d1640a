"""What open tasks are counted by: a word or a value of a payload, once for each group that sees the task.

No index holds two lists, those who see a task and what it contains; this is the one list of both. Who sees a task by
name only is not in it: those tasks are few, and would cost an index all of their words whenever somebody claims one.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from domain.access import OPERATORS, is_of_group
from domain.query.searched import OBJECT

MOST: Final = 1_000
"""Keys of one task for its groups; a task that had more is kept as one of `many` for each of them."""
_CODE_BYTES, _LEAF_BYTES = 9, 8
_MANY: Final = " "
"""What no word begins with."""

FindKey = str | int


def findable(principals: Iterable[str], words: Sequence[str], leaves: Sequence[Mapping[str, Any]]) -> list[FindKey]:
    """The keys of an open task: its values for operators, its words and values for every group that sees it."""
    groups = [one for one in principals if is_of_group(one)]
    told = [_leaf_number(leaf["k"], leaf["v"]) for leaf in leaves if leaf["v"] is not None and leaf["v"] != OBJECT]
    if len(groups) * (len(words) + len(leaves)) > MOST:
        kept: list[FindKey] = [many(group) for group in groups]
    else:
        kept = [f"{code}{word}" for code in map(_code, groups) for word in words]
        kept += _of(groups, told)
    return [*_of([OPERATORS], told), *kept]


def word_key(principal: str, word: str) -> str:
    """Keys of words that begin with this one begin with its key."""
    return f"{_code(principal)}{word}"


def leaf_key(principal: str, path: str, value: Any) -> int:
    """Equal for values that a comparison calls equal; that others have the same is as good as impossible."""
    return _number(principal) ^ _leaf_number(path, value)


def many(principal: str) -> str:
    """The key of a task whose words and values are too many, of which has to be asked otherwise."""
    return f"{_code(principal)}{_MANY}"


def _of(principals: Sequence[str], leaves: Sequence[int]) -> list[FindKey]:
    return [number ^ leaf for number in map(_number, principals) for leaf in leaves]


def _leaf_number(path: str, value: Any) -> int:
    return _digest(f"{len(path)} {path}{_canonical(value)}", b"value")


@lru_cache(maxsize=10_000)
def _number(principal: str) -> int:
    return _digest(principal, b"who")


def _digest(text: str, of: bytes) -> int:
    """64 bits, as MongoDB keeps an integer."""
    found = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_LEAF_BYTES, person=of).digest()
    return int.from_bytes(found, "big", signed=True)


@lru_cache(maxsize=10_000)
def _code(principal: str) -> str:
    """Of equal length for all, so that no name of a group can be taken for another and a word."""
    digest = blake2b(principal.encode("utf-8", "surrogatepass"), digest_size=_CODE_BYTES).digest()
    return urlsafe_b64encode(digest).decode()


def _canonical(value: Any) -> str:
    """By kind; a number is the same with and without a fraction of nothing."""
    if isinstance(value, bool):
        return f"b{value:d}"
    if isinstance(value, int | float):
        whole = isinstance(value, int) or value.is_integer()
        return f"n{int(value) if whole else value!r}"
    return f"s{value}"
