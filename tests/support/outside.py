"""Whoever works for an engine from outside."""

from dataclasses import dataclass, field, replace

from domain.access import User
from store.events.unit_of_work import Store
from store.people.operator_acts import OperatorActs
from store.sql.schema import job as job_table
from tasks.application import ProcessApplication
from tasks.ask import Answer
from tasks.carry_out import Executor
from tasks.operate.operations import open_operations
from tests.engines.world import bpmn, flows
from tests.store.databases import on_sqlite
from tests.tasks.reminders import utc_now
from tests.webapp.conftest import services_over, web_settings
from webapp.server.factory import create_app

ADMIN = {"Authorization": "Bearer operate"}


SERVICE = {"Authorization": "Bearer pay"}


EXTERNAL = 'camunda:type="external" camunda:topic'


PAYING = bpmn(
    f'<startEvent id="s"/><serviceTask id="pay" {EXTERNAL}="payments" camunda:taskPriority="7"/><userTask id="t"/>'
    '<boundaryEvent id="b" attachedToRef="pay"><errorEventDefinition errorRef="E"/></boundaryEvent>'
    '<userTask id="poor"/><endEvent id="e"/><endEvent id="e2"/>'
    + flows("s", "pay", "t", "e")
    + flows("b", "poor", "e2"),
    key="paying",
).replace(b"</definitions>", b'<error id="E" errorCode="no-money"/></definitions>')


@dataclass
class Carrying:
    """Has what is asked carried out at once, as the application's worker would."""

    executor: Executor
    store: Store
    asked: list = field(default_factory=list)

    def ask(self, request, body_digest, wait):
        self.asked.append(request)
        self.executor.carry_out(request)
        with self.store.begin() as work:
            state = work.heads.lock([request.key])[request.key].state
        return Answer(state["status"], request.key.opaque, state["problem"], state["result"], visible=True)

    def known(self, application):
        return application in {"app", "other"}


class System:
    """An application whose processes wait for payments, and the web before it."""

    def __init__(self, tmp_path, views, **others):
        self.store = Store(on_sqlite(f"sqlite:///{tmp_path}/app.db"))
        on_sqlite(f"sqlite:///{tmp_path}/other.db", "other").close()
        self.application = ProcessApplication("app")
        self.application.use(self.store)
        self.application.deploy(PAYING)
        url = "amqp://guest:guest@127.0.0.1:1//"
        names = ("app", "other", "hosted")
        self.operations = open_operations(
            url, lambda name: f"sqlite:///{tmp_path}/{name}.db", names, lambda _name: None, OperatorActs(views)
        )
        executor = Executor(self.store.begin, self.application.engine_of, utc_now)
        self.engine = Carrying(executor, self.store)
        services = replace(services_over(views, web_settings(), self.operations), asking=self.engine, **others)
        tokens = {"pay": "app", "strange": "other"}
        by_token = {name: User(f"service:{name}", (), application) for name, application in tokens.items()}
        known = services.accounts.by_token
        services.accounts.by_token = lambda token: by_token.get(token) or known(token)
        self.client = create_app(services).test_client()

    def start(self, key="K-1", **variables):
        with self.application.unit_of_work() as work:
            return work.engine.start("paying", {"amount": 900, **variables}, key)

    def post(self, path, headers=SERVICE, **body):
        return self.client.post(f"/engine-rest/external-task/{path}", json=body, headers=headers)

    def get(self, path, headers=SERVICE):
        return self.client.get(f"/engine-rest/external-task{path}", headers=headers)

    def fetch(self, headers=SERVICE, *, worker="w1", most=10, more=None, **topic):
        wanted = {"topicName": "payments", "lockDuration": 60_000, **topic}
        asked = {"workerId": worker, "maxTasks": most, "usePriority": True, "topics": [wanted], **(more or {})}
        answer = self.post("fetchAndLock", headers, **asked)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def pass_locks(self):
        with self.store.database.transaction() as connection:
            connection.execute(job_table.update().values(lock_end=1.0))

    def tasks(self):
        with self.store.database.reading() as connection:
            found = connection.exec_driver_sql("SELECT state FROM aggregate WHERE aggregate = 'task' ORDER BY id")
            return [row[0] for row in found]
