"""Random tasks and what engines say about them."""

from hypothesis import strategies as st

from domain.aggregates.task import (
    AssignTask,
    ChangeCandidates,
    ChangeTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    MigrateTask,
    UserTask,
)

NAMES = st.sampled_from(["ann", "bob", "cho", "dan"])
SETS = st.frozensets(NAMES, max_size=3).map(lambda names: tuple(sorted(names)))

tasks = st.builds(
    UserTask,
    engine_task_id=st.just("t1"),
    application=st.just("app"),
    name=st.sampled_from(["Approve", "Amend", None]),
    priority=st.one_of(st.none(), st.integers(0, 100)),
    assignee=st.one_of(st.none(), NAMES),
    candidate_users=SETS,
    candidate_groups=SETS,
    payload=st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 9), max_size=2),
)
changes = st.dictionaries(
    st.sampled_from(["name", "description", "due_date"]), st.one_of(st.none(), st.sampled_from(["x", "y"])), max_size=3
)
pieces = st.one_of(
    st.builds(CreateTask, tasks),
    st.builds(AssignTask, st.one_of(st.none(), NAMES)),
    st.builds(ChangeTask, changes),
    st.builds(ChangeCandidates, SETS, SETS, SETS, SETS),
    st.builds(MigrateTask, NAMES),
    st.builds(CompleteTask),
    st.builds(DeleteTask, st.sampled_from(["cancelled", None])),
)
stories = st.lists(pieces, max_size=12)
