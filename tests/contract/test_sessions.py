"""Sessions: the twin in memory and a real MongoDB begin, keep and end them alike."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from store.identity.sessions import Lifetime, MemorySessions, MongoSessions, Session
from store.views.writer import connect

pytestmark = pytest.mark.servers

LIFETIME = Lifetime(timedelta(hours=12), timedelta(days=7))
ANN, BOB = Session("ann", "p1"), Session("bob", "p2")


class Clock:
    def __init__(self):
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self):
        return self.now

    def passes(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", "mongodb"])
def sessions(request, clock):
    if request.param == "memory":
        yield MemorySessions(LIFETIME, clock)
        return
    servers = request.getfixturevalue("servers")
    database = connect(servers.mongo_url, f"t{uuid4().hex}")
    opened = MongoSessions(database, LIFETIME, clock)
    # Not prepared: the index by end would have the database forget sessions of a clock that is behind.
    yield opened
    database.client.drop_database(database.name)
    database.client.close()


def test_a_token_finds_its_session_and_nothing_else_does(sessions):
    ann, bob = sessions.begin(ANN), sessions.begin(BOB)
    assert ann != bob
    assert len(ann) > 40
    assert (sessions.find(ann, used=True), sessions.find(bob, used=False)) == (ANN, BOB)
    assert [sessions.find(other, used=True) for other in ("", "nothing", "\ud800", ann[:-1])] == [None] * 4


def test_ending_all_of_somebody_ends_nobody_elses(sessions):
    anns, bob = [sessions.begin(ANN), sessions.begin(ANN)], sessions.begin(BOB)
    sessions.end_all_of("ann")
    assert [sessions.find(token, used=True) for token in (*anns, bob)] == [None, None, BOB]


def test_who_is_signed_in_is_told_page_by_page_and_can_be_ended(sessions, clock):
    tokens = []
    for whose in (ANN, BOB, ANN, BOB):
        tokens.append(sessions.begin(whose))
        clock.passes(minutes=10)
    sessions.begin(ANN)
    clock.passes(minutes=6)
    assert sessions.find(tokens[0], used=True) == ANN
    found = sessions.signed_in(10)
    assert [one.session for one in found] == [ANN, ANN, BOB, ANN, BOB]
    assert (found[0].since, found[0].seen) == ("2026-01-01T00:00:00.000Z", "2026-01-01T00:46:00.000Z")
    assert not any(token in str(found) for token in tokens)
    pages, after = [], None
    while page := sessions.signed_in(2, after=after):
        pages += page
        after = (page[-1].seen, page[-1].id)
    assert pages == found
    assert {one.session for one in sessions.signed_in(10, "bob")} == {BOB}
    assert sessions.end(found[0].id) == found[0]
    assert sessions.find(tokens[0], used=True) is None
    assert sessions.find(tokens[1], used=True) == BOB
    assert [sessions.end(gone) for gone in (found[0].id, "nothing", tokens[1])] == [None] * 3
    assert sorted(one.id for one in sessions.signed_in(10)) == sorted(one.id for one in found[1:])
    clock.passes(hours=12)
    over = found[2].id
    assert (len(sessions.signed_in(10)), sessions.end(over)) == (0, None)


def test_those_seen_at_the_same_moment_have_an_order(sessions):
    for _ in range(5):
        sessions.begin(ANN)
    found = sessions.signed_in(10)
    assert [one.id for one in found] == sorted(one.id for one in found)
    assert sessions.signed_in(10, after=(found[1].seen, found[1].id)) == found[2:]


def test_it_ends_when_nothing_is_done(sessions, clock):
    token = sessions.begin(ANN)
    clock.passes(hours=11)
    assert sessions.find(token, used=False) == ANN
    clock.passes(hours=1)
    assert sessions.find(token, used=True) is None


def test_whatever_is_done_it_ends_after_a_week(sessions, clock):
    token = sessions.begin(ANN)
    for _ in range(7 * 24 // 11):
        clock.passes(hours=11)
        assert sessions.find(token, used=True) == ANN
    clock.passes(hours=7 * 24 - 7 * 24 // 11 * 11)
    assert sessions.find(token, used=True) is None


def test_the_database_forgets_what_is_over(servers):
    database = connect(servers.mongo_url, f"t{uuid4().hex}")
    opened = MongoSessions(database, LIFETIME)
    opened.prepare()
    opened.prepare()
    token = opened.begin(ANN)
    [kept] = database["session"].find()
    assert token not in str(kept)
    assert database["session"].index_information()["ends"]["expireAfterSeconds"] == 0
    database.client.drop_database(database.name)
    database.client.close()
