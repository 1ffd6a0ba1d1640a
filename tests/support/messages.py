"""What a projector is given."""

from dataclasses import dataclass


@dataclass
class Message:
    body: bytes
    sender: str | None = None
