"""The commands of one unit of work for one task, folded: one story in as few commands as tell it.

Creation absorbs assignment, candidates and attributes; repeated assignments, attribute changes and candidate changes
fold into one each; completion and deletion stay on their own. Folding equals replaying: the state after the folded
commands is the state after the pieces.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.aggregates.task import (
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    TaskCommand,
    decide,
    evolve,
)

ENDINGS = (CompleteTask, DeleteTask)


def fold(commands: Sequence[TaskCommand], *, exists: bool) -> list[TaskCommand]:
    """One task's commands, merged up to its end; what comes after the end says nothing."""
    if exists:
        return _merge([command for command in commands if not isinstance(command, CreateTask)])
    born = next((index for index, command in enumerate(commands) if isinstance(command, CreateTask)), len(commands))
    return _merge(commands[born:])


def _merge(commands: Sequence[TaskCommand]) -> list[TaskCommand]:
    merged: list[TaskCommand] = []
    for command in commands:
        if merged and isinstance(merged[-1], ENDINGS):
            break
        merged = _absorb(merged, command)
    return merged


def _absorb(merged: list[TaskCommand], command: TaskCommand) -> list[TaskCommand]:
    if isinstance(command, ENDINGS):
        return [*merged, command]
    if merged and isinstance(merged[0], CreateTask):
        task = merged[0].task
        for event in decide(task, command):
            task = evolve(task, event)
        return [CreateTask(task)]
    for index, earlier in enumerate(merged):
        if type(earlier) is type(command):
            return [*merged[:index], _both(earlier, command), *merged[index + 1 :]]
    return [*merged, command]


def _both(first: TaskCommand, second: TaskCommand) -> TaskCommand:
    match first, second:
        case ChangeTask(), ChangeTask():
            return ChangeTask({**first.changes, **second.changes})
        case ChangeCandidates(), ChangeCandidates():
            return ChangeCandidates(
                *_net(first.add_users, first.remove_users, second.add_users, second.remove_users),
                *_net(first.add_groups, first.remove_groups, second.add_groups, second.remove_groups),
            )
    return second


def _net(
    add: tuple[str, ...], remove: tuple[str, ...], then_add: tuple[str, ...], then_remove: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    later = set(then_add) - set(then_remove)
    added = (set(add) - set(remove) - set(then_remove)) | later
    removed = (set(remove) | set(then_remove)) - later
    return tuple(sorted(added)), tuple(sorted(removed))
