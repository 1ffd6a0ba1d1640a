"""A person an application keeps data about; known here by the key their data is sealed with, and by no name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.wire import NoChanges


@dataclass(frozen=True, slots=True)
class DataSubject:
    """Somebody whose data has been erased."""

    key_id: str
    application: str
    erased: bool = True


@dataclass(frozen=True, slots=True)
class EraseSubject:
    """Their key has been destroyed."""

    subject: DataSubject


@dataclass(frozen=True, slots=True)
class SubjectErased:
    """Whoever has written down what was sealed with the key overwrites it."""

    type: ClassVar[str] = "data_subject.erased"
    subject: DataSubject

    def changes(self) -> NoChanges:
        """Nothing beside the state itself."""
        return {}


def decide(known: DataSubject | None, command: EraseSubject) -> list[SubjectErased]:
    """Once."""
    return [] if known else [SubjectErased(command.subject)]


def evolve(_known: DataSubject | None, event: SubjectErased) -> DataSubject:
    """The same from the first event on."""
    return event.subject
