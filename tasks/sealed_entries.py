"""What of data entries is personal data, sealed before it is said: payloads, and texts that name somebody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.aggregates.data_entry import DataEntry, entry_key, merged, patch_between
from domain.identity import Key
from domain.personal import Personal, blanked, only, opened, sealed
from store.events.unit_of_work import UnitOfWork
from store.personal.subjects import Subjects

TEXTS: Final = ("name", "description")
"""Fields of an entry that may say something of a person."""
Derive = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""From a payload to the fields that the projection of the type makes of it."""


@dataclass(frozen=True, slots=True)
class SealedEntries:
    """The entries of one application, in one unit of work; `rules` by type."""

    unit: UnitOfWork
    application: str
    rules: Mapping[str, Sequence[Personal]]
    subjects: Subjects

    def whole(self, entry: DataEntry, derived: Collection[str], derive: Derive) -> DataEntry:
        """The entry sealed; a text that is `derived` is personal where it says something else without what is."""
        rules = self.rules.get(entry.entry_type)
        if rules is None:
            return entry
        key, payload = self._key(entry.entry_type, entry.entry_id), entry.payload
        self.subjects.said[key] = payload
        blank, owners = blanked(payload, rules)
        other = _derived_from(derive, blank) if derived else {}
        owner = only(owners, _nobody(key))
        texts = {name: getattr(entry, name) for name in TEXTS}
        told = {name for name in derived if name in TEXTS and other.get(name) != texts[name]}
        hidden = {name: self.subjects.seal(owner, texts[name]) for name in told if texts[name] is not None}
        said = {**self._texts(rules, key, texts, payload), **hidden}
        return replace(entry, payload=self._sealed(rules, key, payload), **said)

    def changes(self, entry_type: str, entry_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Changes of an entry sealed; whose data they are may stand in what is there already."""
        result = dict(changes)
        rules = self.rules.get(entry_type)
        if rules is None:
            return result
        key = self._key(entry_type, entry_id)
        before, patch = self._known(key), changes.get("payload", {})
        after = merged(before or {}, patch)
        if "payload" in changes and before is None:
            # Nothing to merge it with is known here: whatever becomes of it, it leaves sealed.
            result["payload"] = self._sealed(rules, key, patch)
        elif "payload" in changes:
            self.subjects.said[key] = after
            result["payload"] = patch_between(self._sealed(rules, key, before or {}), self._sealed(rules, key, after))
        texts = {name: changes[name] for name in TEXTS if name in changes}
        return {**result, **self._texts(rules, key, texts, after)}

    def _known(self, key: Key) -> Mapping[str, Any] | None:
        """The payload that is there, readable; None where this unit of work knows of none."""
        if key in self.subjects.said:
            return self.subjects.said[key]
        state = self.unit.heads.lock([key])[key].state
        return None if state is None or state["deleted"] else opened(state["payload"], self.subjects.open)

    def _sealed(self, rules: Sequence[Personal], key: Key, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return sealed(payload, rules, payload, _nobody(key), self.subjects.seal)

    def _texts(
        self, rules: Sequence[Personal], key: Key, texts: Mapping[str, Any], payload: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Those of them that a rule names."""
        mine = [rule for rule in rules if rule.path in {(name,) for name in texts}]
        return sealed(texts, mine, payload, _nobody(key), self.subjects.seal)

    def _key(self, entry_type: str, entry_id: str) -> Key:
        return Key(self.application, "data_entry", entry_key(entry_type, entry_id))


def _nobody(key: Key) -> str:
    """For whom data of an entry is sealed that names nobody it is about."""
    return f"data_entry:{key.id}"


def _derived_from(derive: Derive, blank: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a projection makes of data without anything personal; nothing where it cannot do without."""
    try:
        return derive(blank)
    except Exception:  # noqa: BLE001 - a projection is the application's code, and may expect what is not there
        return {}
