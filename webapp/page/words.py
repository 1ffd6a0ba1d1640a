"""What is said before anybody has signed in, in the browser's language; the page itself has a catalogue of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import request

Words = Mapping[str, str]

_ENGLISH = {
    "lang": "en",
    "title": "Sign in",
    "promise": "One live task list over all your processes.",
    "name": "Name",
    "password": "Password",
    "enter": "Sign in",
    "demo": "Demo accounts",
    "demo_hint": "The password is the name. Choose one to sign in with it.",
    "wrong": "That name and password do not belong together.",
    "wait": "Too many wrong passwords. Try again in {seconds} seconds.",
    "loading": "Loading…",
    "not_built": "The page has not been built. Run: make setup",
}
_GERMAN = {
    "lang": "de",
    "title": "Anmelden",
    "promise": "Eine Aufgabenliste in Echtzeit über alle Prozesse.",
    "name": "Name",
    "password": "Passwort",
    "enter": "Anmelden",
    "demo": "Demo-Konten",
    "demo_hint": "Das Passwort ist der Name. Zum Anmelden eines wählen.",
    "wrong": "Name und Passwort gehören nicht zusammen.",
    "wait": "Zu viele falsche Passwörter. In {seconds} Sekunden noch einmal versuchen.",
    "loading": "Wird geladen…",
    "not_built": "Die Seite ist noch nicht gebaut. Dafür: make setup",
}
CATALOGUES: Mapping[str, Words] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN})


def words() -> Words:
    """Those of the first of the browser's languages that is there, else English."""
    return CATALOGUES[request.accept_languages.best_match(list(CATALOGUES), default="en") or "en"]
