"""BPMN's events to SpiffWorkflow's specifications, with definitions of our own."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
    CANCEL_EVENT_XPATH,
    CONDITIONAL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
    TIMER_EVENT_XPATH,
    BoundaryEventParser,
    EndEventParser,
    EventDefinitionParser,
    IntermediateCatchEventParser,
    IntermediateThrowEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions.simple import CancelEventDefinition

from engines.documents import Node, text_of
from engines.spiff import compensation, conditions, events, extensions, timers, vendor
from engines.spiff.source import NAMES

_TIMERS = (("timeDate", timers.AtDate), ("timeDuration", timers.AfterDuration), ("timeCycle", timers.EveryCycle))
_CATCHABLE = (
    *(MESSAGE_EVENT_XPATH, SIGNAL_EVENT_XPATH, TIMER_EVENT_XPATH, CONDITIONAL_EVENT_XPATH),
    *(ERROR_EVENT_XPATH, ESCALATION_EVENT_XPATH),
)
_THROWABLE = (MESSAGE_EVENT_XPATH, SIGNAL_EVENT_XPATH, ERROR_EVENT_XPATH, ESCALATION_EVENT_XPATH)


class Event(EventDefinitionParser):  # type: ignore[misc]
    """Events whose timers run on our clock, and whose messages and signals reach other instances."""

    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        """What vendors let the event and its definition say."""
        del node
        definitions = [inner for inner in self.node if _is_definition(inner)]
        said = {name: text for inner in definitions for name, text in vendor.attributes(inner).items()}
        handed = [one for inner in definitions for one in vendor.mappings(inner, "in")]
        return {**said, **({"in": handed} if handed else {}), **extensions.of_element(self.node)}

    def handles_multiple_outgoing(self) -> bool:
        """Any event may have several ways out."""
        return True

    def parse_timer_event(self, event: Node) -> Any:
        """A time on our clock."""
        name = self.node.get("name", self.node.get("id"))
        for element, definition in _TIMERS:
            if text := text_of(event.find(f"bpmn:{element}", NAMES)):
                return definition(name, text)
        raise ValidationException("the timer has no date, duration or cycle", node=self.node)

    def parse_message_event(self, message_event: Node) -> Any:
        """A message that others may send."""
        return events.Message(self._named(message_event, "messageRef", self.process_parser.parser.messages))

    def parse_signal_event(self, signal_event: Node) -> Any:
        """A signal that others may send."""
        return events.Signal(self._named(signal_event, "signalRef", self.process_parser.parser.signals))

    def parse_conditional_event(self, conditional_event: Node) -> Any:
        """A condition on the variables."""
        return conditions.Condition(super().parse_conditional_event(conditional_event).expression)

    def parse_error_event(self, error_event: Node) -> Any:
        """An error by its code."""
        found = super().parse_error_event(error_event)
        return events.ErrorEvent(found.name, found.code)

    def parse_escalation_event(self, escalation_event: Node) -> Any:
        """An escalation by its code."""
        found = super().parse_escalation_event(escalation_event)
        return events.EscalationEvent(found.name, found.code)

    def _named(self, event: Node, attribute: str, known: dict[str, str]) -> str:
        reference = event.get(attribute)
        if reference is None:
            said = vendor.attributes(event).get(attribute.replace("Ref", "Expression"))
            return str(said or self.node.get("name") or self.node.get("id"))
        if reference not in known:
            raise ValidationException(f"{attribute} names {reference!r}, which is not in this file", node=self.node)
        return known[reference] or reference


class Start(Event, StartEventParser):  # type: ignore[misc]
    """A start event; of an event sub-process, too."""

    def create_task(self) -> Any:
        """With the definition it is about."""
        task = self._create_task(self.get_event_definition(_CATCHABLE))
        self.spec.start.connect(task)
        return task

    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        """With the listeners of what begins here, and of the process whose end is nowhere else."""
        found, around = super().parse_extensions(node), self.node.getparent()
        is_process = around.tag == full_tag("process")
        outer = extensions.listeners(around) if is_process or around.get("triggeredByEvent") == "true" else []
        begun = [one for one in outer if one["event"] == "start"]
        if begun:
            found["listeners"] = [*begun, *found.get("listeners", ())]
        if is_process and len(outer) > len(begun):
            found["processListeners"] = [one for one in outer if one["event"] == "end"]
        return {**found, "interrupting": self.node.get("isInterrupting") != "false"}


class Boundary(Event, BoundaryEventParser):  # type: ignore[misc]
    """An event on the boundary of an activity."""


class Catch(Event, IntermediateCatchEventParser):  # type: ignore[misc]
    """An event that is waited for."""


class Throw(Event, IntermediateThrowEventParser):  # type: ignore[misc]
    """An event that is thrown on the way."""

    def create_task(self) -> Any:
        """With the definition it is about."""
        if (compensate := _compensate(self.node)) is not None:
            self.spec_class = compensation.CompensateThrow
        return self._create_task(compensate or self.get_event_definition(_THROWABLE))


class End(Event, EndEventParser):  # type: ignore[misc]
    """An end event."""

    def create_task(self) -> Any:
        """With the definition it is about."""
        definition = _compensate(self.node)
        if definition is not None:
            self.spec_class = compensation.CompensateEnd
        else:
            definition = self.get_event_definition((*_THROWABLE, CANCEL_EVENT_XPATH, TERMINATION_EVENT_XPATH))
        if isinstance(definition, CancelEventDefinition):
            self.spec_class = compensation.CancelEnd
        task = self._create_task(definition)
        task.connect(self.spec.end)
        return task


def _compensate(node: Node) -> compensation.CompensateEvent | None:
    found = node.find("bpmn:compensateEventDefinition", NAMES)
    return None if found is None else compensation.CompensateEvent(name=found.get("activityRef"))


def _is_definition(node: Node) -> bool:
    return isinstance(node.tag, str) and node.tag.endswith("EventDefinition")
