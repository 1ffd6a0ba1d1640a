"""A person's due dates as an iCalendar feed, for whoever has its secret address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, request
from icalendar import Calendar, Event, vText, vUri

from domain.access import User
from domain.errors import NotFound
from domain.values import parse_time
from webapp.services import services

feed = Blueprint("calendar", __name__)

MOST: Final = 500
_AGAIN: Final = timedelta(hours=1)


@feed.get("/calendar/<string:token>.ics")
def due_dates(token: str) -> Response:
    """An event for each open task of theirs with a due date, at most 500; 404 for what is nobody's address."""
    user = _whose(token)
    tasks = services().due.of(user, MOST)
    response = Response(written(user.name, tasks, _root()), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Content-Disposition"] = 'inline; filename="tasks.ics"'
    return response


def written(name: str, tasks: Iterable[Mapping[str, Any]], root: str) -> bytes:
    """The feed: escaped, and folded in lines of 75 bytes, by the library."""
    calendar = Calendar()
    calendar.add("prodid", "-//Taskpool//Due dates//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(_plain(f"Tasks of {name}")))
    calendar.add("refresh-interval", _AGAIN, parameters={"value": "DURATION"})
    for task in tasks:
        if (due := _moment(task.get("dueDate"))) is not None:
            calendar.add_component(_event(task, due, root))
    return bytes(calendar.to_ical())


def _event(task: Mapping[str, Any], due: datetime, root: str) -> Event:
    """Not a to-do: the calendars most people have show none of those."""
    event = Event()
    event.add("uid", f"{task['_id']}@taskpool")
    event.add("dtstamp", _moment(task.get("eventTime")) or due)
    event.add("dtstart", due)
    event.add("summary", _plain(task.get("name") or task.get("processName") or "Task"))
    about = [text for text in (task.get("processName"), task.get("businessKey")) if text]
    if about:
        event.add("description", _plain("\n".join(about)))
    event.add("url", vUri(f"{root}/?task={quote(task['_id'], safe='')}"))
    event.add("transp", "TRANSPARENT")
    return event


def _whose(token: str) -> User:
    calendars = services().calendars
    name = calendars.whose(token)
    user = services().accounts.user(name) if name is not None else None
    if name is not None and user is None:
        # Somebody else may be called so one day.
        calendars.end(name)
    if user is None:
        raise NotFound("there is no such calendar")
    return user


def _root() -> str:
    return (services().settings.public_address or request.host_url).rstrip("/")


def _moment(text: Any) -> datetime | None:
    try:
        return parse_time(text).replace(microsecond=0)
    except (TypeError, ValueError):
        return None


def _plain(text: str) -> str:
    """Without the control characters that no calendar takes."""
    return "".join(one for one in text if one.isprintable() or one == "\n")
