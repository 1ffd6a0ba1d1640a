"""What a trial takes in place of what nobody has given, where services are lenient; elsewhere nothing changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from domain.errors import ExecutionFailed
from engines.expressions.evaluate import ExpressionFailed
from engines.spiff.run import Run, Task

log = logging.getLogger(__name__)

Found = TypeVar("Found")
Other = TypeVar("Other")


def unless_lenient(run: Run, task: Task, compute: Callable[[], Found], otherwise: Callable[[], Other]) -> Found | Other:
    """What is computed; in a trial the other where that fails, as it does for beans that are not there."""
    try:
        return compute()
    except (ExpressionFailed, ExecutionFailed) as error:
        if not run.services.lenient:
            raise
        reason = type(error.__cause__ or error).__name__
        log.warning("expression_skipped", extra={"element": task.task_spec.bpmn_id, "reason": reason})
        return otherwise()
