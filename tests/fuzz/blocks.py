"""Small process models made of blocks that fit each other, so that most of what comes out could have been drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from tests.fuzz import grammars
from tests.fuzz.events import BOUNDARIES, CATCHES, ENDS, STARTS, THROWS

DEEPEST = 3
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">'
    '<message id="M1" name="m1"/><message id="M2" name="m2"/><signal id="S1" name="s1"/><signal id="S2" name="s2"/>'
    '<error id="E1" errorCode="e1"/><error id="E2" errorCode="e2"/><escalation id="X1" escalationCode="x1"/>'
)
CONDITIONS = (
    "${n > 2}",
    "${yes}",
    "${!yes}",
    "${text == 'Ann'}",
    "${unknown}",
    "${n / 0 > 1}",
    "n < 5",
    "=n > 1",
    "${xs}",
)
SCRIPTS = (
    ("javascript", "execution.setVariable('n', n + 1);"),
    ("javascript", "var s = 0; for (var i = 0; i < 5; i++) { s += i } execution.setVariable('n', s);"),
    ("groovy", "execution.setVariable('xs', xs + [n])"),
    ("python", "n = n + 1"),
    ("python", "t = unknown + 1"),
    ("feel", "n + 1"),
    ("javascript", "while (true) {}"),
)
SERVICES = ("ok", "flaky", "raises", "absent")
ASSIGNEES = ("ann", "${text}", "${unknown}", "$INITIATOR", "=text")
T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Block:
    """Elements, the first and the last of which flows can be tied to."""

    text: str
    first: str
    last: str


@dataclass(frozen=True)
class Model:
    """Files of one deployment, and how often at most each service behind a timer may be called in an instance."""

    sources: tuple[bytes, ...]
    ticks: dict[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "\n".join(source.decode(errors="replace") for source in self.sources)


class Making:
    """One model in the making."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._made = 0
        self._repeats = 0
        self.ticks: dict[str, int] = {}

    def one(self, several: Sequence[T]) -> T:
        """One of several."""
        return several[self.number(len(several) - 1)]

    def number(self, most: int, least: int = 0) -> int:
        """A number."""
        return int(self._draw(st.integers(least, most)))

    def chance(self, of: int) -> bool:
        """One time of so many."""
        return self.number(of - 1) == of - 1

    def name(self, kind: str) -> str:
        """An id that is not taken."""
        self._made += 1
        return f"{kind}{self._made}"

    def sequence(self, depth: int, most: int = 3) -> Block:
        """Blocks one after the other."""
        return self.chain([self.block(depth) for _ in range(self.number(most, 1))])

    def chain(self, blocks: Sequence[Block]) -> Block:
        """Blocks with flows between them."""
        ties = "".join(flow(self.name("f"), one.last, other.first) for one, other in pairwise(blocks))
        return Block("".join(one.text for one in blocks) + ties, blocks[0].first, blocks[-1].last)

    def block(self, depth: int) -> Block:
        """Any block."""
        kinds = [self.activity, self.activity, self.activity, self.catch, self.throw]
        if depth < DEEPEST:
            kinds += [self.split, self.split, self.loop, self.race, self.linked]
        return self.one(kinds)(depth)

    def activity(self, depth: int) -> Block:
        """An activity, with what may sit on its boundary."""
        kinds = [self.user, self.user, self.service, self.script, self.plain, self.receive, self.send, self.call]
        kinds += [self.embedded] * (2 if depth < DEEPEST else 0)
        several = self.chance(5)
        self._repeats += several
        name = self.name("a")
        text = self.one(kinds)(name, depth, self.several() if several else "")
        self._repeats -= several
        made = Block(text, name, name)
        for _ in range(self.number(2) if self.chance(3) else 0):
            made = self.bounded(made, name, depth)
        return made

    def several(self) -> str:
        """A multi-instance or a loop."""
        if self.chance(5):
            until = "<loopCondition>${n &lt; 9}</loopCondition>"
            return f'<standardLoopCharacteristics loopMaximum="3">{until}</standardLoopCharacteristics>'
        count = self.one(["<loopCardinality>3</loopCardinality>", "<loopCardinality>${n}</loopCardinality>", ""])
        over = (
            ""
            if count
            else self.one([' camunda:collection="xs" camunda:elementVariable="x"', ' camunda:collection="m"'])
        )
        until = self.one(["", "<completionCondition>${nrOfCompletedInstances >= 2}</completionCondition>"])
        in_turn = self.one(["true", "false"])
        return (
            f'<multiInstanceLoopCharacteristics isSequential="{in_turn}"{over}>{count}{until}'
            "</multiInstanceLoopCharacteristics>"
        )

    def said(self) -> str:
        """Attributes of any activity."""
        return "".join(f' camunda:{name}="true"' for name in ("asyncBefore", "asyncAfter") if self.chance(8))

    def extended(self, inner: str = "") -> str:
        """Parameters and listeners."""
        if self.chance(5):
            outer = "<camunda:outputParameter name='o'>${i}</camunda:outputParameter>"
            given = self.one(["${n + 1}", "${unknown}", "text"])
            inner += (
                f"<camunda:inputOutput><camunda:inputParameter name='i'>{given}</camunda:inputParameter>{outer}"
                "</camunda:inputOutput>"
            )
        if self.chance(5):
            event = self.one(["start", "end"])
            script = self.one(["execution.setVariable('n', n + 1)", "execution.setVariable('n', unknown)"])
            inner += (
                f"<camunda:executionListener event='{event}'><camunda:script scriptFormat='javascript'>{script}"
                "</camunda:script></camunda:executionListener>"
            )
        return f"<extensionElements>{inner}</extensionElements>" if inner else ""

    def user(self, name: str, _depth: int, more: str) -> str:
        """A user task."""
        listener = self.one(
            (
                *("", "", "<camunda:taskListener event='complete' expression='${task.setPriority(n)}'/>"),
                "<camunda:taskListener event='create' expression='${unknown.x()}'/>",
            )
        )
        who = quoteattr(self.one(ASSIGNEES))
        return f'<userTask id="{name}" camunda:assignee={who}{self.said()}>{self.extended(listener)}{more}</userTask>'

    def service(self, name: str, _depth: int, more: str) -> str:
        """A service task."""
        what = self.one([f'camunda:class="{service}"' for service in SERVICES] + [
            'camunda:type="external" camunda:topic="t"', 'camunda:delegateExpression="${job}"',
            'camunda:expression="${n + 1}" camunda:resultVariable="n"', 'camunda:decisionRef="d"',
        ])  # fmt: skip
        kind = self.one(["serviceTask", "serviceTask", "businessRuleTask", "sendTask"])
        return f'<{kind} id="{name}" {what}{self.said()}>{self.extended()}{more}</{kind}>'

    def script(self, name: str, _depth: int, more: str) -> str:
        """A script task."""
        language, text = self.one(SCRIPTS)
        if self.chance(4):
            language = self.one(["javascript", "groovy", "python"])
            text = self._draw(grammars.scripts(language))
        said = f'scriptFormat="{language}" camunda:resultVariable="r"{self.said()}'
        return f'<scriptTask id="{name}" {said}>{self.extended()}{more}<script>{escape(text)}</script></scriptTask>'

    def plain(self, name: str, _depth: int, more: str) -> str:
        """A task that passes."""
        kind = self.one(["task", "manualTask"])
        return f'<{kind} id="{name}"{self.said()}>{self.extended()}{more}</{kind}>'

    def receive(self, name: str, _depth: int, more: str) -> str:
        """A receive task."""
        message = self.one(["", 'messageRef="M1"'])
        return f'<receiveTask id="{name}" {message}{self.said()}>{more}</receiveTask>'

    def send(self, name: str, _depth: int, more: str) -> str:
        """A send task with a message."""
        return f'<sendTask id="{name}" messageRef="{self.one(["M1", "M2"])}"{self.said()}>{more}</sendTask>'

    def call(self, name: str, _depth: int, more: str) -> str:
        """A call activity."""
        called = self.one(["q", "q", "q", "absent", "${text}", "p" if self.chance(10) else "q"])
        mapped = self.one(
            (
                *("<camunda:in variables='all'/><camunda:out variables='all'/>", "<camunda:in source='n' target='n'/>"),
                "<camunda:out sourceExpression='${n}' target='n'/><camunda:in businessKey='${text}'/>",
            )
        )
        said = f'calledElement="{called}"{self.said()}'
        return f'<callActivity id="{name}" {said}>{self.extended(mapped)}{more}</callActivity>'

    def embedded(self, name: str, depth: int, more: str) -> str:
        """A sub-process, which may have event sub-processes."""
        kind = self.one(["subProcess", "subProcess", "transaction"])
        return f'<{kind} id="{name}"{self.said()}>{self.extended()}{more}{self.whole(depth + 1)}</{kind}>'

    def whole(self, depth: int) -> str:
        """From start to end, with what waits beside it."""
        start, end = self.name("s"), self.name("e")
        inner = self.sequence(depth)
        done = f'<endEvent id="{end}">{self.one(ENDS) if self.chance(4) else ""}</endEvent>'
        ties = flow(self.name("f"), start, inner.first) + flow(self.name("f"), inner.last, end)
        beside = "".join(self.beside(depth) for _ in range(self.number(2) if self.chance(4) else 0))
        return f'<startEvent id="{start}"/>{inner.text}{done}{ties}{beside}'

    def beside(self, depth: int) -> str:
        """An event sub-process."""
        name, start, end = self.name("a"), self.name("s"), self.name("e")
        stops = self.one(["true", "false"])
        self._repeats += 1
        inner = self.sequence(min(depth + 1, DEEPEST), 2)
        self._repeats -= 1
        return (
            f'<subProcess id="{name}" triggeredByEvent="true"><startEvent id="{start}" isInterrupting="{stops}">'
            f'{self.one(STARTS)}</startEvent>{inner.text}<endEvent id="{end}"/>'
            f"{flow(self.name('f'), start, inner.first)}{flow(self.name('f'), inner.last, end)}</subProcess>"
        )

    def bounded(self, made: Block, host: str, depth: int) -> Block:
        """Something on the boundary, whose way comes back or ends by itself."""
        event, stops = self.name("b"), self.one(["true", "false"])
        kind = self.one(BOUNDARIES)
        timed, rounds = "timer" in kind, 3 if "R3" in kind else 1
        tick = self.tick(rounds if stops == "false" else 1) if timed else self.block(DEEPEST)
        text = (
            f'{made.text}<boundaryEvent id="{event}" attachedToRef="{host}" cancelActivity="{stops}">{kind}'
            f"</boundaryEvent>{flow(self.name('f'), event, tick.first)}{tick.text}"
        )
        if stops == "true":
            join = self.name("g")
            ties = flow(self.name("f"), tick.last, join) + flow(self.name("f"), made.last, join)
            return Block(f'{text}<exclusiveGateway id="{join}"/>{ties}', made.first, join)
        end = self.name("e")
        return Block(f'{text}<endEvent id="{end}"/>{flow(self.name("f"), tick.last, end)}', made.first, made.last)

    def tick(self, most: int) -> Block:
        """A service that counts how often a timer has fired."""
        name = self.name("tick")
        if not self._repeats:
            self.ticks[name] = most
        return Block(f'<serviceTask id="{name}" camunda:class="{name}"/>', name, name)

    def catch(self, _depth: int) -> Block:
        """An event that is waited for."""
        name, kind = self.name("c"), self.one(CATCHES)
        made = Block(f'<intermediateCatchEvent id="{name}">{kind}</intermediateCatchEvent>', name, name)
        return self.chain([made, self.tick(1)]) if "timer" in kind else made

    def throw(self, _depth: int) -> Block:
        """An event that is thrown."""
        name = self.name("t")
        return Block(f'<intermediateThrowEvent id="{name}">{self.one(THROWS)}</intermediateThrowEvent>', name, name)

    def split(self, depth: int) -> Block:
        """Branches, and the same gateway again behind them."""
        kind = self.one(["exclusiveGateway", "parallelGateway", "inclusiveGateway"])
        begin, end = self.name("g"), self.name("g")
        ways = [self.sequence(depth + 1, 2) for _ in range(self.number(3, 2))]
        ties, default = "", ""
        for number, way in enumerate(ways):
            tie, has_condition = self.name("f"), kind != "parallelGateway" and number
            ties += flow(tie, begin, way.first, self.one(CONDITIONS) if has_condition else None)
            ties += flow(self.name("f"), way.last, end)
            default = f' default="{tie}"' if kind != "parallelGateway" and not number else default
        inner = "".join(way.text for way in ways)
        return Block(f'<{kind} id="{begin}"{default}/>{inner}<{kind} id="{end}"/>{ties}', begin, end)

    def loop(self, depth: int) -> Block:
        """Round and round, until a counter says that it is enough; very seldom that is never."""
        begin, count, end = self.name("g"), self.name("a"), self.name("g")
        self._repeats += 1
        inner = self.sequence(depth + 1, 2)
        self._repeats -= 1
        rounds = 10**9 if self.chance(150) else self.number(4, 1)
        script = f"execution.setVariable('{count}', (execution.getVariable('{count}') ?? 0) + 1)"
        again = flow(self.name("f"), end, begin, f"${{execution.getVariable('{count}') < {rounds}}}")
        return Block(
            f'<exclusiveGateway id="{begin}"/>{inner.text}<scriptTask id="{count}" scriptFormat="javascript"><script>'
            f'{script}</script></scriptTask><exclusiveGateway id="{end}"/>{again}'
            f"{flow(self.name('f'), begin, inner.first)}{flow(self.name('f'), inner.last, count)}"
            f"{flow(self.name('f'), count, end)}",
            begin,
            end,
        )

    def race(self, _depth: int) -> Block:
        """An event-based gateway."""
        begin, end = self.name("g"), self.name("g")
        ways = [self.catch(DEEPEST) for _ in range(2)]
        ties = "".join(flow(self.name("f"), begin, way.first) + flow(self.name("f"), way.last, end) for way in ways)
        inner = "".join(way.text for way in ways)
        return Block(f'<eventBasedGateway id="{begin}"/>{inner}<exclusiveGateway id="{end}"/>{ties}', begin, end)

    def linked(self, _depth: int) -> Block:
        """A link, as a flow that is not drawn."""
        throw, catch = self.name("t"), self.name("c")
        event = f'<linkEventDefinition name="{throw}"/>'
        return Block(
            f'<intermediateThrowEvent id="{throw}">{event}</intermediateThrowEvent>'
            f'<intermediateCatchEvent id="{catch}">{event}</intermediateCatchEvent>',
            throw,
            catch,
        )


def flow(name: str, source: str, target: str, condition: str | None = None) -> str:
    """A sequence flow."""
    said = "" if condition is None else f"<conditionExpression>{escape(condition)}</conditionExpression>"
    return f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{said}</sequenceFlow>'


@st.composite
def models(draw: Draw) -> Model:
    """A process `p`, and `q` which it may call."""
    making = Making(draw)
    main = making.whole(0)
    ticks = dict(making.ticks)
    other = making.whole(DEEPEST - 1)
    also = "".join(
        f'<startEvent id="{making.name("s")}">{event}</startEvent>' for event in STARTS[:3] if making.chance(12)
    )
    source = (
        f'{HEAD}<process id="p" isExecutable="true">{main}{also}</process>'
        f'<process id="q" isExecutable="true">{other}</process></definitions>'
    )
    return Model((source.encode(),), ticks)
