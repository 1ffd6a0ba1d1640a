"""A projector that dies of a message, and one whose MongoDB is away: nothing is lost and nobody else suffers."""

from urllib.parse import urlsplit

import pika
import pytest

from store.messaging.event_queue import MAX_BATCH
from store.messaging.topology import DEAD, PROJECTOR, declare
from tests.faults.mortal_projector import DEADLY
from tests.faults.projectors import Projectors, delivery_limit, resident_bytes
from tests.faults.proxy import Proxy
from tests.faults.victims import within
from tests.faults.world import through_alone

pytestmark = [pytest.mark.servers, pytest.mark.faults]
FEW = 6


@pytest.fixture
def broker(servers):
    declare(servers.amqp_url, ())
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        channel = connection.channel()
        for queue in (PROJECTOR, DEAD):
            channel.queue_purge(queue)
        yield channel


@pytest.fixture
def projectors(servers, broker, tmp_path):
    made = Projectors(servers, tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("before", [0, 40], ids=["first", "in the middle"])
def test_a_message_that_kills_who_reads_it_goes_alone(projectors, broker, before):
    """After three deaths nothing else is in hand when it kills; otherwise all would reach the limit at once."""
    fine, deaths = before + 60, 0
    projectors.publish(["fine"] * before + [DEADLY] + ["fine"] * 60)
    with delivery_limit(projectors.servers, FEW):
        while projectors.dies():
            deaths += 1
            projectors.publish([f"after {deaths} deaths"] * 5)
    assert deaths == FEW + 1
    with projectors.life() as process:
        assert within(30, lambda: len(projectors.shown()) == fine + 5 * deaths)
        assert process.poll() is None
    _, _, letter = broker.basic_get(DEAD, auto_ack=True)
    assert DEADLY.encode() in letter
    assert projectors.ready(DEAD) == 0
    assert projectors.views.task_history.count_documents({}) == fine + 5 * deaths


def test_while_mongodb_is_away_a_bounded_batch_is_held_and_nothing_acknowledged(projectors):
    """Refused connections, not slow ones; the process and its connection to RabbitMQ outlive them."""
    events, in_hand = 4 * MAX_BATCH, 2 * MAX_BATCH
    proxy = Proxy(urlsplit(projectors.servers.mongo_url).port)
    # Asked for its replica set, the driver would go around the proxy.
    with projectors.life(mongo_url=through_alone(projectors.servers.mongo_url, proxy.port)) as process:
        with proxy:
            projectors.publish(["before"])
            assert within(30, lambda: len(projectors.shown()) == 1)
        projectors.publish(["meanwhile"] * events, {"text": "x" * 10_000})
        assert within(30, lambda: events - projectors.ready(PROJECTOR) == in_hand)
        # The first time what was sent to it is still on its way in.
        assert within(60, lambda: projectors.said("views_unavailable") >= 2)
        memory = resident_bytes(process.pid)
        assert within(60, lambda: projectors.said("views_unavailable") >= 4)
        assert events - projectors.ready(PROJECTOR) == in_hand
        assert resident_bytes(process.pid) - memory < 8_000_000
        with Proxy(proxy.target, proxy.port):
            assert within(60, lambda: len(projectors.shown()) == 1 + events)
            assert within(10, lambda: not projectors.ready(PROJECTOR))
            assert process.poll() is None
            # What it has shown and not yet acknowledged would come back after a kill.
            process.terminate()
            assert process.wait(timeout=30) == 0
    assert (projectors.ready(PROJECTOR), projectors.ready(DEAD)) == (0, 0)
