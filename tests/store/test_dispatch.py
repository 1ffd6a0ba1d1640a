"""What the wire cannot carry is refused, and the connection it was tried on is used by nobody else."""

from dataclasses import replace

import pytest
from celery import Celery

from domain.access import User
from domain.requests.request import Request
from store.messaging.dispatch import Dispatcher, NotCarried
from store.messaging.topology import declare

pytestmark = pytest.mark.servers

NOW, LATER = "2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z"
GOOD = Request("c1", "app", "claim", User("ann", ()), NOW, LATER, "t1")


@pytest.fixture
def dispatcher(servers):
    declare(servers.amqp_url, ("app",))
    celery = Celery("t", broker=servers.amqp_url, set_as_current=False)
    celery.conf.update(broker_transport_options={"confirm_publish": True}, task_ignore_result=True)
    yield Dispatcher(celery)
    celery.close()


@pytest.mark.parametrize("change", [{"command_id": "é" * 200}, {"application": "x" * 300}], ids=["id", "name"])
@pytest.mark.parametrize("outside", [False, True])
def test_a_field_that_the_wire_cannot_carry(dispatcher, change, outside):
    with pytest.raises(NotCarried):
        dispatcher.send(replace(GOOD, outside=outside, **change))
    dispatcher.send(GOOD)
