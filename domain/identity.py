"""Names for things: every aggregate is keyed (application, aggregate, id), every event adds generation and revision."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5
from zlib import crc32

LANES = 64
_NAMESPACE = UUID("6f0ce1b4-5f0e-5d0b-9a3c-1f6d2c7a9e10")
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names one aggregate; two applications may use the same id and never meet."""

    application: str
    aggregate: str
    id: str

    @property
    def opaque(self) -> str:
        """The URL-safe id that people and views use."""
        return str(uuid5(_NAMESPACE, self._joined))

    @property
    def lane(self) -> int:
        """The hash partition, 0 to 63, inside which order is kept."""
        return crc32(self._joined.encode("utf-8", "surrogatepass")) % LANES

    def event_id(self, generation: int, revision: int) -> str:
        """The same for the same fact, however often it is sent."""
        return str(uuid5(_NAMESPACE, _SEPARATOR.join((self._joined, str(generation), str(revision)))))

    @property
    def _joined(self) -> str:
        return _SEPARATOR.join((self.application, self.aggregate, self.id))


def derived_id(*parts: str) -> str:
    """A stable uuid from the parts given."""
    return str(uuid5(_NAMESPACE, _SEPARATOR.join(parts)))
