"""A ready user task as the domain knows it: its attributes resolved with the variables of the moment."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from domain.aggregates.task import UserTask
from domain.values import iso
from engines.expressions import evaluate
from engines.expressions.evaluate import ExpressionFailed
from engines.expressions.moments import Moment, moment_text
from engines.spiff.run import Run, Task

log = logging.getLogger(__name__)

_MAX_WHOLE = 2**31


def user_task(application: str, run: Run, task: Task, *, quiet: bool = False) -> UserTask:
    """All the model says; what cannot be resolved keeps its text, or is left out where it must be typed.

    `quiet`: nobody is told of that.
    """
    said, definition = task.task_spec.extensions, run.process.definition
    resolve = _Resolver(run, task, quiet=quiet)
    return UserTask(
        engine_task_id=str(task.id),
        application=application,
        name=resolve.text("name", task.task_spec.bpmn_name),
        description=resolve.text("documentation", task.task_spec.documentation),
        task_definition_key=task.task_spec.bpmn_id,
        process_definition_key=definition.key,
        process_definition_id=definition.definition_id,
        process_name=definition.name,
        process_instance_id=run.stored.instance_id,
        business_key=run.stored.business_key,
        form_key=resolve.text("formKey", said.get("formKey")),
        form_fields=tuple(resolve.field(field) for field in said.get("formFields", ())),
        assignee=resolve.assignee(said.get("assignee")),
        owner=resolve.text("owner", said.get("owner")),
        candidate_users=resolve.names("candidateUsers", said.get("candidateUsers")),
        candidate_groups=resolve.names("candidateGroups", said.get("candidateGroups")),
        priority=resolve.whole("priority", said.get("priority")),
        create_time=iso(run.now),
        due_date=resolve.time("dueDate", said.get("dueDate")),
        follow_up_date=resolve.time("followUpDate", said.get("followUpDate")),
        payload=resolve.visible,
    )


def form_values(run: Run, task: Task) -> dict[str, Any]:
    """What the fields of its form have now: the variable of that name, or else the default."""
    resolve = _Resolver(run, task, quiet=True)
    fields = task.task_spec.extensions.get("formFields", ())
    return {field["id"]: resolve.field(field)["default"] for field in fields} | resolve.visible


class _Resolver:
    """Resolves one task's attributes; a failure is logged once per attribute and never stops the task."""

    def __init__(self, run: Run, task: Task, *, quiet: bool) -> None:
        self._run, self._task, self._quiet = run, task, quiet
        self._scope = run.scope(task)
        self.visible = run.visible(task)

    def text(self, attribute: str, raw: str | None) -> str | None:
        """Text; the raw text when it cannot be resolved."""
        found = self._value(attribute, raw)
        if isinstance(found, Moment):
            return iso(found.at)
        return found if found is None or isinstance(found, str) else str(found)

    def assignee(self, raw: str | None) -> str | None:
        """Who the task is for; blank is nobody."""
        if raw == "$INITIATOR":
            return self._run.stored.start_user
        found = self.text("assignee", raw)
        return (found or "").strip() or None

    def names(self, attribute: str, raw: str | None) -> tuple[str, ...]:
        """Names in a comma-separated text, whose parts may be expressions that give one name, several, or a list."""
        found: set[str] = set()
        for part in _parts(raw or ""):
            value = self._value(attribute, part)
            if isinstance(value, str) and value == part and "{" in part:
                found.add(part)
            else:
                found.update(_names(value))
        return tuple(sorted(found))

    def whole(self, attribute: str, raw: str | None) -> int | None:
        """A whole number, None when it is none."""
        found = self._value(attribute, raw)
        try:
            number = None if found is None else int(found)
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is not None and abs(number) < _MAX_WHOLE:
            return number
        if raw:
            self._left_out(attribute, raw, ValueError())
        return None

    def time(self, attribute: str, raw: str | None) -> str | None:
        """Sortable text, None when it is no date."""
        found = self._value(attribute, raw)
        if found is None or found == "":
            return None
        try:
            return moment_text(found, self._run.now)
        except ValueError as error:
            self._left_out(attribute, raw, error)
            return None

    def field(self, field: dict[str, Any]) -> dict[str, Any]:
        """A form field with its default resolved."""
        default = field["default"]
        if not isinstance(default, str) or "{" not in default:
            return field
        try:
            return {**field, "default": _plain(evaluate.value(default, self._scope, self._run.now))}
        except ExpressionFailed:
            return {**field, "default": None}

    def _value(self, attribute: str, raw: str | None) -> Any:
        if raw is None or "{" not in raw:
            return raw
        try:
            return evaluate.value(raw, self._scope, self._run.now)
        except ExpressionFailed as error:
            self._left_out(attribute, raw, error)
            return raw

    def _left_out(self, attribute: str, raw: str | None, error: Exception) -> None:
        if self._quiet:
            return
        # Not the error's text: it may quote a variable.
        facts = {"attribute": attribute, "element": self._task.task_spec.bpmn_id, "raw": raw}
        log.warning("attribute_unresolved", extra={**facts, "reason": type(error.__cause__ or error).__name__})


def _parts(text: str) -> Iterable[str]:
    """Split at the commas outside `${…}`."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}" and depth > 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _names(value: Any) -> Iterable[str]:
    if isinstance(value, list | tuple):
        return [str(name).strip() for name in value if name is not None and str(name).strip()]
    return [name.strip() for name in str(value).split(",") if name.strip()] if value is not None else []


def _plain(value: Any) -> Any:
    return iso(value.at) if isinstance(value, Moment) else value
