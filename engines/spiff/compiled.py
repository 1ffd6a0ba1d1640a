"""Specifications and instances as text: the specification once per definition, instances only by reference to it."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.event_definition import (
    ErrorEscalationEventDefinitionConverter,
    MessageEventDefinitionConverter,
    TimerConditionalEventDefinitionConverter,
)
from SpiffWorkflow.bpmn.serializer.default.task_spec import (
    BpmnTaskSpecConverter,
    ConditionalGatewayConverter,
    EventConverter,
    MultiInstanceTaskConverter,
    ParallelGatewayConverter,
    ScriptTaskConverter,
    StandardLoopTaskConverter,
    SubWorkflowConverter,
)
from SpiffWorkflow.bpmn.serializer.default.workflow import (
    BpmnSubWorkflowConverter,
    BpmnWorkflowConverter,
    WorkflowConverter,
)
from SpiffWorkflow.bpmn.serializer.helpers import DefaultRegistry
from SpiffWorkflow.bpmn.serializer.helpers.spec import EventDefinitionConverter
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions import conditional, item_aware_event, message, timer
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from domain.errors import InvalidDefinition
from engines.protocol import StoredDefinition
from engines.spiff import alternatives, calls, compensation, conditions, events, specs, timers, tokens
from engines.spiff.places import know_place, remember_places
from engines.spiff.run import Process

_KEPT = 256


class ProcessCache:
    """The processes used last, for this operating-system process."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = Lock()
        self._found: OrderedDict[tuple[str, str], Process] = OrderedDict()

    def get(self, application: str, definition_id: str) -> Process | None:
        """A process compiled before."""
        with self._lock:
            found = self._found.get((application, definition_id))
            if found is not None:
                self._found.move_to_end((application, definition_id))
            return found

    def put(self, application: str, stored: StoredDefinition) -> Process:
        """Compile a process and keep it."""
        process = load(stored)
        # SpiffWorkflow rewires the specification when a message starts an event sub-process: not one to share
        if not process.spec.start.trigger_specs:
            with self._lock:
                self._found[application, stored.definition.definition_id] = process
                while len(self._found) > self._kept:
                    self._found.popitem(last=False)
        return process


def dump(spec: Any, used: Mapping[str, Any]) -> str:
    """A specification and those it uses as text; raises `InvalidDefinition`."""
    convert = _REGISTRY.convert
    try:
        text = json.dumps({"spec": convert(spec), "used": {name: convert(inner) for name, inner in used.items()}})
        _restored(text)
        return text
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise InvalidDefinition(f"the process uses something that cannot be stored: {error}") from error


def load(stored: StoredDefinition) -> Process:
    """What `dump` wrote, ready to run."""
    spec, used = _restored(stored.compiled)
    return Process(stored.definition, spec, used)


def _restored(text: str) -> tuple[Any, dict[str, Any]]:
    data = json.loads(text)
    used = {name: _REGISTRY.restore(spec) for name, spec in data["used"].items()}
    return _REGISTRY.restore(data["spec"]), used


def dump_workflow(workflow: Any) -> dict[str, Any]:
    """A running workflow as plain data, without its specifications."""
    found: dict[str, Any] = _REGISTRY.convert(workflow)
    return found


def load_workflow(data: dict[str, Any], spec: Any, used: Mapping[str, Any]) -> Any:
    """A workflow that goes on where it was."""
    return _REGISTRY.restore(data, spec=spec, used=used)


class _ByReference(BpmnWorkflowConverter):  # type: ignore[misc]
    def to_dict(self, workflow: Any) -> dict[str, Any]:
        found: dict[str, Any] = WorkflowConverter.to_dict(self, workflow)
        return found | {"subprocesses": self.mapping_to_dict(workflow.subprocesses)}

    def from_dict(self, dct: dict[str, Any], spec: Any, used: Mapping[str, Any]) -> Any:
        workflow = self.target_class(spec, used, deserializing=True)
        workflow.tasks = self.mapping_from_dict(dct["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(dct["root"])]
        self.set_default_attributes(workflow, dct)
        remember_places(workflow)
        self.subprocesses_from_dict(dct["subprocesses"], workflow)
        return workflow


class _Within(BpmnSubWorkflowConverter):  # type: ignore[misc]
    def from_dict(self, dct: dict[str, Any], task: Any, top_workflow: Any) -> Any:
        spec = top_workflow.subprocess_specs.spec_of(task)
        know_place(task)
        inner = self.target_class(spec, task.id, top_workflow, deserializing=True)
        inner.tasks = self.mapping_from_dict(dct["tasks"], UUID, workflow=inner)
        inner.task_tree = inner.tasks.get(UUID(dct["root"]))
        self.set_default_attributes(inner, dct)
        return inner


_OURS = {
    specs.HumanTask: (defaults.UserTask, BpmnTaskSpecConverter),
    specs.PassedTask: (defaults.NoneTask, BpmnTaskSpecConverter),
    specs.ServiceCall: (defaults.ServiceTask, BpmnTaskSpecConverter),
    specs.StartingEvent: (defaults.StartEvent, EventConverter),
    calls.CalledProcess: (defaults.CallActivity, SubWorkflowConverter),
    specs.EachAtOnce: (defaults.ParallelMultiInstanceTask, MultiInstanceTaskConverter),
    specs.OneAfterAnother: (defaults.SequentialMultiInstanceTask, MultiInstanceTaskConverter),
    tokens.ParallelGateway: (defaults.ParallelGateway, ParallelGatewayConverter),
    tokens.InclusiveGateway: (defaults.InclusiveGateway, ConditionalGatewayConverter),
    timers.AtDate: (timer.TimeDateEventDefinition, TimerConditionalEventDefinitionConverter),
    timers.AfterDuration: (timer.DurationTimerEventDefinition, TimerConditionalEventDefinitionConverter),
    timers.EveryCycle: (timer.CycleTimerEventDefinition, TimerConditionalEventDefinitionConverter),
}
"""Ours by their own names, instead of the library's."""
_RENAMED = {
    specs.Script: (defaults.ScriptTask, ScriptTaskConverter),
    specs.Repeated: (defaults.StandardLoopTask, StandardLoopTaskConverter),
    specs.Inner: (defaults.SubWorkflowTask, SubWorkflowConverter),
    specs.Transaction: (defaults.TransactionSubprocess, SubWorkflowConverter),
    specs.Beside: (defaults.EventSubprocess, SubWorkflowConverter),
    alternatives.EventBasedGateway: (defaults.EventBasedGateway, EventConverter),
    events.Message: (message.MessageEventDefinition, MessageEventDefinitionConverter),
    events.Signal: (item_aware_event.SignalEventDefinition, EventDefinitionConverter),
    events.ErrorEvent: (item_aware_event.ErrorEventDefinition, ErrorEscalationEventDefinitionConverter),
    conditions.Condition: (conditional.ConditionalEventDefinition, TimerConditionalEventDefinitionConverter),
    events.EscalationEvent: (item_aware_event.EscalationEventDefinition, ErrorEscalationEventDefinitionConverter),
}
"""Ours by the library's names, under which older programs have saved its own."""
_BESIDE = {
    compensation.CompensateThrow: EventConverter,
    compensation.CompensateEnd: EventConverter,
    compensation.CancelEnd: EventConverter,
    compensation.CompensateEvent: EventDefinitionConverter,
    compensation.Undo: SubWorkflowConverter,
}
"""Ours beside the library's."""
_OWN = {BpmnWorkflow: _ByReference, BpmnSubWorkflow: _Within}


def _registry() -> Any:
    replaced = {stock for stock, _ in (*_OURS.values(), *_RENAMED.values())}
    registry = DefaultRegistry()
    for kind, converter in DEFAULT_CONFIG.items():
        if kind not in replaced:
            _OWN.get(kind, converter)(kind, registry)
    ours = {kind: converter for kind, (_, converter) in _OURS.items()} | _BESIDE
    for kind, converter in ours.items():
        converter(kind, registry)
    for kind, (stock, converter) in _RENAMED.items():
        converter(kind, registry, stock.__name__)
    return registry


_REGISTRY = _registry()
