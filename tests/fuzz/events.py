"""Event definitions by where they may stand."""

from __future__ import annotations

_MESSAGE = '<messageEventDefinition messageRef="M1"/>'
_SIGNAL = '<signalEventDefinition signalRef="S1"/>'
_OTHER_SIGNAL = '<signalEventDefinition signalRef="S2"/>'
_CONDITION = "<conditionalEventDefinition><condition>${n > 3}</condition></conditionalEventDefinition>"
_UNKNOWN = "<conditionalEventDefinition><condition>${unknown}</condition></conditionalEventDefinition>"
_ERROR = '<errorEventDefinition errorRef="E1"/>'
_ANY_ERROR = "<errorEventDefinition/>"
_ESCALATION = '<escalationEventDefinition escalationRef="X1"/>'


def _timer(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


_TIMERS = (
    _timer("timeDuration", "PT5M"),
    _timer("timeDuration", "P1D"),
    _timer("timeDate", "2026-11-22T12:00:00Z"),
    _timer("timeDuration", "${wait}"),
    _timer("timeDuration", "${unknown}"),
    _timer("timeDuration", "${text}"),
)
_CYCLE = _timer("timeCycle", "R3/PT10M")
CATCHES = (_MESSAGE, _SIGNAL, _OTHER_SIGNAL, _CONDITION, _UNKNOWN, *_TIMERS)
THROWS = (
    "",
    '<messageEventDefinition messageRef="M2"/>',
    _MESSAGE,
    _SIGNAL,
    _ESCALATION,
    '<messageEventDefinition camunda:class="ok"/>',
)
ENDS = (
    *(_ERROR, '<errorEventDefinition errorRef="E2"/>', _ESCALATION, _SIGNAL, _MESSAGE, "<terminateEventDefinition/>"),
    "<cancelEventDefinition/>",
)
BOUNDARIES = (*_TIMERS, _CYCLE, _CYCLE, _MESSAGE, _SIGNAL, _CONDITION, _ERROR, _ANY_ERROR, _ESCALATION)
STARTS = (_MESSAGE, _SIGNAL, _TIMERS[0], _CYCLE, _CONDITION, _ERROR, _ANY_ERROR, _ESCALATION)
