"""Folding what an engine said tells the same story in fewer words."""

from hypothesis import given
from hypothesis import strategies as st

from domain.aggregates.accumulate import accumulate
from domain.aggregates.fold import fold
from domain.aggregates.task import (
    AssignTask,
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    UserTask,
    decide,
    evolve,
)
from domain.identity import Key
from tests.domain.strategies import stories, tasks

TASK = UserTask("t1", "app")


def replayed(task, commands):
    for command in commands:
        for event in decide(task, command):
            task = evolve(task, event)
    return task


@given(st.one_of(st.none(), tasks), stories)
def test_folding_equals_replaying(start, story):
    assert replayed(start, fold(story, exists=start is not None)) == replayed(start, story)


@given(stories, st.booleans())
def test_folding_never_makes_more_of_it(story, exists):
    assert len(fold(story, exists=exists)) <= len(story)


def test_creation_absorbs_everything_but_the_end():
    said = [
        CreateTask(TASK),
        AssignTask("ann"),
        ChangeCandidates(add_groups=("approvers",)),
        ChangeTask({"name": "Approve"}),
        CompleteTask("ann"),
    ]
    created, completed = fold(said, exists=False)
    assert created == CreateTask(UserTask("t1", "app", name="Approve", assignee="ann", candidate_groups=("approvers",)))
    assert completed == CompleteTask("ann")


def test_repeated_assignments_are_one():
    assert fold([AssignTask("ann"), AssignTask(None), AssignTask("bob")], exists=True) == [AssignTask("bob")]


def test_a_candidate_added_and_removed_again_is_not_added():
    both = fold([ChangeCandidates(add_users=("ann",)), ChangeCandidates(remove_users=("ann",))], exists=True)
    assert both == [ChangeCandidates(remove_users=("ann",))]


def test_nothing_is_said_after_the_end():
    assert fold([DeleteTask("x"), AssignTask("ann")], exists=True) == [DeleteTask("x")]


def test_tasks_that_end_come_before_tasks_that_begin():
    old, new = Key("app", "task", "old"), Key("app", "task", "new")
    ordered = accumulate([(new, CreateTask(TASK)), (old, CompleteTask())], {old})
    assert [key for key, _ in ordered] == [old, new]


def test_a_task_made_and_ended_in_one_transaction_keeps_its_place():
    brief, other = Key("app", "task", "brief"), Key("app", "task", "other")
    ordered = accumulate([(other, CreateTask(TASK)), (brief, CreateTask(TASK)), (brief, CompleteTask())])
    assert [(key, len(commands)) for key, commands in ordered] == [(other, 1), (brief, 2)]
