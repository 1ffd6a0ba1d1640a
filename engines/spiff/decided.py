"""Business rule tasks: a decision that is deployed beside the process, and what of its result is kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from domain.errors import ExecutionFailed
from engines.decisions.decide import decide, mapped
from engines.decisions.definitions import DecisionModel
from engines.decisions.model import read
from engines.spiff.feel import value_of
from engines.spiff.flowable import OUTPUTS
from engines.spiff.run import Run, Task

log = logging.getLogger(__name__)

_KEPT = 128


def decide_at(run: Run, task: Task, said: Mapping[str, Any]) -> None:
    """Make the decision an element names; raises `ExecutionFailed` where there is none, and `DecisionFailed`."""
    scope, element = run.scope(task), task.task_spec.bpmn_id
    key = str(value_of(said["decisionRef"], scope, run.now) or "")
    binding = said.get("decisionRefBinding", "latest")
    version = str(value_of(said.get("decisionRefVersion") or "", scope, run.now) or "")
    tag = str(value_of(said.get("decisionRefVersionTag") or "", scope, run.now) or "")
    source = run.services.decision(
        key,
        int(version) if binding == "version" and version.isdecimal() else None,
        tag if binding == "versionTag" else None,
    )
    if source is None and run.services.lenient:
        log.warning("service_skipped", extra={"service": key, "element": element})
        return
    if source is None:
        raise ExecutionFailed(f"{element}: the decision {key!r} is not deployed")
    result = decide(_model(source), key, run.visible(task), run.now)
    if said.get("mapDecisionResult") == OUTPUTS:
        rows = [dict(row) for row in result.rows]
        run.put(task, {key: rows} if len(rows) > 1 else next(iter(rows), {}))
    elif name := said.get("resultVariable"):
        run.put(task, {name: mapped(result, said.get("mapDecisionResult") or "resultList")})


@lru_cache(_KEPT)
def _model(source: bytes) -> DecisionModel:
    return read(source)
