"""What mail says, in the language of whoever reads it; dates and numbers as they are written where that is spoken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

Words = Mapping[str, str]

_ENGLISH: Final = {
    "unnamed": "A task",
    "somebody": "Somebody",
    "quoted": '"{name}"',
    "assignment.subject": "Yours now: {name}",
    "dueSoon.subject": "Due soon: {name}",
    "overdue.subject": "Overdue: {name}",
    "mention.subject": "{by} mentioned you: {name}",
    "assignment": "{name} has been assigned to you.",
    "assignment.by": "{name} has been assigned to you by {by}.",
    "dueSoon": "{name} is due soon.",
    "overdue": "{name} is overdue.",
    "mention": "{by} mentioned you in a comment on {name}.",
    "mention.several.subject": "{by} mentioned you on {tasks} tasks",
    "mention.several": "{by} mentioned you in a comment on {tasks} tasks, among them {name}.",
    "process": "Process: {process}",
    "due": "Due: {moment}",
    "moment": "{date}, {time} ({zone})",
    "open": "Open the task",
    "why": "You get this mail because of what you have chosen in the task list, where you can change it.",
}
_GERMAN: Final = {
    "unnamed": "Eine Aufgabe",
    "somebody": "Jemand",
    "quoted": "„{name}“",
    "assignment.subject": "Jetzt deine Aufgabe: {name}",
    "dueSoon.subject": "Bald fällig: {name}",
    "overdue.subject": "Überfällig: {name}",
    "mention.subject": "{by} hat dich erwähnt: {name}",
    "assignment": "{name} wurde dir zugewiesen.",
    "assignment.by": "{name} wurde dir von {by} zugewiesen.",
    "dueSoon": "{name} ist bald fällig.",
    "overdue": "{name} ist überfällig.",
    "mention": "{by} hat dich in einem Kommentar zu {name} erwähnt.",
    "mention.several.subject": "{by} hat dich bei {tasks} Aufgaben erwähnt",
    "mention.several": "{by} hat dich in einem Kommentar zu {tasks} Aufgaben erwähnt, darunter {name}.",
    "process": "Prozess: {process}",
    "due": "Fällig: {moment}",
    "moment": "{date}, {time} ({zone})",
    "open": "Aufgabe öffnen",
    "why": "Du erhältst diese Nachricht, weil du es in der Aufgabenliste so gewählt hast; dort lässt es sich ändern.",
}
CATALOGUES: Final[Mapping[str, Words]] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN})
USUAL: Final = "en"


def locale_of(tag: str) -> Locale:
    """Where a language of ours is spoken, by a tag as browsers have it; English for every other."""
    for wanted in (tag, tag.partition("-")[0]):
        with suppress(ValueError, UnknownLocaleError):
            found = Locale.parse(wanted, sep="-")
            if found.language in CATALOGUES:
                return found
    return Locale(USUAL)


def saying(words: Words) -> Callable[..., str]:
    """What templates call with the name of a word: its places are filled in, escaped where the template is HTML."""

    @pass_eval_context
    def say(context: EvalContext, word: str, **values: Any) -> str:
        text = words[word]
        return Markup(text).format(**values) if context.autoescape else text.format(**values)  # noqa: S704 - ours

    return say


def said_moment(moment: datetime, locale: Locale, words: Words) -> str:
    """A moment of its reader's clock, with the zone that clock is of."""
    date, time = format_date(moment, "full", locale=locale), format_time(moment, "short", moment.tzinfo, locale=locale)
    return words["moment"].format(date=date, time=time, zone=moment.tzinfo)
