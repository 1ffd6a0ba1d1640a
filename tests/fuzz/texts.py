"""Texts that are nearly right, and texts that are nothing."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

_KINDS = ("drop", "repeat", "insert", "swap", "cut")
_LONGEST = 6_000


def nonsense(words: Sequence[str]) -> st.SearchStrategy[str]:
    """Any letters, any words, and words over and over."""
    word = st.sampled_from(words)
    return st.one_of(
        letters(60),
        st.lists(word, max_size=20).map(" ".join),
        st.lists(word, max_size=20).map("".join),
        st.builds(lambda one, other, times: (one + other) * times, word, word, st.integers(1, 2_000)),
    )


def letters(most: int) -> st.SearchStrategy[str]:
    """Any text that a file can hold."""
    return st.text(st.characters(codec="utf-8"), max_size=most)


def mutated(texts: st.SearchStrategy[str], words: Sequence[str]) -> st.SearchStrategy[str]:
    """Texts with one to three changes."""
    change = st.tuples(st.sampled_from(_KINDS), st.floats(0, 1), st.integers(1, 40), st.sampled_from(words))
    return st.builds(_changed, texts, st.lists(change, min_size=1, max_size=3))


def _changed(text: str, changes: Sequence[tuple[str, float, int, str]]) -> str:
    for kind, place, size, word in changes:
        at = round(place * len(text))
        before, part, after = text[:at], text[at : at + size], text[at + size :]
        text = {
            "drop": before + after,
            "repeat": before + part * (size + 1) + after,
            "insert": before + word + part + after,
            "swap": before + part[::-1] + after,
            "cut": before,
        }[kind][:_LONGEST]
    return text
