"""Messages and signals from outside, or from one instance to others: who waits, and how they get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from domain.deployment import StartEvent
from domain.errors import Ambiguous, NotFound
from domain.values import iso
from engines.protocol import EngineMemory, Wait
from engines.spiff import steps
from engines.spiff.events import MESSAGE, SIGNAL, catch, waits
from engines.spiff.run import Run, Thrown, checked_variables
from engines.spiff.runs import Runs

AT_ONCE = 100
"""How many get a signal in the unit of work that gives it: so many steps are well within its budget."""
MOST_LOOKED_AT = 500
"""How many instances may wait for a message whose correlation is looked for in their variables."""


class Messages:
    """Of one unit of work."""

    def __init__(
        self,
        memory: EngineMemory,
        runs: Runs,
        step: Callable[[Run], AbstractContextManager[steps.Step]],
        start_at: Callable[..., str],
        now: Callable[[], datetime],
    ) -> None:
        self._memory = memory
        self._runs = runs
        self._step = step
        self._start_at = start_at
        self._now = now

    def correlate(
        self,
        name: str,
        business_key: str | None,
        correlation: Mapping[str, Any],
        variables: Mapping[str, Any],
        instance_id: str | None,
    ) -> Mapping[str, str]:
        """As an engine's."""
        reached = self._receivers(MESSAGE, name, business_key, correlation, instance_id)
        checked = checked_variables(variables)
        if len(reached) > 1:
            raise Ambiguous(f"{len(reached)} instances wait for the message {name!r}; say which")
        if reached:
            self._hand_over(reached[0], checked)
            return {"processInstanceId": reached[0].instance_id, "started": ""}
        starts = () if instance_id or correlation else self._memory.started_by(MESSAGE, name)
        if len(starts) > 1:
            raise Ambiguous(f"{len(starts)} processes are started by the message {name!r}")
        if not starts:
            raise NotFound(f"nobody waits for the message {name!r}")
        started = self._start_at(starts[0].definition_id, starts[0].element, checked, business_key)
        return {"processInstanceId": started, "started": starts[0].key}

    def signal(self, name: str, variables: Mapping[str, Any]) -> Mapping[str, list[str]]:
        """As an engine's."""
        checked = checked_variables(variables)
        reached = self._receivers(SIGNAL, name)
        self._hand_over_all(reached, checked)
        started = [
            self._start_at(one.definition_id, one.element, checked) for one in self._memory.started_by(SIGNAL, name)
        ]
        return {"processInstanceIds": sorted({wait.instance_id for wait in reached}), "started": started}

    def send(self, thrown: Thrown, sender: str, tenant: str | None) -> None:
        """Give what an instance throws to others: a message to the one that waits longest, or to a new one.

        What it starts is of its tenant: processes of another are not there for it, as they are not for its calls.
        """
        if thrown.kind == SIGNAL:
            others = [wait for wait in self._receivers(SIGNAL, thrown.name) if wait.root_id != sender]
            self._hand_over_all(others, thrown.variables)
            for start in self._starts(SIGNAL, thrown.name, tenant):
                self._start_at(start.definition_id, start.element, thrown.variables, tenant=tenant)
            return
        waiting = self._receivers(MESSAGE, thrown.name)
        same_key = [wait for wait in waiting if wait.business_key == thrown.business_key]
        if waiting:
            self._hand_over((same_key or waiting)[0], thrown.variables)
            return
        for start in self._starts(MESSAGE, thrown.name, tenant)[:1]:
            self._start_at(start.definition_id, start.element, thrown.variables, thrown.business_key, tenant)

    def _starts(self, kind: str, name: str, tenant: str | None) -> list[StartEvent]:
        """What an instance of a tenant, or of none, starts by what it throws."""
        found = ((start, self._memory.latest(start.key)) for start in self._memory.started_by(kind, name))
        return [start for start, process in found if process and process.tenant_id in (None, tenant)]

    def _receivers(
        self,
        kind: str,
        name: str,
        business_key: str | None = None,
        correlation: Mapping[str, Any] | None = None,
        instance_id: str | None = None,
    ) -> list[Wait]:
        """Who waits, by what is saved and by what has changed since."""

        def is_meant(wait: Wait) -> bool:
            is_it = (wait.kind, wait.name) == (kind, name) and business_key in (None, wait.business_key)
            return is_it and instance_id in (None, wait.instance_id)

        saved = self._memory.waiting(kind, name, business_key, instance_id)
        waiting = [wait for wait in saved if wait.root_id not in self._runs.busy]
        for run in self._runs:
            if not run.stored.finished and not run.stored.suspended:
                waiting += sorted(filter(is_meant, waits(run)), key=lambda wait: wait.instance_id)
        if not correlation:
            return waiting
        if len(waiting) > MOST_LOOKED_AT:
            raise Ambiguous(f"{len(waiting)} instances wait for {name!r}; say the business key")
        return [wait for wait in waiting if self._has(wait, correlation)]

    def _has(self, wait: Wait, correlation: Mapping[str, Any]) -> bool:
        run = self._runs.find(wait.root_id)
        home = next((one for one in run.homes() if one.instance_id == wait.instance_id), None)
        found: Mapping[str, Any] = home.variables if home else {}
        return all(name in found and found[name] == value for name, value in correlation.items())

    def hand_over_owed(self, root_id: str) -> None:
        """Give a saved instance what has come for it while many got the same."""
        for wait, variables in self._memory.owed(root_id):
            self._hand_over(wait, variables)

    def _hand_over_all(self, waits: Sequence[Wait], variables: Mapping[str, Any]) -> None:
        later = [wait for wait in waits[AT_ONCE:] if wait.root_id not in self._runs.busy]
        self._memory.owe(later, variables, iso(self._now()))
        owed = set(later)
        for wait in waits:
            if wait not in owed:
                self._hand_over(wait, variables)

    def _hand_over(self, wait: Wait, variables: Mapping[str, Any]) -> None:
        run = self._runs.find(wait.root_id)
        if run.stored.finished or run.stored.suspended:
            return
        with self._step(run) as step:
            catch(run, wait.kind, wait.name, variables, wait)
            step.advance()
