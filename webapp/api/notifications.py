"""What the asker wants to be told outside the list and in which language, and where their calendar is."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.access import User
from domain.errors import NotAllowed
from domain.notices.notice import KINDS
from domain.notices.wishes import Quiet, Wishes
from webapp.api.described import SECURITY, reading, writing
from webapp.api.forms import invalid, require_json
from webapp.api.notice_schemas import CalendarAddress, Notifications, NotificationsBody, QuietHours, ReadIn, ReadInBody
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint(
    "notifications", __name__, url_prefix="/api/v1/me", abp_tags=[Tag(name="people")], abp_security=SECURITY
)
api.before_request(require_sign_in)
api.before_request(require_json)


@api.get("/notifications", responses=reading(Notifications))
def notifications() -> Response:
    """What the asker wants; everything, at any time, until they have said something."""
    return jsonify(_shown(services().wishes.of(asker().name)))


@api.post("/notifications", responses=writing(Notifications, 422))
def save_notifications(body: NotificationsBody) -> Response:
    """Want this from now on. Quiet hours hold mail back until they end."""
    chosen = body.mail.model_dump(by_alias=True)
    wishes = Wishes({kind: chosen[kind] for kind in KINDS}, _quiet(body.quiet_hours))
    services().wishes.save(_person().name, wishes.mail, wishes.quiet)
    return jsonify(_shown(wishes))


@api.get("/locale", responses=reading(ReadIn))
def locale() -> Response:
    """In which language and time zone mail is written to the asker; null until they have said it."""
    wishes = services().wishes.of(asker().name)
    return jsonify(locale=wishes.locale, timeZone=wishes.zone and wishes.zone.key)


@api.post("/locale", responses=writing(ReadIn, 422))
def save_locale(body: ReadInBody) -> Response:
    """Write mail like this from now on; the page says so when it is first opened, and when either changes."""
    zone = _zone(body.time_zone, "timeZone")
    services().wishes.read_in(_person().name, body.locale, zone)
    return jsonify(locale=body.locale, timeZone=zone.key)


@api.get("/calendar", responses=reading(CalendarAddress))
def calendar() -> Response:
    """The secret address of the asker's calendar; null until they have asked for one with POST."""
    token = services().calendars.token(asker().name)
    return jsonify(url=token and _address(token))


@api.post("/calendar", responses=writing(CalendarAddress))
def renew_calendar() -> Response:
    """A new secret address; the one before shows nothing from now on."""
    return jsonify(url=_address(services().calendars.renew(_person().name)))


def _person() -> User:
    """Only people are told anything; raises `NotAllowed`."""
    user = asker()
    if services().accounts.user(user.name) is None:
        raise NotAllowed("this is for people with an account")
    return user


def _address(token: str) -> str:
    root = services().settings.public_address or request.host_url
    return f"{root.rstrip('/')}/calendar/{token}.ics"


def _quiet(given: QuietHours | None) -> Quiet | None:
    if given is None:
        return None
    if given.begin == given.end:
        raise invalid("quietHours.to", "must be another time than from")
    zone = _zone(given.time_zone, "quietHours.timeZone")
    return Quiet(time.fromisoformat(given.begin), time.fromisoformat(given.end), zone)


def _zone(name: str, place: str) -> ZoneInfo:
    if name not in _zones():
        raise invalid(place, "is no time zone known here")
    return ZoneInfo(name)


def _shown(wishes: Wishes) -> dict[str, Any]:
    quiet = wishes.quiet and {
        "from": f"{wishes.quiet.begin:%H:%M}",
        "to": f"{wishes.quiet.end:%H:%M}",
        "timeZone": wishes.quiet.zone.key,
    }
    return {"mail": dict(wishes.mail), "quietHours": quiet}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
