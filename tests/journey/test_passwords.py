"""Our own servers let nobody in without a password, and everybody in to do only their own work."""

import pytest
import redis
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from settings import PROJECTOR_USER, WEB_USER
from store.views.indexes import indexes
from store.views.writer import Views, connect

pytestmark = pytest.mark.servers

FORBIDDEN = 13


@pytest.fixture
def as_user(running_system):
    settings, opened = running_system.settings, []

    def connected(user):
        opened.append(connect(settings.views_url(user), settings.mongo_database))
        return opened[-1]

    yield connected
    for database in opened:
        database.client.close()


def refused(act):
    with pytest.raises(OperationFailure) as raised:
        act()
    return raised.value.code


def test_without_a_password_nothing_is_shown(running_system):
    port = int(running_system.settings.mongo_url.rpartition(":")[2].partition("/")[0])
    with MongoClient("127.0.0.1", port, directConnection=True) as stranger:
        assert refused(stranger.taskpool.task.find_one) == FORBIDDEN
        assert refused(stranger.list_database_names) == FORBIDDEN
        first = {"createUser": "me", "pwd": "me", "roles": ["root"]}
        assert refused(lambda: stranger.admin.command(first)) == FORBIDDEN
    cache = running_system.settings.redis_url
    with (
        redis.Redis.from_url(f"redis://{cache.rpartition('@')[2]}") as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.get("x")


def test_the_web_reads_and_keeps_its_commands_and_sessions_and_changes_no_structure(as_user):
    views = as_user(WEB_USER)
    views.task.find_one()
    views.session.insert_one({"_id": "test"})
    views.session.delete_one({"_id": "test"})
    for act in (
        views.task.drop,
        lambda: views.task.create_index("x"),
        lambda: views.command("collMod", "task", changeStreamPreAndPostImages={"enabled": False}),
        views.client["another"].task.find_one,
        lambda: views.client.admin.command("usersInfo"),
    ):
        assert refused(act) == FORBIDDEN


def test_the_projector_keeps_the_views_and_nothing_else(as_user):
    views = as_user(PROJECTOR_USER)
    Views(views).prepare(indexes())
    assert refused(views.client["another"].task.find_one) == FORBIDDEN
    assert refused(lambda: views.client.admin.command("createUser", "me", pwd="me", roles=["root"])) == FORBIDDEN
