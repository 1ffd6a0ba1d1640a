"""What a step has changed, as commands for the collector: the ended before the new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from domain.aggregates.process_instance import InstanceState, MoveInstance, ProcessInstance, StartInstance
from domain.aggregates.process_variable import RemoveVariable, SetVariable, variable_id, variable_of
from domain.aggregates.task import CompleteTask, CreateTask, DeleteTask, MigrateTask, TaskCommand, UserTask
from domain.identity import Key
from domain.personal import Personal, blanked
from domain.values import iso
from engines.collecting import Collecting
from engines.spiff.context import SAID, candidates_of, changed_by_listeners, changes_of
from engines.spiff.human import user_task
from engines.spiff.run import Home, Run, Task


class Telling:
    """Of one step of one instance; `done` is the task that a person has completed in it."""

    def __init__(self, application: str, run: Run, collecting: Collecting) -> None:
        self._application = application
        self._run = run
        self._collecting = collecting
        # What a new instance is started with, it did not have before.
        self._before = {} if run.workflow is None else {home.instance_id: dict(home.variables) for home in run.homes()}
        self._noted = {task_id: _said(run.find(task_id)) for task_id in run.open} if run.workflow else {}
        # What steps before this one, in the same unit of work, have said already.
        self._begun, self._ended = len(run.begun), len(run.ended)
        self.done: str | None = None
        self.said: list[tuple[Key, Any]] = []

    def say(self, task_id: str, command: TaskCommand) -> None:
        """What people have done to a task."""
        self._say(self._key(task_id), command)

    def note(self, task: Task) -> None:
        """What a task is now is said already: only what its listeners change from here on is news."""
        self._noted[str(task.id)] = _said(task)

    def _say(self, key: Key, command: Any) -> None:
        self.said.append((key, command))

    def started(self, home: Home) -> None:
        """An instance has begun."""
        definition, application = home.process.definition, self._application
        if not self._collecting.tells(definition.key):
            return
        begun = StartInstance(
            ProcessInstance(
                process_instance_id=home.instance_id,
                application=application,
                process_definition_key=definition.key,
                process_definition_id=definition.definition_id,
                process_name=definition.name,
                business_key=home.business_key,
                start_user=self._run.stored.start_user,
                start_time=iso(self._run.now),
                super_instance_id=home.caller,
                tenant_id=self._run.tenant,
            )
        )
        self._say(self._instance(home.instance_id), begun)

    def ended(self, reason: str | None) -> None:
        """Tasks that are open no more."""
        run, time = self._run, iso(self._run.now)
        still = [task_id for task_id in run.open if task_id != self.done and run.is_ready(task_id)]
        for task_id in run.open:
            if task_id == self.done:
                self._say(self._key(task_id), CompleteTask(time=time))
            elif task_id not in still:
                self._say(self._key(task_id), DeleteTask(reason, time))
        run.open = still

    def migrated(self, instance_id: str) -> None:
        """Tasks that are open in an instance are of the version it has now."""
        for task_id in self._run.open:
            home = self._run.home(self._run.find(task_id))
            if home.instance_id == instance_id:
                self._say(self._key(task_id), MigrateTask(home.process.definition.definition_id))

    def changed(self) -> None:
        """What variables that changed mean for tasks that still wait."""
        run = self._run
        changed = {home.instance_id for home in run.homes() if home.variables != self._before.get(home.instance_id, {})}
        for task_id in run.open if changed else ():
            task = run.find(task_id)
            home = task and run.home(task)
            if home is not None and home.instance_id in changed:
                fresh, after = self._user_task(run, task), run.visible(task)
                local = {name: value for name, value in after.items() if name not in home.variables}
                before = {**self._before.get(home.instance_id, {}), **local}
                for command in self._collecting.changed(fresh, before, after):
                    self._say(self._key(task_id), command)
        self._listened()

    def _listened(self) -> None:
        """What listeners have changed of tasks that still wait."""
        for task_id in self._run.open:
            before, after = self._noted.get(task_id, {}), _said(self._run.find(task_id))
            for command in changed_by_listeners(before, after) if before != after else ():
                self._say(self._key(task_id), command)

    def variables(self, cancelled: Sequence[Home], *, ended: bool) -> None:
        """Those that are mirrored, where they changed; at the end of their instance all of them end."""
        for home in self._run.homes():
            self._variables_of(home, ended=ended)
        for home in (*self._run.ended[self._ended :], *cancelled):
            self._variables_of(home, ended=True)

    def _variables_of(self, home: Home, *, ended: bool) -> None:
        instance_id, process = home.instance_id, home.process.definition.key
        variables, past = home.variables, self._before.get(instance_id, {})
        for name in sorted(variables.keys() | past.keys()):
            if not self._collecting.is_mirrored(process, name):
                continue
            key = Key(self._application, "process_variable", variable_id(instance_id, name))
            is_new = name in variables and (name not in past or variables[name] != past[name])
            if is_new and self._collecting.tells(process):
                said = variable_of(self._application, instance_id, name, variables[name])
                value = self._collecting.mirrored(process, instance_id, name, variables)
                self._say(key, SetVariable(replace(said, value=value)))
            if ended or name not in variables:
                self._say(key, RemoveVariable(iso(self._run.now)))

    def calls(self) -> None:
        """Instances that calls have started."""
        for home in self._run.begun[self._begun :]:
            self.started(home)

    def calls_ended(self, cancelled: Sequence[Home], reason: str | None) -> None:
        """Instances that calls have started and that have ended."""
        for home in self._run.ended[self._ended :]:
            self.end(home, "FINISHED", None)
        for home in cancelled:
            self.end(home, "CANCELLED", reason)

    def end(self, home: Home, to: InstanceState, reason: str | None) -> None:
        """An instance has ended."""
        self._say(self._instance(home.instance_id), MoveInstance(to, iso(self._run.now), reason))

    def _instance(self, instance_id: str) -> Key:
        return Key(self._application, "process_instance", instance_id)

    def announce(self, is_told: Callable[[str], bool]) -> None:
        """Every task that waits, as it would be made now; what was told before its process is left out stays told."""
        for task_id in self._run.open:
            if not self._run.is_ready(task_id):
                continue
            task = self._run.find(task_id)
            if self._is_left_out(task) and is_told(task_id):
                self._run.untold.discard(task_id)
            else:
                self._new(task)

    def created(self) -> None:
        """Tasks that are ready for people."""
        run = self._run
        for task in run.ready:
            # made and cancelled within one step: nobody has ever seen it
            if run.is_ready(str(task.id)) and str(task.id) not in run.open:
                self._new(task)
                run.open.append(str(task.id))
        run.ready.clear()

    def _new(self, task: Task) -> None:
        if self._is_left_out(task):
            self._run.untold.add(str(task.id))
            return
        self._run.untold.discard(str(task.id))
        said = self._user_task(self._run, task)
        if rules := self._collecting.personal_of(said.process_definition_key):
            blank, owners = self._blank(task, rules)
            said = self._collecting.with_texts_sealed(said, blank, owners)
        made = self._collecting.collected(said, self._run.visible(task))
        self._say(self._key(str(task.id)), CreateTask(made))

    def _is_left_out(self, task: Task) -> bool:
        return not self._collecting.tells(self._run.home(task).process.definition.key)

    def _blank(self, task: Task, rules: Sequence[Personal]) -> tuple[UserTask, set[str]]:
        """What the model would say of a task without what is personal, and whom that is about."""
        run = self._run
        home = run.home(task)
        variables, owners = blanked(home.variables, rules)
        local = {}
        for name, kept in run.local.items():
            data, more = blanked({**home.variables, **kept}, rules)
            local[name] = {key: data[key] for key in kept}
            owners |= more
        blank = replace(home, variables=dict(variables))
        calls = {name: blank if one is home else one for name, one in run.calls.items()}
        left = replace(run, root=blank if home is run.root else run.root, calls=calls, local=local)
        return self._user_task(left, task, quiet=True), owners

    def _user_task(self, run: Run, task: Task, *, quiet: bool = False) -> UserTask:
        """A task as the model has it, and as its listeners have changed it."""
        said = user_task(self._application, run, task, quiet=quiet)
        if run.stored.suspended:
            said = replace(said, suspended=True)
        if SAID not in task.internal_data:
            return said
        users = candidates_of(task, "candidate_users", said.candidate_users)
        groups = candidates_of(task, "candidate_groups", said.candidate_groups)
        return replace(said, candidate_users=users, candidate_groups=groups, **changes_of(task))

    def _key(self, task_id: str) -> Key:
        return Key(self._application, "task", task_id)


def _said(task: Task) -> dict[str, Any]:
    return deepcopy(task.internal_data.get(SAID, {})) if task is not None else {}
