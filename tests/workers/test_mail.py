"""Mail over a real SMTP server: what is in it, who may read it on the way, and a server that refuses."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.notices.deliver import NeverDelivered, NotDelivered
from tests.support.letters import LETTER, TASK
from tests.system.tls import Authority
from tests.workers.smtp import Inbox, only_rosa, smtp_server
from workers.notify.mail import Mail, Server
from workers.system.record import free_port

pytestmark = pytest.mark.servers


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    with smtp_server(inbox) as port:
        yield port


def mail(port: int, more: str = "", scheme: str = "smtp", **options: Any) -> Mail:
    return Mail(Server.of(f"{scheme}://127.0.0.1:{port}?from=taskpool@example.org{more}"), **options)


def test_a_message_says_what_and_where_in_text_and_html(inbox: Inbox, port: int) -> None:
    mail(port).send(replace(LETTER, zone=ZoneInfo("Europe/Zurich")))
    [message] = inbox.messages
    assert (message["From"], message["To"]) == ("taskpool@example.org", "rosa <rosa@example.org>")
    assert message["Subject"] == "Yours now: Zoë's <b>offer</b> & more"
    assert message["Message-ID"] == "<n-1@example.org>"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert '"Zoë\'s <b>offer</b> & more" has been assigned to you by olaf.' in text
    assert "Due: Monday, November 30, 2026, 7:30\u202fAM (Europe/Zurich)" in text
    assert message["Content-Language"] == "en"
    assert TASK["url"] in text
    assert "Zoë&#39;s &lt;b&gt;offer&lt;/b&gt; &amp; more" in html
    assert '<a href="https://list.example.org/?task=7f">' in html


@pytest.mark.parametrize(
    ("locale", "kind", "subject"),
    [
        ("en", "dueSoon", "Due soon: X"),
        ("en", "overdue", "Overdue: X"),
        ("en", "mention", "olaf mentioned you: X"),
        ("de", "assignment", "Jetzt deine Aufgabe: X"),
        ("de", "dueSoon", "Bald fällig: X"),
        ("de", "overdue", "Überfällig: X"),
        ("de", "mention", "olaf hat dich erwähnt: X"),
    ],
)
def test_every_kind_has_its_words(inbox: Inbox, port: int, locale: str, kind: Any, subject: str) -> None:
    bare = {**TASK, "name": "X", "processName": None, "businessKey": None, "dueDate": None}
    mail(port).send(replace(LETTER, kind=kind, task=bare, locale=locale))
    assert inbox.messages[0]["Subject"] == subject
    text = inbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert not {"Process:", "Prozess:"} & set(text.split())


def test_it_is_written_in_the_readers_language(inbox: Inbox, port: int) -> None:
    mail(port).send(replace(LETTER, locale="de-CH", zone=ZoneInfo("Europe/Zurich")))
    [message] = inbox.messages
    assert (message["Subject"], message["Content-Language"]) == ("Jetzt deine Aufgabe: Zoë's <b>offer</b> & more", "de")
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "„Zoë's <b>offer</b> & more“ wurde dir von olaf zugewiesen." in text
    assert "Fällig: Montag, 30. November 2026, 07:30 (Europe/Zurich)" in text
    assert "<strong>Zoë&#39;s &lt;b&gt;offer&lt;/b&gt; &amp; more</strong> wurde dir von olaf zugewiesen." in html
    assert '<html lang="de">' in html
    assert '<a href="https://list.example.org/?task=7f">Aufgabe öffnen</a>' in html


@pytest.mark.parametrize(
    ("locale", "subject", "sentence"),
    [
        (
            "en",
            "olaf mentioned you on 1,200 tasks",
            'olaf mentioned you in a comment on 1,200 tasks, among them "X".',
        ),
        (
            "de",
            "olaf hat dich bei 1.200 Aufgaben erwähnt",
            "olaf hat dich in einem Kommentar zu 1.200 Aufgaben erwähnt, darunter „X“.",
        ),
    ],
)
def test_who_is_named_about_several_is_told_about_how_many(
    inbox: Inbox, port: int, locale: str, subject: str, sentence: str
) -> None:
    letter = replace(LETTER, kind="mention", task={**TASK, "name": "X"}, tasks=1200, locale=locale)
    mail(port).send(letter)
    assert inbox.messages[0]["Subject"] == subject
    assert sentence in inbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("locale", "due"),
    [
        ("en", "Due: Monday, November 30, 2026, 6:30\u202fAM (UTC)"),
        ("en-GB", "Due: Monday, 30 November 2026, 06:30 (UTC)"),
        ("de", "Fällig: Montag, 30. November 2026, 06:30 (UTC)"),
        # Neither spoken here nor known anywhere.
        ("fr-CH", "Due: Monday, November 30, 2026, 6:30\u202fAM (UTC)"),
        ("de-x-nowhere", "Fällig: Montag, 30. November 2026, 06:30 (UTC)"),
        ("zzz-ZZZZZ", "Due: Monday, November 30, 2026, 6:30\u202fAM (UTC)"),
    ],
)
def test_dates_are_written_as_where_the_reader_is(inbox: Inbox, port: int, locale: str, due: str) -> None:
    mail(port).send(replace(LETTER, locale=locale))
    assert due in inbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["a\r\nBcc: eve@example.org", "a\nBcc: eve@example.org", "a\x85Bcc:\u2028x", "\x00"])
def test_no_name_begins_a_header(inbox: Inbox, port: int, name: str) -> None:
    mail(port).send(replace(LETTER, user=name, task={**TASK, "name": name}))
    [message] = inbox.messages
    assert message["Bcc"] is None
    assert inbox.receivers == ["rosa@example.org"]


def test_what_people_write_is_no_paragraph_of_ours(inbox: Inbox, port: int) -> None:
    task = {**TASK, "name": "X", "businessKey": "7)\n\nYour password expires: https://evil.example/\n\n("}
    mail(port).send(replace(LETTER, task=task, by="olaf\n\nsays"))
    text = inbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "7) Your password expires: https://evil.example/ (" in text


def test_a_rude_goodbye_is_no_reason_to_send_it_again(inbox: Inbox, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = smtplib.SMTP.docmd

    def docmd(self: smtplib.SMTP, command: str, args: str = "") -> tuple[int, bytes]:
        return (451, b"later") if command.upper() == "QUIT" else plain(self, command, args)

    monkeypatch.setattr(smtplib.SMTP, "docmd", docmd)
    mail(port).send(LETTER)
    assert len(inbox.messages) == 1


def test_a_folder_of_ones_own_replaces_templates_one_by_one(inbox: Inbox, port: int, tmp_path: Path) -> None:
    (tmp_path / "subject.txt").write_text("Neu für {{ letter.user }}: {{ task.name }}")
    mail(port, templates=tmp_path).send(LETTER)
    assert inbox.messages[0]["Subject"] == "Neu für rosa: Zoë's <b>offer</b> & more"
    assert "assigned to you" in inbox.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_it_may_have_one_for_each_language(inbox: Inbox, port: int, tmp_path: Path) -> None:
    (tmp_path / "subject.txt").write_text("New: {{ task.name }}")
    (tmp_path / "subject.de.txt").write_text("Neu: {{ task.name }}")
    for locale in ("de-AT", "en"):
        mail(port, templates=tmp_path).send(replace(LETTER, locale=locale))
    assert [one["Subject"].split(":")[0] for one in inbox.messages] == ["Neu", "New"]


def test_a_server_that_is_away_comes_back(inbox: Inbox) -> None:
    port = free_port()
    with pytest.raises(NotDelivered, match="ConnectionRefusedError"):
        mail(port).send(LETTER)
    with smtp_server(inbox, port):
        mail(port).send(LETTER)
    assert len(inbox.messages) == 1


def test_a_receiver_refused_for_now_is_tried_again_and_one_for_good_is_not(inbox: Inbox, port: int) -> None:
    inbox.refuses = "451 later"
    with pytest.raises(NotDelivered, match="451"):
        mail(port).send(LETTER)
    inbox.refuses = "550 nobody here"
    with pytest.raises(NeverDelivered, match="550"):
        mail(port).send(LETTER)
    assert inbox.messages == []


def tls(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of the server, and of who believes it."""
    authority = Authority(folder)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(*authority.certify("mail"))
    return served, ssl.create_default_context(cafile=str(authority.file))


def test_starttls_is_used_where_it_is_offered_and_then_the_certificate_counts(inbox: Inbox, tmp_path: Path) -> None:
    served, believes = tls(tmp_path)
    with smtp_server(inbox, context=served) as port:
        mail(port, context=believes).send(LETTER)
        with pytest.raises(NotDelivered, match="SSLCertVerificationError"):
            mail(port).send(LETTER)
    assert inbox.encrypted == [True]


def test_starttls_that_is_required_and_not_there_sends_nothing(inbox: Inbox, port: int) -> None:
    with pytest.raises(NotDelivered, match="STARTTLS"):
        mail(port, "&starttls=required").send(LETTER)
    assert inbox.messages == []


def test_another_machine_is_never_spoken_to_in_plain_words_unless_told_so() -> None:
    assert Server.of("smtp://mail.example.org?from=a@b").starttls == "required"
    assert Server.of("smtp://mail.example.org?from=a@b&starttls=never").starttls == "never"
    assert Server.of("smtps://mail.example.org?from=a@b").port == 465


def test_a_user_with_a_password_signs_in(inbox: Inbox, tmp_path: Path) -> None:
    served, believes = tls(tmp_path)
    options = {"authenticator": only_rosa, "auth_required": True}
    with smtp_server(inbox, context=served, **options) as port:
        for password, arrives in (("p%40ss%2Fword", True), ("wrong", False)):
            sender = Mail(Server.of(f"smtp://rosa:{password}@127.0.0.1:{port}?from=a@example.org"), context=believes)
            if arrives:
                sender.send(LETTER)
            else:
                with pytest.raises(NotDelivered, match="SMTPAuthenticationError"):
                    sender.send(LETTER)
    assert len(inbox.messages) == 1
