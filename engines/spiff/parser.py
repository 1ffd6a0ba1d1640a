"""BPMN XML to SpiffWorkflow's specifications, keeping what vendors added to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EventDefinitionParser,
    IntermediateCatchEventParser,
    StartEventParser,
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
from SpiffWorkflow.exceptions import SpiffWorkflowException

from domain.errors import InvalidDefinition
from engines.spiff import specs, timers, tokens, vendor
from engines.spiff.source import NAMES, Node, line_of

_TIMERS = (("timeDate", timers.AtDate), ("timeDuration", timers.AfterDuration), ("timeCycle", timers.EveryCycle))


class _Activity(TaskParser):  # type: ignore[misc]
    """Any activity: vendor attributes, multi-instance in Camunda's way, several outgoing flows."""

    PARALLEL_MI_CLASS = specs.EachAtOnce
    SEQUENTIAL_MI_CLASS = specs.OneAfterAnother

    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        del node
        return dict(vendor.attributes(self.node))

    def parse_documentation(self, sequence_flow: Node = None) -> str | None:
        return vendor.documentation(self.node if sequence_flow is None else sequence_flow)

    def handles_multiple_outgoing(self) -> bool:
        return True

    def _add_multiinstance_task(self, loop: Node) -> None:
        said, item = vendor.attributes(loop), loop.find("bpmn:inputDataItem", NAMES)
        collection = _text(loop, "loopCardinality") or said.get("collection") or _text(loop, "loopDataInputRef")
        if collection is None:
            raise ValidationException("a multi-instance activity needs a cardinality or a collection", self.node)
        named = said.get("elementVariable") or (None if item is None else item.get("name"))
        _only_cardinality(loop, collection)
        super()._add_multiinstance_task(loop)
        self.task.extensions = {"collection": collection, "elementVariable": named}


class _User(_Activity):
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        found = {**vendor.owners(self.node), **super().parse_extensions(node)}
        return {**found, "formFields": vendor.form_fields(self.node)}


class _Script(_Activity, ScriptTaskParser):  # type: ignore[misc]
    def get_script(self) -> str:
        return _text(self.node, "script") or ""


class _Call(_Activity, CallActivityParser):  # type: ignore[misc]
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        mapped = {way: vendor.mappings(self.node, way) for way in ("in", "out")}
        return {**super().parse_extensions(node), **mapped}


class _Embedded(_Activity, SubWorkflowParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        # the stock parser looks for the attribute in the BPMN namespace, where nobody writes it
        if self.node.get("triggeredByEvent") == "true":
            self.spec_class = self.EVENT_SUBPROCESS_CLASS
        return super().create_task()


class _Timed(EventDefinitionParser):  # type: ignore[misc]
    """Events whose timers run on our clock."""

    def parse_timer_event(self, event: Node) -> Any:
        name = self.node.get("name", self.node.get("id"))
        for element, definition in _TIMERS:
            if text := _text(event, element):
                return definition(name, text)
        raise ValidationException("the timer has no date, duration or cycle", node=self.node)


class _Start(_Timed, StartEventParser):  # type: ignore[misc]
    def parse_extensions(self, node: Node = None) -> dict[str, Any]:
        del node
        return {**vendor.attributes(self.node), "interrupting": self.node.get("isInterrupting") != "false"}


class _Boundary(_Timed, BoundaryEventParser):  # type: ignore[misc]
    pass


class _Catch(_Timed, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _Process(ProcessParser):  # type: ignore[misc]
    """Parses the last elements first: the stock parser goes as deep as the process is long."""

    def add_tasks(self) -> None:
        for start in self.xpath("./bpmn:startEvent"):
            for node in self._last_first(start):
                self.parse_node(node)
        super().add_tasks()

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
        full_tag("serviceTask"): (_Activity, specs.ServiceCall),
        full_tag("scriptTask"): (_Script, defaults.ScriptTask),
        full_tag("task"): (_Activity, specs.PassedTask),
        full_tag("manualTask"): (_Activity, specs.PassedTask),
        full_tag("callActivity"): (_Call, specs.CalledProcess),
        full_tag("subProcess"): (_Embedded, defaults.SubWorkflowTask),
        full_tag("transaction"): (_Embedded, defaults.TransactionSubprocess),
        full_tag("startEvent"): (_Start, specs.StartingEvent),
        full_tag("boundaryEvent"): (_Boundary, defaults.BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_Catch, defaults.IntermediateCatchEvent),
        full_tag("parallelGateway"): (GatewayParser, tokens.ParallelGateway),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, tokens.InclusiveGateway),
        full_tag("adHocSubProcess"): (None, None),
    }


def parse(root: Node, names: list[str]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """The specification of every process and of the sub-processes it uses; raises `InvalidDefinition` with the line."""
    try:
        parser = Parser()
        parser.add_bpmn_xml(root)
        return {name: (parser.get_spec(name), _used(parser, name)) for name in names}
    except ValidationException as error:
        raise InvalidDefinition(_reason(error), line=line_of(root, error.id)) from error
    except RecursionError:
        raise InvalidDefinition("the process is nested too deeply or too long") from None
    except (SpiffWorkflowException, KeyError, AttributeError, ValueError, TypeError, NotImplementedError) as error:
        raise InvalidDefinition(f"not understood: {type(error).__name__}: {error}") from error


def _used(parser: Parser, name: str) -> dict[str, Any]:
    used = parser.get_subprocess_specs(name, require_call_activity_specs=False)
    return {inner: spec for inner, spec in used.items() if spec is not None}


def _reason(error: ValidationException) -> str:
    if "RecursionError" in str(error):
        return "the process is nested too deeply or too long"
    where = f"{error.tag} {error.id!r}: " if error.id else ""
    return f"{where}{str(error).strip().rstrip('.')}"


def _text(node: Node, name: str) -> str | None:
    found = node.find(f"bpmn:{name}", NAMES)
    return found.text.strip() if found is not None and found.text and found.text.strip() else None


def _only_cardinality(loop: Node, text: str) -> None:
    # the stock parser wants exactly one of cardinality and input reference; ours reads `collection` instead
    for name in ("loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"):
        for old in loop.findall(f"bpmn:{name}", NAMES):
            loop.remove(old)
    etree.SubElement(loop, full_tag("loopCardinality")).text = text
