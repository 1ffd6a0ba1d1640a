"""Mail: one message a notice, from templates, over SMTP with TLS wherever the server is not on this machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from babel import Locale
from babel.numbers import format_decimal
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined, select_autoescape

from domain.values import parse_time
from tasks.notices.deliver import Letter, NeverDelivered, NotDelivered
from workers.notify.words import CATALOGUES, Words, locale_of, said_moment, saying

TIMEOUT_SECONDS: Final = 10.0
LONGEST_SUBJECT: Final = 200
_SUBJECT, _TEXT, _HTML = ("subject", "txt"), ("text", "txt"), ("page", "html")
_NEVER: Final = 500
"""A receiver refused with this or more will be refused again."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    sender: str
    user: str
    password: str
    implicit_tls: bool
    starttls: str
    """`required`, `offered` or `never`; said nothing: required of another machine."""

    @classmethod
    def of(cls, url: str) -> Server:
        """Read what the settings have checked."""
        parts = urlsplit(url)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        host, implicit = parts.hostname or "", parts.scheme == "smtps"
        is_here = host in ("localhost", "::1") or host.startswith("127.")
        return cls(
            host=host,
            port=parts.port or (465 if implicit else 587),
            sender=said["from"],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            implicit_tls=implicit,
            starttls=said.get("starttls", "offered" if is_here else "required"),
        )


class Mail:
    """The channel `mail`."""

    def __init__(self, server: Server, templates: Path | None = None, context: ssl.SSLContext | None = None) -> None:
        self._server, self._templates = server, environment(templates)
        self._context = context or ssl.create_default_context()

    def send(self, letter: Letter) -> None:
        """Handed over when it returns; raises `NotDelivered` and `NeverDelivered`."""
        message = self.written(letter)
        try:
            connection = self._connected()
            try:
                connection.send_message(message)
            finally:
                # Handed over by now, or refused: how the server says goodbye changes nothing.
                with suppress(OSError):
                    connection.quit()
                connection.close()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            refused = NeverDelivered if min(codes, default=0) >= _NEVER else NotDelivered
            raise refused(f"the receiver was refused: {', '.join(map(str, codes))}") from error
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(f"{type(error).__name__}: {error.smtp_code}") from error
        except (OSError, ValueError) as error:
            # smtplib's own errors are among these; ValueError is what it says of an address it cannot encode.
            raise NotDelivered(type(error).__name__) from error

    def written(self, letter: Letter) -> EmailMessage:
        """The message; raises what a template raises."""
        # What people have written into a task may not look like a paragraph of ours.
        task = {name: one_line(value) if isinstance(value, str) else value for name, value in letter.task.items()}
        letter = replace(letter, task=task, by=letter.by and one_line(letter.by))
        locale = locale_of(letter.locale)
        words = CATALOGUES[locale.language]
        due = shown(task.get("dueDate"), letter, locale, words)
        values = {"letter": letter, "task": task, "due": due, "language": locale.language, "say": saying(words)}
        values["tasks"] = format_decimal(letter.tasks, locale=locale)
        subject = one_line(self._rendered(_SUBJECT, values))[:LONGEST_SUBJECT]
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = Address(display_name=one_line(letter.user), addr_spec=letter.address or "")
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.now(UTC))
        # The same for every try: who gets it twice may be shown it once.
        message["Message-ID"] = f"<{letter.id}@{self._server.sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._rendered(_TEXT, values))
        message.add_alternative(self._rendered(_HTML, values), subtype="html")
        message["Content-Language"] = locale.language
        return message

    def _rendered(self, template: tuple[str, str], values: Mapping[str, Any]) -> str:
        """By the template of the reader's language where there is one: a folder of somebody's own may have it."""
        name, kind = template
        names = [f"{name}.{values['language']}.{kind}", f"{name}.{kind}"]
        return self._templates.select_template(names).render(values)

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.implicit_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            self._greet(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: smtplib.SMTP) -> None:
        server = self._server
        connection.ehlo()
        if not server.implicit_tls and server.starttls != "never":
            if connection.has_extn("starttls"):
                connection.starttls(context=self._context)
                connection.ehlo()
            elif server.starttls == "required":
                raise NotDelivered("the server does not offer STARTTLS")
        if server.user:
            connection.login(server.user, server.password)


def environment(folder: Path | None) -> Environment:
    """The templates: a folder's own first, then ours; values are escaped in HTML."""
    ours = PackageLoader("workers.notify")
    loader = ChoiceLoader([FileSystemLoader(folder), ours]) if folder else ours
    return Environment(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def shown(due_date: Any, letter: Letter, locale: Locale, words: Words) -> str:
    """A moment as its reader's clock shows it, as far as they have said where they are."""
    try:
        moment = parse_time(due_date)
    except (TypeError, ValueError):
        return ""
    return said_moment(moment.astimezone(letter.zone or UTC), locale, words)


def one_line(text: str) -> str:
    """Without anything that could begin another header."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
