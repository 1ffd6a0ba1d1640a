"""What a careful person would write by hand around SpiffWorkflow: the baseline of `definitions` and `instances`.

State with a version and outbox rows in one transaction, loaded again at each step, specifications by reference.
No attribute is evaluated, no failure caught, nothing is warned of, pruned, locked or told apart.

Our engine changes SpiffWorkflow's own classes, so this measures itself in a process of its own:
`python -m bench.bare_engine URL APPLICATION FILE` answers each line `files COUNT` or `instances COUNT` with a rate.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID, uuid4

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.bpmn.serializer.helpers import DefaultRegistry
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import Connection, text

from bench.harness import timed
from store.sql.database import Database

_INSERT = text("INSERT INTO bare_instance (id, version, state) VALUES (:id, 1, :state)")
_SELECT = text("SELECT version, state FROM bare_instance WHERE id = :id")
_UPDATE = text("UPDATE bare_instance SET version = version + 1, state = :state WHERE id = :id AND version = :version")
_OUTBOX = text("INSERT INTO bare_outbox (id, body) VALUES (:id, :body)")


class Beside:
    """The process that measures itself."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def rate(self, what: str, count: int) -> float:
        """How many of `files` or `instances` it does per second."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what} {count}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def beside(database: Database, source: bytes) -> Iterator[Beside]:
    """Such a process on a database of ours, for a file whose process is called `p`."""
    with NamedTemporaryFile(suffix=".bpmn") as file:
        Path(file.name).write_bytes(source)
        url = database.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "bench.bare_engine", url, database.application, file.name]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            yield Beside(process)


def parsed(source: bytes, key: str) -> Any:
    """The specification of one process."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(BytesIO(source)))
    return parser.get_spec(key)


class BareEngine:
    """One specification and its instances in two tables of its own."""

    def __init__(self, database: Database, spec: Any) -> None:
        self._database, self._spec = database, spec
        self._registry = DefaultRegistry()
        for kind, converter in DEFAULT_CONFIG.items():
            (_ByReference if kind is BpmnWorkflow else converter)(kind, self._registry)
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE bare_instance (id TEXT PRIMARY KEY, version INTEGER, state TEXT)"))
            connection.execute(text("CREATE TABLE bare_outbox (id TEXT PRIMARY KEY, body TEXT)"))

    def start(self) -> str:
        """One transaction."""
        instance_id = str(uuid4())
        with self._database.engine.begin() as connection:
            workflow = BpmnWorkflow(self._spec)
            workflow.do_engine_steps()
            connection.execute(_INSERT, {"id": instance_id, "state": self._state(workflow)})
            _tell(connection, "created", _ready(workflow))
        return instance_id

    def complete(self, instance_id: str) -> None:
        """One transaction: the first task that is ready, and on."""
        with self._database.engine.begin() as connection:
            version, state = connection.execute(_SELECT, {"id": instance_id}).one()
            workflow = self._registry.restore(json.loads(state), spec=self._spec)
            task = _ready(workflow)[0]
            task.run()
            workflow.do_engine_steps()
            changed = {"id": instance_id, "version": version, "state": self._state(workflow)}
            if connection.execute(_UPDATE, changed).rowcount != 1:
                raise AssertionError("somebody else has moved it")
            _tell(connection, "completed", [task])
            _tell(connection, "created", _ready(workflow))

    def _state(self, workflow: Any) -> str:
        return json.dumps(self._registry.convert(workflow))


class _ByReference(BpmnWorkflowConverter):  # type: ignore[misc]
    def to_dict(self, workflow: Any) -> dict[str, Any]:
        return dict(WorkflowConverter.to_dict(self, workflow))

    def from_dict(self, dct: dict[str, Any], spec: Any) -> Any:
        workflow = self.target_class(spec, {}, deserializing=True)
        workflow.tasks = self.mapping_from_dict(dct["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(dct["root"])]
        self.set_default_attributes(workflow, dct)
        return workflow


def _ready(workflow: Any) -> list[Any]:
    return [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]


def _tell(connection: Connection, what: str, tasks: list[Any]) -> None:
    for task in tasks:
        body = json.dumps({"type": what, "task": str(task.id), "name": task.task_spec.bpmn_name, "data": task.data})
        connection.execute(_OUTBOX, {"id": str(uuid4()), "body": body})


def main(url: str, application: str, file: str) -> None:
    """Answer each line of the input with a rate."""
    source = Path(file).read_bytes()
    bare = BareEngine(Database(url, application), parsed(source, "p"))
    for line in sys.stdin:
        what, count = line.split()
        with timed() as seconds:
            for _ in range(int(count)):
                if what == "files":
                    parsed(source, "p")
                else:
                    instance = bare.start()
                    bare.complete(instance)
                    bare.complete(instance)
        print(int(count) / seconds(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
