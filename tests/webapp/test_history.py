"""How much waited in the last hour, as operators are told."""

import time

import pytest
from flask.testing import FlaskClient

from domain.values import parse_time
from store.health.last_hour import EVERY_SECONDS, MOST, Sample
from store.lists.task_list import Documents
from tests.webapp.test_api import ADMIN, body, get
from webapp.services import Services

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def nothing_kept(database: Documents) -> None:
    database["backlog_sample"].delete_many({})


def test_each_name_has_a_number_or_nothing_for_each_time(client: FlaskClient, services: Services) -> None:
    now = time.time()
    first = {"lag": {"approval": 0.0, "hosted": 2.5}, "outbox": {"approval": 0, "hosted": 7}, "queues": {}}
    then = {"lag": {"approval": 1.5}, "outbox": {"approval": 3}, "queues": {"engine.approval": 4}}
    services.last_hour.keep([Sample(now - 2 * EVERY_SECONDS, first), Sample(now - EVERY_SECONDS, then)])
    told = body(get(client, "/ops/history", ADMIN))
    assert told["lag"] == {"approval": [0.0, 1.5], "hosted": [2.5, None]}
    assert told["outbox"] == {"approval": [0, 3], "hosted": [7, None]}
    assert told["queues"] == {"engine.approval": [None, 4]}
    ages = [parse_time(told["now"]).timestamp() - parse_time(one).timestamp() for one in told["times"]]
    assert ages == pytest.approx([2 * EVERY_SECONDS, EVERY_SECONDS], abs=2)
    assert told["everySeconds"] == EVERY_SECONDS


def test_it_is_for_operators_and_never_more_than_an_hour(client: FlaskClient, services: Services) -> None:
    assert get(client, "/ops/history").status_code == 403
    nothing = body(get(client, "/ops/history", ADMIN))
    assert (nothing["times"], nothing["lag"]) == ([], {})
    now = time.time()
    services.last_hour.keep(
        [Sample(now - EVERY_SECONDS * number, {"lag": {"a": number}}) for number in range(2 * MOST)]
    )
    assert len(body(get(client, "/ops/history", ADMIN))["times"]) == MOST
