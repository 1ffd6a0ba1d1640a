"""The catalogues of mail: every word in both languages, with the same places, and none in a template itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

import workers.notify
from domain.notices.notice import Kind
from tests.support.letters import LETTER, TASK
from workers.notify import mail as written
from workers.notify.mail import Mail, Server
from workers.notify.words import CATALOGUES, Words

TEMPLATES = Path(workers.notify.__file__).parent / "templates"
ENGLISH, GERMAN = CATALOGUES["en"], CATALOGUES["de"]
LEAST_OF_A_SENTENCE = 3


def places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def test_every_word_is_there_in_german_with_the_same_places() -> None:
    assert GERMAN.keys() == ENGLISH.keys()
    for word, text in ENGLISH.items():
        assert places(GERMAN[word]) == places(text), word
        assert text.strip(), word
        bare = re.sub(r"\{\w+\}", "", text)
        assert len(bare.split()) < LEAST_OF_A_SENTENCE or GERMAN[word] != text, word


def test_every_kind_has_a_subject_and_a_sentence() -> None:
    for kind in get_args(Kind):
        assert {kind, f"{kind}.subject"} <= ENGLISH.keys()


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("by", ["1", None])
@pytest.mark.parametrize("tasks", [1, 5])
def test_templates_say_nothing_that_is_not_in_the_catalogue(
    monkeypatch: pytest.MonkeyPatch, kind: Any, by: str | None, tasks: int
) -> None:
    """In a language that marks each of its words; what is not of it is a number."""
    marked: Words = {word: f"⟦{text}⟧" for word, text in ENGLISH.items()}
    # A place within a text may hold another text.
    monkeypatch.setattr(written, "CATALOGUES", {"en": marked})
    for name in ("2", None):
        task = {**TASK, "name": name, "processName": name, "businessKey": "3", "url": "4"}
        message = Mail(Server.of("smtp://127.0.0.1?from=a@example.org")).written(
            replace(LETTER, kind=kind, by=by, task=task, tasks=tasks if kind == "mention" else 1)
        )
        parts = [message.get_body((one,)).get_content() for one in ("plain", "html")]  # type: ignore[union-attr]
        for text in (message["Subject"], *parts):
            assert "⟦" in text
            assert not re.search(r"[^\W\d]", unmarked(re.sub(r"<[^>]*>", "", text))), text


def unmarked(text: str) -> str:
    while text != (less := re.sub("⟦[^⟦⟧]*⟧", "", text)):
        text = less
    return text


def test_every_word_is_said_somewhere() -> None:
    said = (
        "".join(one.read_text() for one in TEMPLATES.iterdir())
        + Path(written.__file__).with_name("words.py").read_text()
    )
    kinds = {
        f"{kind}{end}" for kind in get_args(Kind) for end in ("", ".by", ".subject", ".several", ".several.subject")
    }
    for word in ENGLISH.keys() - kinds:
        assert f'say("{word}"' in said or f'words["{word}"]' in said or f'"{word}" if' in said, word
