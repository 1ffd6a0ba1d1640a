"""What people want to be told, and the secret address of their calendar: one document a person, in no generation."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from pymongo import IndexModel
from pymongo.database import Database

from domain.notices.notice import KINDS, Kind
from domain.notices.wishes import Quiet, Wishes
from store.views.mongo import JOURNALED, translated

WISHES, CALENDARS = "notice_wishes", "calendar"
_OF_TOKEN: Final = IndexModel([("digest", 1)], name="of_token", unique=True)
_BYTES: Final = 32

Document = dict[str, Any]


class WishesOfPeople:
    """Kept until they are replaced; all methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[Document]) -> None:
        self._wishes = database.get_collection(WISHES, write_concern=JOURNALED)

    def of(self, user: str) -> Wishes:
        """What this person wants; everything until they have said something."""
        with translated():
            found = self._wishes.find_one({"_id": user})
        if found is None:
            return Wishes()
        mail = {kind: bool(found.get("mail", {}).get(kind, True)) for kind in KINDS}
        zone = found.get("zone")
        return Wishes(mail, _quiet(found.get("quiet")), found.get("locale"), ZoneInfo(zone) if zone else None)

    def save(self, user: str, mail: Mapping[Kind, bool], quiet: Quiet | None) -> None:
        """Of this from now on, and not in these hours."""
        self._set(user, {"mail": dict(mail), "quiet": _plain(quiet)})

    def read_in(self, user: str, locale: str, zone: ZoneInfo) -> None:
        """In this language from now on, with times of this zone."""
        self._set(user, {"locale": locale, "zone": zone.key})

    def _set(self, user: str, what: Mapping[str, Any]) -> None:
        with translated():
            self._wishes.update_one({"_id": user}, {"$set": what}, upsert=True)


class Calendars:
    """A secret address a person, which follows from a number here and a key that is not here; only digests are kept."""

    def __init__(self, database: Database[Document], key: str) -> None:
        self._calendars = database.get_collection(CALENDARS, write_concern=JOURNALED)
        self._key = key.encode()

    def prepare(self) -> None:
        """Make the index that finds whose a token is."""
        with translated():
            self._calendars.create_indexes([_OF_TOKEN])

    def renew(self, user: str) -> str:
        """A new token, of 256 bits; the one before is of no use from now on."""
        number = secrets.token_hex(_BYTES)
        token = self._token(user, number)
        with translated():
            self._calendars.replace_one({"_id": user}, {"number": number, "digest": _digest(token)}, upsert=True)
        return token

    def token(self, user: str) -> str | None:
        """The token that counts; None before the first, and after the system's secret key has changed."""
        with translated():
            found = self._calendars.find_one({"_id": user})
        if found is None:
            return None
        token = self._token(user, found["number"])
        return token if _digest(token) == found["digest"] else None

    def whose(self, token: str) -> str | None:
        """The person whose token this is."""
        digest = _digest(token)
        with translated():
            found = self._calendars.find_one({"digest": digest})
        if found is None or not hmac.compare_digest(
            token.encode(), self._token(found["_id"], found["number"]).encode()
        ):
            return None
        return str(found["_id"])

    def end(self, user: str) -> None:
        """There is no address of theirs any more."""
        with translated():
            self._calendars.delete_one({"_id": user})

    def _token(self, user: str, number: str) -> str:
        return hmac.new(self._key, f"calendar\0{user}\0{number}".encode(), hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    """Who reads the database cannot read a calendar."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(quiet: Quiet | None) -> Mapping[str, str] | None:
    if quiet is None:
        return None
    return {"from": f"{quiet.begin:%H:%M}", "to": f"{quiet.end:%H:%M}", "timeZone": quiet.zone.key}


def _quiet(found: Mapping[str, str] | None) -> Quiet | None:
    if found is None:
        return None
    begin, end = time.fromisoformat(found["from"]), time.fromisoformat(found["to"])
    return Quiet(begin, end, ZoneInfo(found["timeZone"]))
