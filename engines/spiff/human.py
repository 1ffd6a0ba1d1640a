"""A ready user task as the domain knows it: its attributes resolved with the variables of the moment."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.aggregates.task import UserTask
from domain.values import iso
from engines.expressions import evaluate
from engines.expressions.evaluate import ExpressionFailed
from engines.expressions.grammar import Unreadable
from engines.expressions.moments import Moment, moment_text
from engines.forms import Asked, asked, named
from engines.spiff.dialects import FEEL
from engines.spiff.feel import evaluate_feel
from engines.spiff.run import Run, Task
from engines.spiff.vendor import parts

log = logging.getLogger(__name__)

_MAX_WHOLE = 2**31
_MOST_WARNINGS = 50
_LONGEST_RAW = 500
_LOST = object()


def user_task(application: str, run: Run, task: Task, *, quiet: bool = False) -> UserTask:
    """All the model says; what cannot be resolved is left out, and told as a warning; titles keep their text.

    `quiet`: nobody is told of that.
    """
    said, home = task.task_spec.extensions, run.home(task)
    definition = home.process.definition
    resolve = _Resolver(run, task, quiet=quiet)
    form = resolve.form()
    made = UserTask(
        engine_task_id=str(task.id),
        application=application,
        name=resolve.title("name", task.task_spec.bpmn_name),
        description=resolve.title("documentation", task.task_spec.documentation),
        task_definition_key=task.task_spec.bpmn_id,
        process_definition_key=definition.key,
        process_definition_id=definition.definition_id,
        process_name=definition.name,
        process_instance_id=home.instance_id,
        business_key=home.business_key,
        form_key=resolve.text("formKey", said.get("formKey")),
        form_fields=tuple(map(resolve.field, form.fields)),
        form_ref=form.reference,
        assignee=resolve.person("assignee", said.get("assignee")),
        owner=resolve.person("owner", said.get("owner")),
        candidate_users=resolve.names("candidateUsers", said.get("candidateUsers")),
        candidate_groups=resolve.names("candidateGroups", said.get("candidateGroups")),
        priority=resolve.whole("priority", said.get("priority")),
        create_time=iso(run.now),
        due_date=resolve.time("dueDate", said.get("dueDate")),
        follow_up_date=resolve.time("followUpDate", said.get("followUpDate")),
        payload=resolve.visible,
        tenant_id=run.tenant,
    )
    return replace(made, warnings=tuple(resolve.warnings.values()))


def form_values(run: Run, task: Task) -> dict[str, Any]:
    """What the fields of its form have now: the variable of that name, or else the default."""
    resolve = _Resolver(run, task, quiet=True)
    return {field["id"]: resolve.field(field)["default"] for field in resolve.form().fields} | resolve.visible


class _Resolver:
    """Resolves one task's attributes; a failure is told once per attribute and never stops the task."""

    def __init__(self, run: Run, task: Task, *, quiet: bool) -> None:
        self._run, self._task, self._quiet = run, task, quiet
        self._scope = run.scope(task)
        self._feel = FEEL in task.task_spec.extensions
        self.visible = run.visible(task)
        self.warnings: dict[str, dict[str, Any]] = {}

    def title(self, attribute: str, raw: str | None) -> str | None:
        """Text to be read; the raw text when it cannot be resolved."""
        return raw if self._is_lost(found := self._value(attribute, raw)) else _text(found)

    def text(self, attribute: str, raw: str | None) -> str | None:
        """Text; None when it cannot be resolved."""
        return None if self._is_lost(found := self._value(attribute, raw)) else _text(found)

    def person(self, attribute: str, raw: str | None) -> str | None:
        """A name; blank is nobody, and so is what cannot be resolved."""
        if raw == "$INITIATOR":
            return self._run.stored.start_user
        found = self._value(attribute, raw)
        if self._is_lost(found) or found is None:
            return None
        if not _is_name(found):
            self._left_out(attribute, raw, "is no name")
            return None
        return str(found).strip() or None

    def names(self, attribute: str, raw: str | None) -> tuple[str, ...]:
        """Names in a comma-separated text, whose parts may be expressions that give one name, several, or a list."""
        found: set[str] = set()
        for part in [raw] if self._is_feel(raw) else parts(raw or ""):
            value = self._value(attribute, part)
            given = value if isinstance(value, list | tuple) else [value]
            if all(one is None or self._is_lost(one) or _is_name(one) for one in given):
                named = (str(one).split(",") for one in given if one is not None and not self._is_lost(one))
                found.update(name.strip() for names in named for name in names if name.strip())
            else:
                self._left_out(attribute, part, "is no name")
        return tuple(sorted(found))

    def whole(self, attribute: str, raw: str | None) -> int | None:
        """A whole number, None when it is none."""
        found = self._value(attribute, raw)
        if found is None or self._is_lost(found):
            return None
        try:
            number = int(found)
        except (TypeError, ValueError, OverflowError):
            number = _MAX_WHOLE
        if abs(number) < _MAX_WHOLE:
            return number
        self._left_out(attribute, raw, "is no whole number")
        return None

    def time(self, attribute: str, raw: str | None) -> str | None:
        """Sortable text, None when it is no date."""
        found = self._value(attribute, raw)
        if found is None or found == "" or self._is_lost(found):
            return None
        try:
            return moment_text(found, self._run.now)
        except ValueError:
            self._left_out(attribute, raw, "is no date and no duration")
            return None

    def form(self) -> Asked:
        """The task's own fields, and those of the form it names, as that is now."""
        said = self._task.task_spec.extensions
        wanted = named({**said, "formRef": self._form_of(said)})
        file = self._run.services.form(*wanted) if wanted else None
        if wanted and file is None:
            self._left_out("formRef", wanted.key, "is no form that is deployed")
        return asked(tuple(said.get("formFields", ())), said, file)

    def _form_of(self, said: Mapping[str, Any]) -> str | None:
        return self.text("formRef", said["formRef"]) if said.get("formRef") else None

    def field(self, field: Mapping[str, Any]) -> Mapping[str, Any]:
        """A form field with its default resolved; told is what of it nobody checks."""
        for one in field.get("unchecked", ()):
            attribute = f"formFields.{field['id']}.{one['name']}"
            self._left_out(attribute, one["config"], "is no constraint that is checked")
        shown = {name: value for name, value in field.items() if name != "unchecked"}
        default = field["default"]
        if not isinstance(default, str) or "{" not in default:
            return shown
        found = self._value(f"formFields.{field['id']}.default", default)
        return {**shown, "default": None if self._is_lost(found) else _plain(found)}

    def _value(self, attribute: str, raw: str | None) -> Any:
        """What an attribute says; `_LOST` when that cannot be told."""
        feel = self._is_feel(raw)
        if raw is None or not (feel or "{" in raw):
            return raw
        try:
            return evaluate_feel(raw, self._scope, self._run.now) if feel else self._evaluated(raw)
        except ExpressionFailed as error:
            # Not the error's text: it may quote a variable.
            unreadable = isinstance(error.__cause__, Unreadable)
            self._left_out(attribute, raw, "cannot be read" if unreadable else "has no value with these variables")
            return _LOST

    def _evaluated(self, raw: str) -> Any:
        return evaluate.value(raw, self._scope, self._run.now)

    def _is_feel(self, raw: str | None) -> bool:
        return self._feel and raw is not None and raw.startswith("=")

    @staticmethod
    def _is_lost(found: Any) -> bool:
        return found is _LOST

    def _left_out(self, attribute: str, raw: str | None, reason: str) -> None:
        if self._quiet or len(self.warnings) >= _MOST_WARNINGS:
            return
        self.warnings[attribute] = {"attribute": attribute, "raw": (raw or "")[:_LONGEST_RAW], "reason": reason}
        element = self._task.task_spec.bpmn_id
        log.warning("attribute_unresolved", extra={"element": element, **self.warnings[attribute]})


def _text(value: Any) -> str | None:
    plain = _plain(value)
    return plain if plain is None or isinstance(plain, str) else str(plain)


def _is_name(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    return iso(value.at) if isinstance(value, Moment) else value
