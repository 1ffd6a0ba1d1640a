"""What each broker user may do: the platform everything, an application only what is its own.

RabbitMQ judges by names, with one regular expression for creating, one for writing and one for reading, and for topic
exchanges by routing key too. An application reads its own queues, writes its own events to the exchange of events and
its own ticks to that of commands. It can make no queue but the mailboxes of its workers, bind nothing to anything but
these, and reach no queue by its name. What all workers share with Flower (`celeryev` and the two exchanges of Celery's
remote control) it could disturb: pictures of the work, never the work.
"""

from __future__ import annotations

import base64
import json
import re
import time
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit

from domain.errors import BrokerUnavailable
from domain.senders import user_of
from observe.retrying import retry
from store.messaging.topology import COMMANDS, EVENTS, LOGS, TICKS

PATIENCE_SECONDS = 30.0
_NOTHING = "^$"
_ANSWERS = r"reply\.celery\.pidbox|celeryev"
_ORDERS = r"celery\.pidbox"


@dataclass(frozen=True, slots=True)
class BrokerUser:
    """One user and its rights in one virtual host; `topics` has (write, read) by exchange."""

    name: str
    password: str = field(repr=False)
    configure: str
    write: str
    read: str
    topics: Mapping[str, tuple[str, str]]


def application_user(application: str, password: str, hosts_all_but: Collection[str] | None = None) -> BrokerUser:
    """The user of an application; that of the host speaks for all applications but those named."""
    own, ticks = re.escape(application), "|".join(TICKS)
    boxes = rf"(?:engine|publisher)\.{own}@[^@]*\.celery\.pidbox"
    speaks_for = own
    if hosts_all_but is not None:
        others = "|".join(re.escape(other) for other in sorted(hosts_all_but))
        speaks_for = rf"(?!(?:{others})$).+" if others else ".+"
    return BrokerUser(
        name=user_of(application),
        password=password,
        configure=rf"^(?:{_ORDERS}|{_ANSWERS}|{boxes})$",
        write=rf"^(?:{re.escape(EVENTS.name)}|{re.escape(COMMANDS.name)}|{_ANSWERS}|{boxes})$",
        read=rf"^(?:(?:engine|outbound|{ticks})\.{own}|{_ORDERS}|{boxes})$",
        topics={
            EVENTS.name: (rf"^[a-z_]+\.[a-z_]+\.{speaks_for}$", _NOTHING),
            COMMANDS.name: (rf"^(?:{ticks}|{LOGS})\.{own}$", _NOTHING),
        },
    )


def user_in(amqp_url: str) -> str:
    """Whom the broker sees behind this address."""
    return unquote(urlsplit(amqp_url).username or "guest")


def virtual_host_in(amqp_url: str) -> str:
    """Where on the broker this address leads."""
    return unquote(urlsplit(amqp_url).path.removeprefix("/")) or "/"


def create(management_url: str, users: Sequence[BrokerUser], virtual_host: str = "/") -> None:
    """Make these users what they should be, and remove the one everybody knows; raises `BrokerUnavailable`."""
    api = _Management(management_url)
    host = quote(virtual_host, safe="")
    for user in users:
        name = quote(user.name, safe="")
        api.put(f"users/{name}", {"password": user.password, "tags": ""})
        for exchange, (write, read) in user.topics.items():
            api.put(f"topic-permissions/{host}/{name}", {"exchange": exchange, "write": write, "read": read})
        # Last: without its limits by topic nobody gets the right to write to an exchange.
        rights = {"configure": user.configure, "write": user.write, "read": user.read}
        api.put(f"permissions/{host}/{name}", rights)
    api.delete("users/guest")


def as_commands(user: BrokerUser, virtual_host: str = "/") -> list[str]:
    """The same for an operator of somebody else's broker, as lines for a shell."""
    control = f"rabbitmqctl {{}} -p '{virtual_host}' {user.name}"
    topics = control.format("set_topic_permissions")
    return [
        f"rabbitmqctl add_user {user.name} '{user.password}'",
        *(f"{topics} {exchange} '{write}' '{read}'" for exchange, (write, read) in user.topics.items()),
        f"{control.format('set_permissions')} '{user.configure}' '{user.write}' '{user.read}'",
    ]


class _Management:
    """RabbitMQ's HTTP API, which may open a moment later than the broker itself."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        account = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        self._root = f"{parts.scheme}://{parts.hostname}:{parts.port}/api"
        self._headers = {
            "Authorization": f"Basic {base64.b64encode(account.encode()).decode()}",
            "Content-Type": "application/json",
        }
        # No proxy of the environment stands in front of it.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self._deadline = time.monotonic() + PATIENCE_SECONDS

    def put(self, path: str, body: Mapping[str, str]) -> None:
        self._call("PUT", path, json.dumps(body).encode())

    def delete(self, path: str) -> None:
        self._call("DELETE", path, None)

    def _call(self, method: str, path: str, body: bytes | None) -> None:
        request = urllib.request.Request(f"{self._root}/{path}", body, self._headers, method=method)  # noqa: S310
        left = max(self._deadline - time.monotonic(), 0.0)
        try:
            retry(lambda: self._ask(request, path), on=(OSError, HTTPException), pause=0.2, seconds=left)
        except (OSError, HTTPException) as error:
            raise BrokerUnavailable(f"RabbitMQ's management does not answer: {error}") from error

    def _ask(self, request: urllib.request.Request, path: str) -> None:
        try:
            self._open(request, timeout=10).close()
        except HTTPError as error:
            error.close()
            method = request.get_method()
            if method == "DELETE" and error.code == 404:  # noqa: PLR2004 - gone already
                return
            raise BrokerUnavailable(f"RabbitMQ's management answers {error.code} to {method} {path}") from error
