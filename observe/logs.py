"""How every process logs: one JSON object per line, with what it is about and nothing that people have entered."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from time import monotonic
from types import TracebackType
from typing import Any

import structlog

from domain.requests.request import Request

REPEAT_SECONDS = 10.0
FRAMES = 15
LONGEST_EVENT = 300

LIBRARIES = {
    "celery": logging.WARNING,
    # Logs arguments; what becomes of a job is told by `workers.fleet.app`.
    "celery.app.trace": logging.CRITICAL + 1,
    "kombu": logging.WARNING,
    "amqp": logging.WARNING,
    # An error and its stack for each lost connection, which we report ourselves.
    "pika": logging.CRITICAL,
    "pymongo": logging.WARNING,
    # Says whole addresses, in which secrets stand.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "redis": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "spiff": logging.WARNING,
    "gunicorn": logging.INFO,
    "tornado": logging.WARNING,
    "flower": logging.WARNING,
    "asyncio": logging.WARNING,
    "py": logging.WARNING,
}
"""From which level on their lines are kept; of each only the first line, without what was passed beside it."""

_Line = MutableMapping[str, Any]


def configure(process: str, *, readable: bool = False, level: int = logging.INFO) -> None:
    """Log to standard error, where the supervisor keeps it; `readable` is for people at a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(process, readable=readable))
    handler.addFilter(_Repeats())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, lowest in LIBRARIES.items():
        logging.getLogger(name).setLevel(max(lowest, level))
    logging.captureWarnings(capture=True)


def tell_of_crashes() -> None:
    """An error that nobody handles is a line, too."""
    sys.excepthook = _crashed
    threading.excepthook = lambda died: _crashed(died.exc_type, died.exc_value, died.exc_traceback)


def about(**fields: Any) -> AbstractContextManager[None]:
    """Every line of this thread or greenlet says this too, until the block ends."""
    return structlog.contextvars.bound_contextvars(**_known(fields))


def about_command(request: Request) -> AbstractContextManager[None]:
    """The lines that concern one command."""
    return about(
        command_id=request.command_id,
        application=request.application,
        action=request.action,
        task_id=request.task_id,
        trace_id=trace_id(request.traceparent),
    )


def add(**fields: Any) -> None:
    """The same without an end: until `forget`."""
    structlog.contextvars.bind_contextvars(**_known(fields))


def forget() -> None:
    """Nothing is known any more of what this thread or greenlet works on."""
    structlog.contextvars.clear_contextvars()


def trace_id(traceparent: str | None) -> str | None:
    """The part of a W3C `traceparent` that all lines of one request have in common."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) > 1 else None


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _formatter(process: str, *, readable: bool) -> logging.Formatter:
    def said_by(_logger: Any, _method: str, line: _Line) -> _Line:
        line["process"] = process
        return line

    last = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(default=str)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            said_by,
            structlog.contextvars.merge_contextvars,
            _extra,
            _exception,
        ],
        processors=[remove, last],
    )


_added = structlog.stdlib.ExtraAdder()


def _extra(logger: Any, method: str, line: _Line) -> _Line:
    """Our own fields; of a library only the first line, because the others may quote messages and arguments."""
    if line["_record"].name.partition(".")[0] not in LIBRARIES:
        return _added(logger, method, line)
    line["event"] = (str(line["event"]).strip().splitlines() or [""])[0][:LONGEST_EVENT]
    return line


def _exception(_logger: Any, _method: str, line: _Line) -> _Line:
    """What was raised, from what, and where; not its text, which may quote a value."""
    kind, error, trace = line.pop("exc_info", None) or (None, None, None)
    line.pop("stack_info", None)
    if kind is None:
        return line
    kinds = [kind.__name__]
    while error is not None and (error := error.__cause__ or error.__context__) and len(kinds) < FRAMES:
        kinds.append(type(error).__name__)
    line["exception"] = " from ".join(kinds)
    line["frames"] = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(trace)[-FRAMES:]]
    return line


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit) or error is None:
        return
    logging.getLogger(__name__).critical("crashed", exc_info=(kind, error, trace))


class _Repeats(logging.Filter):
    """Lets a library say the same once in a while only: while a server is away, some do many times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._next: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in LIBRARIES or record.levelno < logging.WARNING:
            return True
        said, now = (record.name, str(record.msg)[:80]), monotonic()
        if now < self._next.get(said, 0.0):
            return False
        if len(self._next) > 1000:  # noqa: PLR2004 - messages put together before they are logged are never the same
            self._next.clear()
        self._next[said] = now + REPEAT_SECONDS
        return True
