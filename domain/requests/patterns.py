"""Patterns that a form's values must match: only such as are matched in bounded time, whatever the value."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 500
"""Characters of a pattern."""
MOST = 200
"""Characters of a value that is matched against one."""
_WAYS = 20_000_000
"""Ways a matcher may have to try: the product of the choices in the pattern."""
_PIECE = re.compile(
    r"(?P<atom>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]))?)|(?P<close>\))|(?P<either>\|)"
    r"|(?P<repeat>[*+?]|\{(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\})[?+]?|(?P<other>[^(])",
    re.DOTALL,
)


@lru_cache(maxsize=256)
def compiled(pattern: str, *, anywhere: bool = False) -> re.Pattern[str] | None:
    """The pattern, None when it is none or might take too long, for all of a value or for a part `anywhere` in it."""
    # What does not begin at the beginning is tried from every character.
    begins = pattern.startswith("^") and "|" not in pattern
    most = _WAYS // MOST if anywhere and not begins else _WAYS
    try:
        return re.compile(pattern) if len(pattern) <= LONGEST and _ways(pattern) <= most else None
    except (re.error, OverflowError, RecursionError, _Refused):
        return None


class _Refused(ValueError):
    """Not to be bounded this way."""


def _ways(pattern: str) -> int:
    """How many ways there are at most: of branches the sum, of what follows the product, of rounds the power."""
    groups, last, at = [[0, 1]], 0, 0
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        if piece is None:
            raise _Refused
        at, here = piece.end(), groups[-1]
        if piece["open"]:
            groups.append([0, 1])
        elif piece["close"] and len(groups) > 1:
            last = sum(groups.pop())
            groups[-1][1] *= last
        elif piece["either"]:
            here[:] = [sum(here), 1]
        elif piece["repeat"]:
            here[1] = min(here[1] * _rounds(piece, last), _WAYS + 1)
        else:
            last = 0
    return sum(groups[-1])


def _rounds(piece: re.Match[str], ways: int) -> int:
    """In how many ways a group of so many ways is repeated, or one character (0); each round of a group costs, too."""
    least, most = {"?": (0, 1), "*": (0, MOST), "+": (1, MOST), "{": (0, 0)}[piece["repeat"][0]]
    if piece["repeat"][0] == "{":
        least = int(piece["least"] or 0)
        most = int(piece["most"] or MOST) if piece["comma"] else least
    if max(least, most) > LONGEST:
        raise _Refused
    choices = max(most - least, 0) + 1
    return choices * max(most, 1) * min(ways, _WAYS) ** max(most, 1) if ways else choices
