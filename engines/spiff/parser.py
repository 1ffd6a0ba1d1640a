"""BPMN XML to SpiffWorkflow's specifications, keeping what vendors added to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
    EventBasedGatewayParser,
    ReceiveTaskParser,
    SendTaskParser,
)
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    ScriptTaskParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import CallActivity, SubWorkflowTask
from SpiffWorkflow.exceptions import SpiffWorkflowException

from domain.errors import InvalidDefinition
from engines.documents import Node, text_of
from engines.spiff import (
    alternatives,
    calls,
    compensation,
    extensions,
    handlers,
    specs,
    tokens,
    vendor,
)
from engines.spiff.event_parsers import Boundary, Catch, End, Event, Start, Throw
from engines.spiff.source import NAMES, implementation_of, line_of


class _Several(TaskParser):  # type: ignore[misc]
    """Multi-instance in Camunda's way, several outgoing flows."""

    STANDARD_LOOP_CLASS = specs.Repeated
    PARALLEL_MI_CLASS = specs.EachAtOnce
    SEQUENTIAL_MI_CLASS = specs.OneAfterAnother

    def handles_multiple_outgoing(self) -> bool:
        return True

    def _add_multiinstance_task(self, loop: Node) -> None:
        said, item = vendor.attributes(loop), loop.find("bpmn:inputDataItem", NAMES)
        collection = (
            text_of(loop.find("bpmn:loopCardinality", NAMES))
            or said.get("collection")
            or text_of(loop.find("bpmn:loopDataInputRef", NAMES))
        )
        if collection is None:
            raise ValidationException("a multi-instance activity needs a cardinality or a collection", self.node)
        named = said.get("elementVariable") or (None if item is None else item.get("name"))
        given = loop.find("bpmn:outputDataItem", NAMES)
        several = {
            "collection": collection,
            "elementVariable": named,
            "output": said.get("outputCollection") or text_of(loop.find("bpmn:loopDataOutputRef", NAMES)),
            "outputItem": said.get("outputElement") or (None if given is None else given.get("name")),
        }
        _only_cardinality(loop, collection)
        super()._add_multiinstance_task(loop)
        self.task.extensions = {name: text for name, text in several.items() if text}


class _Activity(_Several):
    """Any activity: vendor attributes."""

    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        del node
        return extensions.of_element(self.node)

    def parse_documentation(self, sequence_flow: Node = None) -> str | None:
        return vendor.documentation(self.node if sequence_flow is None else sequence_flow)


class _User(_Activity):
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        found = {**super().parse_extensions(node), **vendor.assigned(self.node)}
        if listeners := extensions.listeners(self.node, "task"):
            found["taskListeners"] = listeners
        return {**found, "formFields": vendor.form_fields(self.node)}


class _Service(_Activity):
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        found = super().parse_extensions(node)
        if implementation := implementation_of(self.node):
            found.setdefault("implementation", implementation)
        throws = self.node.find("bpmn:messageEventDefinition", NAMES)
        return {**({} if throws is None else vendor.attributes(throws)), **found}


class _Script(_Activity, ScriptTaskParser):  # type: ignore[misc]
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        return {**super().parse_extensions(node), "scriptFormat": self.node.get("scriptFormat")}

    def get_script(self) -> str:
        return text_of(self.node.find("bpmn:script", NAMES)) or ""


class _Call(_Activity, CallActivityParser):  # type: ignore[misc]
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        mapped = {way: vendor.mappings(self.node, way) for way in ("in", "out")}
        return {**super().parse_extensions(node), **mapped}


class _Embedded(_Activity, SubWorkflowParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        # the stock parser looks for the attribute in the BPMN namespace, where nobody writes it
        if self.node.get("triggeredByEvent") == "true":
            self.spec_class = specs.Beside
        made = super().create_task()
        name = self.bpmn_id + handlers.UNDO
        if self.node.get(handlers.COMPENSATION) == name:
            undo = compensation.Undo(self.spec, name, subworkflow_spec=made.spec, **self.bpmn_attributes)
            undo.bpmn_id, undo.extensions = self.bpmn_id, {"ownCompensation": self.node.get(handlers.OWN)}
            _beside_the_flow(undo)
        return made

    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        found = super().parse_extensions(node)
        if self.node.get("triggeredByEvent") == "true":
            # It begins when its start event happens.
            found["listeners"] = [one for one in found.get("listeners", ()) if one.get("event") != "start"]
        return found


class _Gateway(GatewayParser):  # type: ignore[misc]
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        del node
        return extensions.of_element(self.node)


class _Choice(_Gateway, ConditionalGatewayParser):  # type: ignore[misc]
    pass


class _Race(_Gateway, EventBasedGatewayParser):  # type: ignore[misc]
    pass


class _Receive(_Several, Event, ReceiveTaskParser):  # type: ignore[misc]
    """A receive task; without a message it waits for one of its own name."""

    def create_task(self) -> Any:
        return self._create_task(self.parse_message_event(self.node))

    def _named(self, event: Node, attribute: str, known: dict[str, str]) -> str:
        return super()._named(event, attribute, known) if event.get(attribute) else str(self.node.get("id"))


class _Send(_Several, Event, SendTaskParser):  # type: ignore[misc]
    """A send task that only has a message; one with an implementation is a service."""


class _Process(ProcessParser):  # type: ignore[misc]
    """Parses the last elements first: the stock parser goes as deep as the process is long."""

    def add_tasks(self) -> None:
        for start in self.xpath("./bpmn:startEvent"):
            for node in self._last_first(start):
                self.parse_node(node)
            self.parse_node(start)
        for node in self.xpath("./bpmn:subProcess[@triggeredByEvent='true']"):
            # It waits beside the flow from the start on, whatever it waits for.
            beside = self.parse_node(node)
            self.spec.start.connect(beside)
            beside.connect(self.spec.end)
        for node in self.node:
            if node.get(handlers.IS_HANDLER):
                _beside_the_flow(self.parse_node(node))

    def _last_first(self, start: Node) -> Iterator[Node]:
        seen = {start.get("id")}
        left = [(start, self._following(start))]
        while left:
            node, following = left[-1]
            after = next((one for one in following if one.get("id") not in seen), None)
            if after is not None:
                seen.add(after.get("id"))
                left.append((after, self._following(after)))
                continue
            left.pop()
            if node is not start:
                yield node

    def _following(self, node: Node) -> Iterator[Node]:
        name = node.get("id")
        for source in (name, *(event.get("id") for event in self.get_boundary_events(name))):
            for flow in self.get_outgoing_sequence_flows(source):
                if (target := self.get_node_by_id(flow.get("targetRef"))) is not None:
                    yield target


class Parser(BpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's parser with our kinds of elements; ad-hoc sub-processes are not supported."""

    PROCESS_PARSER_CLASS = _Process
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - how SpiffWorkflow is extended
        full_tag("userTask"): (_User, specs.HumanTask),
        full_tag("serviceTask"): (_Service, specs.ServiceCall),
        full_tag("scriptTask"): (_Script, specs.Script),
        full_tag("task"): (_Activity, specs.PassedTask),
        full_tag("manualTask"): (_Activity, specs.PassedTask),
        full_tag("callActivity"): (_Call, calls.CalledProcess),
        full_tag("subProcess"): (_Embedded, specs.Inner),
        full_tag("transaction"): (_Embedded, specs.Transaction),
        full_tag("startEvent"): (Start, specs.StartingEvent),
        full_tag("boundaryEvent"): (Boundary, defaults.BoundaryEvent),
        full_tag("intermediateCatchEvent"): (Catch, defaults.IntermediateCatchEvent),
        full_tag("intermediateThrowEvent"): (Throw, defaults.IntermediateThrowEvent),
        full_tag("endEvent"): (End, defaults.EndEvent),
        full_tag("receiveTask"): (_Receive, defaults.ReceiveTask),
        full_tag("sendTask"): (_Send, defaults.SendTask),
        full_tag("parallelGateway"): (_Gateway, tokens.ParallelGateway),
        full_tag("inclusiveGateway"): (_Choice, tokens.InclusiveGateway),
        full_tag("exclusiveGateway"): (_Choice, defaults.ExclusiveGateway),
        full_tag("eventBasedGateway"): (_Race, alternatives.EventBasedGateway),
        full_tag("adHocSubProcess"): (None, None),
    }


def _beside_the_flow(handler: Any) -> None:
    # SpiffWorkflow runs nothing that nothing leads to; the start does not know of it.
    handler.inputs = [handler._wf_spec.start]  # noqa: SLF001


def parse(root: Node, names: list[str]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """The specification of every process and of the sub-processes it uses; raises `InvalidDefinition` with the line."""
    try:
        parser = Parser()
        parser.add_bpmn_xml(root)
        return {name: (parser.get_spec(name), _used(parser, name)) for name in names}
    except ValidationException as error:
        raise InvalidDefinition(_reason(error), line=line_of(root, error.id), element=error.id) from error
    except RecursionError:
        raise InvalidDefinition("the process is nested too deeply or too long") from None
    except (SpiffWorkflowException, KeyError, AttributeError, ValueError, TypeError, NotImplementedError) as error:
        raise InvalidDefinition(f"not understood: {type(error).__name__}: {error}") from error


def _used(parser: Parser, name: str) -> dict[str, Any]:
    """The sub-processes of a process, at any depth; called processes are found when they are called."""
    found: dict[str, Any] = {}
    left = [parser.get_spec(name)]
    while left:
        for task in left.pop().task_specs.values():
            if isinstance(task, SubWorkflowTask) and not isinstance(task, CallActivity) and task.spec not in found:
                found[task.spec] = parser.get_spec(task.spec)
                left.append(found[task.spec])
    return found


def _reason(error: ValidationException) -> str:
    if "RecursionError" in str(error):
        return "the process is nested too deeply or too long"
    where = f"{str(error.tag).rpartition(':')[2]} {error.id!r}: " if error.id else ""
    return f"{where}{str(error).strip().rstrip('.')}"


def _only_cardinality(loop: Node, text: str) -> None:
    # the stock parser wants exactly one of cardinality and input reference; ours reads `collection` instead
    for name in ("loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"):
        for old in loop.findall(f"bpmn:{name}", NAMES):
            loop.remove(old)
    etree.SubElement(loop, full_tag("loopCardinality")).text = text
