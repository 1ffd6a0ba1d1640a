"""Jobs of elements: work that somebody else does, while the element waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from domain.engine_job import JOB, EngineJob
from domain.errors import AlreadyCompleted
from engines.expressions import evaluate
from engines.expressions.evaluate import ExpressionFailed
from engines.spiff.retries import CYCLE, USUAL, retries_of
from engines.spiff.run import Run, Task


def job_task(run: Run, job_id: str) -> Task:
    """The task whose job this is; raises `AlreadyCompleted` where it is none any more."""
    task = None if run.stored.finished else run.find(job_id)
    if task is None or job_id not in run.jobs or task.state != TaskState.STARTED:
        raise AlreadyCompleted("the job has already ended")
    return task


def job_of(run: Run, job_id: str) -> EngineJob:
    """The job of an element, as it is offered."""
    task, (kind, topic) = run.find(job_id), run.jobs[job_id]
    home, said = run.home(task), task.task_spec.extensions
    return EngineJob(
        job_id=job_id,
        instance_id=home.instance_id,
        root_id=run.stored.instance_id,
        definition_id=home.process.definition.definition_id,
        definition_key=home.process.definition.key,
        business_key=home.business_key,
        element=task.task_spec.bpmn_id,
        topic=_resolved(run, task, topic),
        kind=kind,
        priority=_whole(_resolved(run, task, said.get("taskPriority") or "0")) or 0,
        retries=_tries(run, task, said) if kind == JOB and said.get(CYCLE) else _whole(said.get("retries")),
    )


def _tries(run: Run, task: Task, said: Mapping[str, Any]) -> int | None:
    """How often a model wants a job tried, with the pauses of its application."""
    found = retries_of(said, run.scope(task), run.now)
    return None if found is USUAL else found.most


def _resolved(run: Run, task: Task, text: str) -> str:
    """A text with expressions; the text itself where it cannot be evaluated."""
    try:
        return str(evaluate.value(text, run.scope(task), run.now))
    except ExpressionFailed:
        return text


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004 - 32 bits
