"""What requests and answers about notices look like."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from pydantic.alias_generators import to_camel

from webapp.api.answers import Answer
from webapp.api.schemas import Strict

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class MailWishes(Strict):
    """Of what mail is wanted."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    assignment: StrictBool
    due_soon: StrictBool
    overdue: StrictBool
    mention: StrictBool


class QuietHours(Strict):
    """Hours of every day, over midnight where `from` is the later one."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    begin: Clock = Field(alias="from")
    end: Clock = Field(alias="to")
    time_zone: str = Field(max_length=100, description="an IANA name, as `Europe/Zurich`")


class NotificationsBody(Strict):
    """What is wanted from now on."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    mail: MailWishes
    quiet_hours: QuietHours | None = None


class Notifications(Answer):
    """What the asker wants to be told by mail, and when not."""

    mail: MailWishes
    quiet_hours: QuietHours | None


class ReadInBody(Strict):
    """How mail is written from now on."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)

    locale: str = Field(
        max_length=35,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        description="a language tag, as `de-CH`; in a language that mail does not speak it is English",
    )
    time_zone: str = Field(max_length=100, description="an IANA name, as `Europe/Zurich`")


class ReadIn(Answer):
    """In which language and time zone mail is written to the asker."""

    locale: str | None
    time_zone: str | None


class CalendarAddress(Answer):
    """Where the asker's due dates can be subscribed to; null: nowhere."""

    url: str | None


class CalendarPath(BaseModel):
    """A secret."""

    token: str = Field(max_length=200)
