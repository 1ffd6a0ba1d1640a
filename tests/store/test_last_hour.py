"""How much waited in the last hour, as MongoDB keeps it and as it is looked at."""

import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from domain.errors import StoreUnavailable
from store.events.unit_of_work import Store
from store.health.last_hour import COLLECTION, EVERY_SECONDS, MOST, LastHour, Sample, sources, taken
from store.messaging.topology import declare
from store.sql.databases import ApplicationDatabases
from store.sql.schema import outbox
from store.views.writer import connect
from tests.faults.proxy import Proxy
from tests.read_side import own_views
from tests.store.databases import on_sqlite
from tests.support.parking import said
from workers.fleet.sampler import Sampler

pytestmark = pytest.mark.servers

NOW = (time.time() // EVERY_SECONDS + MOST) * EVERY_SECONDS
"""An hour from now: the database itself takes away what is older than an hour, in the middle of a test too."""


@pytest.fixture
def database(servers):
    with own_views(servers.mongo_url) as made:
        LastHour(made).prepare()
        yield made


@pytest.fixture
def hour(database):
    return LastHour(database)


def sample(at, lag=0.5):
    return Sample(at, {"lag": {"a.b": lag}, "outbox": {}, "queues": {"engine.a.b": 2}})


def test_samples_come_in_order_whatever_they_are_called(hour):
    hour.keep([sample(NOW), sample(NOW - 40), sample(NOW - 20, lag=3)])
    assert hour.find(NOW) == [sample(NOW - 40), sample(NOW - 20, lag=3), sample(NOW)]
    assert hour.find(NOW - 20) == [sample(NOW - 40), sample(NOW - 20, lag=3)]


def test_a_second_sampler_adds_nothing(hour):
    hour.keep([sample(NOW)])
    hour.keep([sample(NOW + 1, lag=9), sample(NOW + EVERY_SECONDS)])
    assert hour.find(NOW + EVERY_SECONDS) == [sample(NOW), sample(NOW + EVERY_SECONDS)]


def test_an_hour_is_told_and_the_database_forgets_what_is_older(hour, database):
    hour.keep([sample(NOW - EVERY_SECONDS * number) for number in range(MOST + 50)])
    found = hour.find(NOW)
    assert (len(found), found[0].at) == (MOST, NOW - EVERY_SECONDS * (MOST - 1))
    assert database[COLLECTION].index_information()["age"]["expireAfterSeconds"] == MOST * EVERY_SECONDS


def test_what_does_not_answer_has_no_number_and_the_rest_is_looked_at(servers, tmp_path):
    declare(servers.amqp_url, ("app",))
    database = on_sqlite(f"sqlite:///{tmp_path}/app.db")
    said(Store(database), "a", changes=1)
    with database.transaction() as connection:
        connection.execute(update(outbox).values(created=time.time() - 60))
    stores = ApplicationDatabases(lambda name: f"sqlite:///{tmp_path}/{name}.db", ("app", "gone"))
    found = taken(sources(servers.amqp_url, stores), NOW).numbers
    assert (found["outbox"], list(found["lag"])) == ({"app": 2}, ["app"])
    assert 59 < found["lag"]["app"] < 70
    assert {"taskpool.projector", "engine.app"} <= found["queues"].keys()
    assert "engine.gone" not in found["queues"]
    without_broker = taken(sources("amqp://guest:guest@127.0.0.1:1//", stores), NOW).numbers
    assert (without_broker["outbox"], without_broker["queues"]) == ({"app": 2}, {})
    stores.close()
    database.close()


def test_while_mongodb_is_away_nothing_waits_long_and_nothing_is_lost(servers, database, hour):
    port = urlsplit(servers.mongo_url).port
    with Proxy(port) as proxy, ExitStack() as stack:
        url = servers.mongo_url.replace(f":{port}/", f":{proxy.port}/").replace(
            "replicaSet=rs0", "directConnection=true"
        )
        behind = connect(url, database.name)
        stack.callback(behind.client.close)
        sampler = Sampler(sample, LastHour(behind))
        sampler.look(NOW)
        proxy.drop()
        began = time.monotonic()
        for number in (1, 2):
            sampler.look(NOW + number * EVERY_SECONDS)
        assert time.monotonic() - began < 10
        with pytest.raises(StoreUnavailable):
            LastHour(behind).find(NOW)
        assert hour.find(NOW + 3 * EVERY_SECONDS) == [sample(NOW)]
        proxy.heal()
        sampler.look(NOW + 3 * EVERY_SECONDS)
        assert hour.find(NOW + 3 * EVERY_SECONDS) == [sample(NOW + number * EVERY_SECONDS) for number in range(4)]
