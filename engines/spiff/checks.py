"""What is told at deployment: what can never work is refused, what will not work yet or is passed over is warned of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Literal

from lxml import etree

from domain.deployment import Warned
from domain.errors import InvalidDefinition
from engines.documents import Node, text_of
from engines.expressions.check import check_condition, check_script
from engines.expressions.moments import moment
from engines.forms import named as named_form
from engines.spiff import cycles, vendor
from engines.spiff.dialects import SPIFF, VENDORS, ZEEBE, normalise
from engines.spiff.feel import check_feel
from engines.spiff.findings import LONGEST, by_table, check_any, element_of, read_or_warn, told_or_left_out, warned
from engines.spiff.handlers import associated
from engines.spiff.jbpm import DROOLS
from engines.spiff.refusals import refuse, refuse_outside
from engines.spiff.retries import CYCLE, read_cycle
from engines.spiff.services import NAMING, name_of, topic_of
from engines.spiff.source import (
    CONDITIONS,
    LANGUAGES,
    MODEL,
    NAMES,
    flows_by_source,
    identify,
    implementation_of,
    is_endless,
    is_run,
    is_sent_by_service,
    is_unconditional,
    refused,
    tag,
)
from engines.spiff.table import ATTRIBUTES, ELEMENTS, EXTENSIONS

_TEXTS = ("assignee", "owner", "candidateUsers", "candidateGroups", "priority", "dueDate", "followUpDate", "formKey")
_SERVICES = ("serviceTask", "sendTask", "businessRuleTask")
_SKIPPABLE = (*_SERVICES, "userTask", "scriptTask")
_TIMERS = ("timeDate", "timeDuration", "timeCycle")
_LOOKS = {
    **dict.fromkeys(CONDITIONS, "_condition"),
    "userTask": "_user_task",
    "startEvent": "_form",
    "scriptTask": "_script_task",
    "callActivity": "_call",
    "exclusiveGateway": "_ways",
    "multiInstanceLoopCharacteristics": "_several",
    "standardLoopCharacteristics": "_loop",
}
_EXECUTION_EVENTS = ("start", "end")
_TASK_EVENTS = ("create", "assignment", "update", "complete", "delete", "timeout")
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
Kind = Literal["execution", "task"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is there at deployment: `service` is told a name and the element it is for, `listener` a service's name."""

    service: Callable[[str, str], bool]
    listener: Callable[[str], bool]
    process: Callable[[str], bool]
    decision: Callable[[str], bool]
    form: Callable[[str], bool]


def look_at(root: Node, known: Known) -> tuple[Warned, ...]:
    """Look at a document before anything of it is rewritten; raises `InvalidDefinition` with element and line."""
    identify(root)
    normalise(root)
    return tuple(_Checking(root, known).run())


def strictly(warnings: Sequence[Warned]) -> InvalidDefinition:
    """The refusal of what is otherwise only warned of."""
    first = warnings[0]
    told = [asdict(one) for one in warnings]
    return InvalidDefinition(f"{first.element!r}: {first.text}; {first.remedy}", line=first.line, warnings=told)


class _Checking:
    def __init__(self, root: Node, known: Known) -> None:
        self._root, self._known = root, known
        self._here = {node.get("id") for node in root.iterfind("bpmn:process", NAMES)}
        self._leaving = flows_by_source(root)
        self._associated = associated(root)
        self._races = {node.get("id") for node in root.iter(tag("eventBasedGateway"))}
        self._ids = {node.get("id") for node in root.iter(f"{{{MODEL}}}*") if node.get("id")}

    def run(self) -> Iterator[Warned]:
        for process in self._root.iterfind("bpmn:process", NAMES):
            for node in process.iter() if is_run(process) else ():
                yield from self._node(node)

    def _node(self, node: Node) -> Iterator[Warned]:
        if not isinstance(node.tag, str):
            return
        name = etree.QName(node)
        if name.namespace == MODEL:
            yield from self._element(node, name.localname)
        elif name.namespace in VENDORS or name.namespace in (ZEEBE, DROOLS, SPIFF):
            yield from by_table(EXTENSIONS, node, name.localname, f"{name.localname!r}")
            if name.localname == CYCLE and "{" not in (node.text or ""):
                yield from self._cycle(node, (node.text or "").strip())

    def _cycle(self, node: Node, text: str) -> Iterator[Warned]:
        try:
            read_cycle(text)
        except ValueError:
            yield warned(node, f"the retry cycle {text[:LONGEST]!r} cannot be read", "it is tried five times")

    def _element(self, node: Node, name: str) -> Iterator[Warned]:
        yield from by_table(ELEMENTS, node, name, f"{name}")
        refuse(node, name)
        yield from self._compensation(node, name)
        for attribute in vendor.attributes(node):
            yield from by_table(ATTRIBUTES, node, attribute, f"the attribute {attribute!r}")
        if text := vendor.attributes(node).get("skipExpression"):
            yield from self._skipped(node, name, text)
        if name == "sequenceFlow":
            self._flow(node)
            is_taken = node.get("sourceRef") not in self._races
            yield from self._listeners(node, "execution", ("take", None) if is_taken else ())
        elif name in _TIMERS:
            yield from self._timer(node, name)
        elif name in _SERVICES or (name == "messageEventDefinition" and is_sent_by_service(node)):
            yield from self._service(node)
        elif (look := getattr(self, _LOOKS.get(name, ""), None)) is not None:
            yield from look(node)
        if name != "sequenceFlow" and node.find("bpmn:extensionElements", NAMES) is not None:
            yield from self._listeners(node, "execution", _EXECUTION_EVENTS)
            yield from self._parameters(node)

    def _compensation(self, node: Node, name: str) -> Iterator[Warned]:
        if name == "compensateEventDefinition" and node.get("waitForCompletion") == "false":
            yield warned(node, "compensation is waited for", "what comes behind it begins once all is undone")
        if node.get("isForCompensation") == "true" and not self._associated.get(node.get("id")):
            yield warned(node, "nothing joins it to an activity", "join it to a compensation event on a boundary")

    def _skipped(self, node: Node, name: str, text: str) -> Iterator[Warned]:
        if name in _SKIPPABLE:
            yield from read_or_warn(node, "the skip expression", text, check_any)
        else:
            yield warned(node, f"{name} is not skipped, whatever its skipExpression says", "draw a gateway")

    def _flow(self, node: Node) -> None:
        for end in ("sourceRef", "targetRef"):
            if node.get(end) not in self._ids:
                raise refused(node, f"its {end} names {node.get(end)!r}, which is not in this file")

    def _ways(self, node: Node) -> Iterator[Warned]:
        leaving, default = self._leaving[node.get("id")], node.get("default")
        bare = [flow for flow in leaving if is_unconditional(flow) and flow.get("id") != default]
        for flow in bare[default is None :] if len(leaving) > 1 else ():
            yield warned(flow, "it is never taken: it has no condition and is not the default", "give it a condition")

    def _condition(self, node: Node) -> Iterator[Warned]:
        text, element = (node.text or "").strip(), element_of(node)
        language = (node.get("language") or "").lower()
        if text and (language == "feel" or language in LANGUAGES):
            yield from self._script(element, text, language, "the condition")
        elif text:
            what = f"the condition in {language[:LONGEST]!r}" if "/" in language else "the condition"
            yield from read_or_warn(element, what, text, check_condition)

    def _form(self, node: Node) -> Iterator[Warned]:
        wanted = named_form(vendor.attributes(node))
        vendor.form_fields(node)
        if wanted and not wanted.key.startswith(("=", "${", "#{")) and not self._known.form(wanted.key):
            yield warned(node, f"the form {wanted.key!r} is not deployed", "deploy it, or let the page show its own")

    def _several(self, node: Node) -> Iterator[Warned]:
        said, activity = vendor.attributes(node), node.getparent()
        cardinality = node.find("bpmn:loopCardinality", NAMES)
        for what, text in (("cardinality", text_of(cardinality)), ("collection", said.get("collection") or "")):
            yield from read_or_warn(activity, f"the {what}", text, check_any)

    def _loop(self, node: Node) -> Iterator[Warned]:
        if is_endless(node):
            yield warned(node, "its loop does not say when it ends", "it is done once; give a condition or a maximum")

    def _timer(self, node: Node, name: str) -> Iterator[Warned]:
        text, element = (node.text or "").strip(), element_of(node)
        if not text:
            return
        if "{" in text or text.startswith("="):
            yield from read_or_warn(element, "the timer", text, check_any)
            return
        try:
            if name == "timeCycle":
                cycles.begin(text, _ANY_DAY)
            else:
                moment(text, _ANY_DAY)
        except ValueError as error:
            raise refused(element, f"unreadable timer: {error}", node) from error

    def _user_task(self, node: Node) -> Iterator[Warned]:
        said = vendor.attributes(node)
        if len(node.findall("bpmn:humanPerformer", NAMES)) + bool(said.get("assignee")) > 1:
            raise refused(node, "its assignee is said more than once")
        for attribute in _TEXTS:
            if "{" in (text := said.get(attribute) or "") or text.startswith("="):
                # What cannot be made out is nobody, and a warning on the task: people still get it.
                yield from told_or_left_out(node, f"the attribute {attribute!r}", text, check_any)
        yield from self._form(node)
        yield from self._listeners(node, "task", _TASK_EVENTS)

    def _script_task(self, node: Node) -> Iterator[Warned]:
        script = node.find("bpmn:script", NAMES)
        text = "" if script is None else (script.text or "")
        refuse_outside(node, "its script", vendor.attributes(node))
        yield from self._script(node, text, node.get("scriptFormat"), "the script")

    def _script(self, node: Node, text: str, language: str | None, what: str) -> Iterator[Warned]:
        if (language or "").lower() == "feel":
            yield from read_or_warn(node, what, text, check_feel)
        else:
            yield from read_or_warn(node, what, text, lambda written: check_script(written, language))

    def _service(self, node: Node) -> Iterator[Warned]:
        element = node if etree.QName(node).localname in _SERVICES else node.getparent()
        said: dict[str, Any] = dict(vendor.attributes(node))
        for event in node.iterfind("bpmn:messageEventDefinition", NAMES):
            said |= vendor.attributes(event)
        if (connector := vendor.connector(node)) is not None:
            said["connector"] = connector["id"]
        if implementation := implementation_of(node):
            said.setdefault("implementation", implementation)
        if node.tag == tag("sendTask") and node.get("messageRef") and not any(said.get(one) for one in NAMING):
            return
        yield from self._action(element, said)

    def _action(self, node: Node, said: Mapping[str, Any]) -> Iterator[Warned]:
        """Something that is called: a service, a job, a decision or an expression."""
        if topic_of(said):
            return
        name = name_of(said, node.get("id") or "")
        if self._known.service(name, node.get("id") or ""):
            return
        if said.get("decisionRef"):
            yield from self._decision(node, str(said["decisionRef"]))
        elif said.get("expression"):
            yield from read_or_warn(node, "the expression", str(said["expression"]), check_any)
        elif any(said.get(naming) for naming in NAMING):
            yield warned(node, f"the service {name!r} is not registered", "register it before an instance comes here")
        else:
            yield warned(node, "nothing says what it does", "name a service before an instance comes here")

    def _decision(self, node: Node, text: str) -> Iterator[Warned]:
        if "{" in text or text.startswith("="):
            yield from read_or_warn(node, "the decision", text, check_any)
        elif not self._known.decision(text):
            yield warned(node, f"the decision {text!r} is not deployed", "deploy it before an instance comes here")

    def _call(self, node: Node) -> Iterator[Warned]:
        called, said = (node.get("calledElement") or "").strip(), vendor.attributes(node)
        if not called and said.get("caseRef"):
            raise refused(node, f"it calls the case {said['caseRef']!r}, and cases are not run")
        if not called:
            raise refused(node, "its calledElement does not say which process it calls")
        if "{" in called or called.startswith("="):
            yield from read_or_warn(node, "the called element", called, check_any)
        elif called not in self._here and not self._known.process(called):
            yield warned(node, f"the process {called!r} is not deployed", "deploy it before an instance comes here")
        for way in ("in", "out"):
            for mapping in vendor.mappings(node, way):
                if text := mapping.get("sourceExpression") or mapping.get("businessKey"):
                    yield from read_or_warn(node, f"the mapping {way!r}", text, check_any)

    def _listeners(self, node: Node, kind: Kind, run: tuple[str | None, ...]) -> Iterator[Warned]:
        for listener in vendor.listeners(node, kind):
            yield from self._listener(node, listener, run)

    def _listener(self, node: Node, listener: Mapping[str, Any], run: tuple[str | None, ...]) -> Iterator[Warned]:
        if listener.get("event") not in run:
            told = f"its listener of {listener.get('event') or 'take'!r} is not run"
            yield warned(node, told, "do it in a step of its own")
        elif listener["event"] == "timeout" and not listener.get("timer"):
            raise refused(node, "a listener of a timeout does not say when: give it a timer")
        elif "script" in listener:
            refuse_outside(node, "the script of a listener", listener)
            yield from self._script(node, listener["script"], listener.get("format"), "the script of a listener")
        else:
            yield from self._called(node, listener)

    def _called(self, node: Node, listener: Mapping[str, Any]) -> Iterator[Warned]:
        """A listener is over when it is called, so that no job can be one."""
        name = name_of(listener, "")
        yield from self._fields(node, listener["fields"])
        if not name:
            yield warned(node, f"its listener of {listener['event']!r} does not say what it does", "it is passed over")
        if not name or self._known.listener(name):
            return
        if listener.get("expression"):
            yield from read_or_warn(node, "the expression", str(listener["expression"]), check_any)
        elif self._known.service(name, name):
            remedy = "register a service of this name, or do it in a step of its own"
            yield warned(node, f"its listener {name!r} is a job, which is not waited for", remedy)
        else:
            yield warned(node, f"the service {name!r} is not registered", "register it before an instance comes here")

    def _parameters(self, node: Node) -> Iterator[Warned]:
        connector = vendor.connector(node) or {"inputs": (), "outputs": ()}
        for parameter in chain(*vendor.input_output(node), connector["inputs"], connector["outputs"]):
            yield from self._parameter(node, str(parameter["name"]), parameter["value"])
        yield from self._fields(node, vendor.fields(node))

    def _fields(self, node: Node, fields: Sequence[Mapping[str, Any]]) -> Iterator[Warned]:
        for field in fields:
            if text := field.get("expression"):
                yield from read_or_warn(node, f"the field {field['name']!r}", text, check_any)

    def _parameter(self, node: Node, name: str, said: Mapping[str, Any]) -> Iterator[Warned]:
        if "list" in said or "map" in said:
            for inner in said.get("list") or said["map"].values():
                yield from self._parameter(node, name, inner)
        elif "script" in said:
            refuse_outside(node, f"the script of {name!r}", said)
            yield from self._script(node, said["script"], said.get("format"), f"the script of {name!r}")
        elif text := said.get("text"):
            yield from read_or_warn(node, f"the parameter {name!r}", text, check_any)
