"""Who exists, for a process that signs nobody in; the file is read again when somebody has changed it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from domain.access import OPERATOR_GROUP, User
from settings import DEMO, PRODUCTION, InvalidSetting, Settings
from store.identity.users_file import Account, UsersFile

DEMO_GROUPS = {
    "requester1": ("requesters",),
    "requester2": ("requesters",),
    "approver1": ("approvers",),
    "approver2": ("approvers",),
    "accountant1": ("accounting",),
    "admin": (OPERATOR_GROUP,),
}
LOOK_SECONDS = 5.0

log = logging.getLogger(__name__)


class People:
    """By name; raises `InvalidSetting` when the file cannot be read at first, later those known before stay."""

    def __init__(self, always: Mapping[str, Account], file: UsersFile | None) -> None:
        self._always, self._file = always, file
        self._people = self._read()
        self._looked = time.monotonic()

    def find(self, name: str) -> Account | None:
        """The person of this name, as they are in the file now."""
        if self._file is not None and time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            self._look(self._file)
        return self._people.get(name)

    def _look(self, file: UsersFile) -> None:
        if file.has_changed():
            try:
                self._people = self._read()
                log.info("users_read_again", extra={"people": len(self._people)})
            except InvalidSetting as error:
                log.warning("users_file_unreadable", extra={"reason": str(error)})

    def _read(self) -> Mapping[str, Account]:
        return {**self._always, **(self._file.read().people if self._file else {})}


def open_people(settings: Settings) -> People:
    """Those of this profile; raises `InvalidSetting`."""
    demo = {name: Account(User(name, groups), "") for name, groups in DEMO_GROUPS.items()}
    path = settings.users_file
    file = UsersFile(path, settings.profile == PRODUCTION) if path else None
    return People(demo if settings.profile == DEMO else {}, file)
