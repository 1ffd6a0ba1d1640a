"""What becomes of an engine's variables in the task that people see: its payload, what it is about, and who does it.

Everything is looked up by place, the most specific first: one task of a process, a process, the whole application.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any, Final, Generic, TypeAlias, TypeVar
from urllib.parse import quote

from domain.aggregates.task import AssignTask, ChangeCandidates, ChangeTask, TaskCommand, UserTask
from domain.identity import Key
from domain.personal import CannotOpen, Personal, Seal, of_instance, only, sealed
from domain.values import is_address

Variables: TypeAlias = Mapping[str, Any]
Enricher: TypeAlias = Callable[[UserTask, Variables], Mapping[str, Any]]
"""`(task, variables) -> payload`; the task is as its model says, without payload."""
NameFilter: TypeAlias = Callable[[str], bool]
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who a task is for; None leaves a part to the model.

    Its tenant is for good the one that it begins with: that of its instance, which nothing here changes, or else this.
    """

    assignee: str | None = None
    candidate_users: tuple[str, ...] | None = None
    candidate_groups: tuple[str, ...] | None = None
    tenant: str | None = None
    excluded_users: tuple[str, ...] | None = None
    """Who may not do it, whatever their groups: four eyes."""


Assigner: TypeAlias = Callable[[UserTask, Variables], Assignment]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule holds; None is everywhere. A task is named with its process."""

    process: str | None = None
    task: str | None = None

    def __post_init__(self) -> None:
        if self.task is not None and self.process is None:
            raise ValueError(f"say the process of the task {self.task!r}, too: tasks of two may have one name")


@dataclass(frozen=True, slots=True)
class Correlation:
    """A variable, or a path of names in one (`customer.id`), holds the id, or ids, of entries of this type."""

    entry_type: str
    variable: str
    application: str | None = None


@dataclass(frozen=True, slots=True)
class FormUrl:
    """Where the form of a task is: an address with `{names}` of `FORM_URL_NAMES` in it, whose values are escaped."""

    template: str

    def __post_init__(self) -> None:
        names = {name for _, name, _, _ in Formatter().parse(self.template) if name is not None}
        if unknown := sorted(names - set(FORM_URL_NAMES)):
            raise ValueError(f"{{{unknown[0]}}} in a form's address; there is {', '.join(FORM_URL_NAMES)}")
        if not is_address(self.template.format_map(dict.fromkeys(FORM_URL_NAMES, "x"))):
            raise ValueError(f"{self.template!r} is no http or https address and no path of this server")

    def of(self, task: UserTask) -> str:
        """The address for this task."""
        values = {
            "id": Key(task.application, "task", task.engine_task_id).opaque,
            "engineTaskId": task.engine_task_id,
            "application": task.application,
            "formKey": task.form_key,
            "taskDefinitionKey": task.task_definition_key,
            "processDefinitionKey": task.process_definition_key,
            "processInstanceId": task.process_instance_id,
            "businessKey": task.business_key,
        }
        return self.template.format_map({name: quote(value or "", safe="") for name, value in values.items()})


FORM_URL_NAMES: Final = (
    *("id", "engineTaskId", "application", "formKey", "taskDefinitionKey", "processDefinitionKey"),
    *("processInstanceId", "businessKey"),
)


def _nothing_to_seal_with(_subject: str, _value: Any) -> str:
    raise CannotOpen("nothing seals here; call `within` first")


class _Rules(Generic[ItemT]):
    """Rules by the place they hold in."""

    def __init__(self) -> None:
        self._rules: dict[Place, ItemT] = {}

    def put(self, place: Place, rule: ItemT) -> None:
        if place in self._rules:
            raise ValueError(f"there is a rule for {place} already")
        self._rules[place] = rule

    def most_specific(self, task: UserTask) -> ItemT | None:
        return next((self._rules[place] for place in _places(task) if place in self._rules), None)


@dataclass(frozen=True, slots=True)
class Collecting:
    """The rules of one application; without any, all variables are payload and the model says who does it."""

    _enrichers: _Rules[Enricher] = field(default_factory=_Rules)
    _correlations: dict[Place, list[Correlation]] = field(default_factory=dict)
    _assigners: _Rules[Assigner] = field(default_factory=_Rules)
    _forms: _Rules[FormUrl] = field(default_factory=_Rules)
    _mirrored: dict[str | None, NameFilter] = field(default_factory=dict)
    _personal: dict[str | None, list[Personal]] = field(default_factory=dict)
    tells: NameFilter = lambda _process: True
    """Whether anything is told of a process, by its key."""
    seal: Seal = _nothing_to_seal_with
    """Seals what is personal, with a key of the unit of work; see `within`."""

    def enrich(self, place: Place, enricher: Enricher) -> None:
        """Raises `ValueError` where the place has one already."""
        self._enrichers.put(place, enricher)

    def correlate(self, place: Place, correlation: Correlation) -> None:
        """Several may hold in one place, and those of every wider place hold as well."""
        self._correlations.setdefault(place, []).append(correlation)

    def assign(self, place: Place, assigner: Assigner) -> None:
        """Raises `ValueError` where the place has one already."""
        self._assigners.put(place, assigner)

    def form_url(self, place: Place, template: str) -> None:
        """Raises `ValueError` where the place has one already, and for what is no address."""
        self._forms.put(place, FormUrl(template))

    def mirror(self, process: str | None, wanted: NameFilter) -> None:
        """Mirror variables of a process, or of all that say nothing else; raises `ValueError` at the second."""
        if process in self._mirrored:
            raise ValueError(f"it is said already which variables of {process or 'all processes'} are mirrored")
        self._mirrored[process] = wanted

    def personal(self, process: str | None, rule: Personal) -> None:
        """Variables of a process, or of all, are personal data; so they are in payloads under the same names."""
        self._personal.setdefault(process, []).append(rule)

    def personal_of(self, process: str | None) -> list[Personal]:
        """What is personal data in a process."""
        everywhere = self._personal.get(None, [])
        return [*everywhere, *self._personal.get(process, [])] if process is not None else everywhere

    @property
    def keeps_personal_data(self) -> bool:
        """Whether anything is said to be."""
        return bool(self._personal)

    def within(self, seal: Seal) -> Collecting:
        """The same rules, with what seals in one unit of work."""
        return replace(self, seal=seal)

    def mirrored(self, process: str, instance_id: str, name: str, variables: Variables) -> Any:
        """A variable as it is told: sealed where it, or something in it, is personal."""
        rules = self.personal_of(process)
        if not rules:
            return variables[name]
        return sealed({name: variables[name]}, rules, variables, of_instance(instance_id), self.seal)[name]

    def with_texts_sealed(self, task: UserTask, blank: UserTask, owners: Collection[str]) -> UserTask:
        """Texts of the model that say something else where personal data is left out are personal themselves."""
        whose = only(owners, of_instance(task.process_instance_id or ""))

        def hidden(text: Any, other: Any) -> Any:
            return text if text == other or text is None else self.seal(whose, text)

        fields = zip(task.form_fields, blank.form_fields, strict=True)
        return replace(
            task,
            name=hidden(task.name, blank.name),
            description=hidden(task.description, blank.description),
            form_fields=tuple({**one, "default": hidden(one["default"], other["default"])} for one, other in fields),
        )

    def is_mirrored(self, process: str, name: str) -> bool:
        """Whether this variable of a process is."""
        wanted = self._mirrored.get(process) or self._mirrored.get(None)
        return wanted is not None and wanted(name)

    def collected(self, task: UserTask, variables: Variables) -> UserTask:
        """The task as people see it when it begins."""
        said, form = self._assignment(task, variables), self._forms.most_specific(task)
        return replace(
            task,
            form_url=task.form_url or (form.of(task) if form else None),
            payload=self._payload(task, variables),
            correlations=tuple(self._correlated(task, variables)),
            assignee=task.assignee if said.assignee is None else said.assignee,
            candidate_users=task.candidate_users if said.candidate_users is None else said.candidate_users,
            candidate_groups=task.candidate_groups if said.candidate_groups is None else said.candidate_groups,
            tenant_id=task.tenant_id or said.tenant,
            excluded_users=task.excluded_users if said.excluded_users is None else said.excluded_users,
        )

    def changed(self, task: UserTask, before: Variables, after: Variables) -> list[TaskCommand]:
        """What variables that changed while the task waits say of it; what makes no difference is left out later."""
        changes: dict[str, Any] = {
            "payload": self._payload(task, after),
            "correlations": tuple(self._correlated(task, after)),
        }
        was, now = self._assignment(task, before), self._assignment(task, after)
        if now.excluded_users != was.excluded_users:
            changes["excluded_users"] = now.excluded_users or ()
        commands: list[TaskCommand] = [ChangeTask(changes)]
        if now.assignee != was.assignee:
            commands.append(AssignTask(now.assignee))
        users, groups = (
            _moved(was.candidate_users, now.candidate_users),
            _moved(was.candidate_groups, now.candidate_groups),
        )
        if any((*users, *groups)):
            commands.append(ChangeCandidates(*users, *groups))
        return commands

    def _payload(self, task: UserTask, variables: Variables) -> Mapping[str, Any]:
        enricher = self._enrichers.most_specific(task)
        payload = dict(variables) if enricher is None else dict(enricher(task, variables))
        rules = self.personal_of(task.process_definition_key)
        if not rules:
            return payload
        return dict(sealed(payload, rules, variables, of_instance(task.process_instance_id or ""), self.seal))

    def _correlated(self, task: UserTask, variables: Variables) -> Iterator[dict[str, Any]]:
        seen: set[tuple[str, str, str]] = set()
        for place in reversed(_places(task)):
            for rule in self._correlations.get(place, ()):
                for entry_id in ids_at(variables, rule.variable):
                    named = (rule.application or task.application, rule.entry_type, entry_id)
                    if named not in seen:
                        seen.add(named)
                        yield dict(zip(("application", "entryType", "entryId"), named, strict=True))

    def _assignment(self, task: UserTask, variables: Variables) -> Assignment:
        assigner = self._assigners.most_specific(task)
        return Assignment() if assigner is None else assigner(task, variables)


def name_filter(include: Iterable[str] | None, exclude: Iterable[str] | None) -> NameFilter:
    """Let through the names given, or all but those given, or all; raises `ValueError` for both."""
    if include is not None and exclude is not None:
        raise ValueError("say either which variables to include or which to exclude")
    if include is not None:
        return frozenset(include).__contains__
    unwanted = frozenset(exclude or ())
    return lambda name: name not in unwanted


def filtered(wanted: NameFilter) -> Enricher:
    """The variables whose names are let through."""
    return lambda _task, variables: {name: value for name, value in variables.items() if wanted(name)}


def from_variables(
    assignee: str | None,
    candidate_users: str | None,
    candidate_groups: str | None,
    tenant: str | None = None,
    excluded_users: str | None = None,
) -> Assigner:
    """Read who it is from the variables of these names: text, split at commas where several may be, or a list."""

    def assigned(_task: UserTask, variables: Variables) -> Assignment:
        return Assignment(
            _name(variables.get(assignee)) if assignee else None,
            _names(variables.get(candidate_users)) if candidate_users else None,
            _names(variables.get(candidate_groups)) if candidate_groups else None,
            _name(variables.get(tenant)) if tenant else None,
            _names(variables.get(excluded_users)) if excluded_users else None,
        )

    return assigned


def ids_at(variables: Variables, path: str) -> list[str]:
    """The texts and numbers at a path; a list on the way or at its end stands for each of its elements."""
    if path in variables:
        return list(_leaves(variables[path], ()))
    first, *rest = path.split(".")
    return list(_leaves(variables.get(first), rest))


def _leaves(value: Any, path: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, path)
    elif isinstance(value, Mapping):
        if path:
            yield from _leaves(value.get(path[0]), path[1:])
    elif not path and value is not None and not isinstance(value, bool) and str(value).strip():
        yield str(value).strip()


def _name(value: Any) -> str | None:
    return str(value or "").strip() or None


def _names(value: Any) -> tuple[str, ...] | None:
    """None where nobody is said, so that the model decides."""
    if value is None:
        return None
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(sorted({str(part).strip() for part in parts if part is not None and str(part).strip()}))


def _moved(before: tuple[str, ...] | None, after: tuple[str, ...] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who came and who went."""
    was, now = set(before or ()), set(after or ())
    return tuple(sorted(now - was)), tuple(sorted(was - now))


def _places(task: UserTask) -> list[Place]:
    """Most specific first."""
    process = task.process_definition_key
    found = [Place(process, task.task_definition_key)] if process and task.task_definition_key else []
    return [*found, *([Place(process)] if process else []), Place()]
