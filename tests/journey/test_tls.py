"""Servers elsewhere are spoken to over TLS: a whole system on four of them, and certificates that are not believed."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, contextmanager

import httpx
import psycopg
import pytest
from kombu import Connection
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from sqlalchemy import make_url

from domain.errors import Transient
from store.health.checks import broker_answers, mongodb_answers, redis_answers, sql_answers
from store.messaging.broker import broker_options
from store.sql.database import Database
from store.views.writer import connect
from tests.system.running import RunningSystem, temporary_home
from tests.system.tls import PASSWORD, SERVERS, Authority, serving
from workers.system.record import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


def patiently(act, seconds=60):
    """A server that has just been started refuses for a while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def port_of(url):
    return int(url.rpartition("@")[2].partition("/")[0].rpartition(":")[2])


def of_kombu(url):
    with Connection(url, connect_timeout=3, **broker_options(url)) as connection:
        connection.connect()


def of_pika(url):
    broker_answers(url)


def of_mongodb(url):
    database = connect(url, "taskpool")
    try:
        mongodb_answers(database)
    finally:
        database.client.close()


def of_sql(url):
    database = Database(url, "tls")
    try:
        sql_answers(lambda: database)
    finally:
        database.close()


ASKS = [
    ("TASKPOOL_AMQP_URL", of_kombu),
    ("TASKPOOL_AMQP_URL", of_pika),
    ("TASKPOOL_MONGO_URL", of_mongodb),
    ("TASKPOOL_REDIS_URL", redis_answers),
    ("TASKPOOL_SQL_URL", of_sql),
]
PREPARED = {"TASKPOOL_MONGO_URL": "prepare_mongodb", "TASKPOOL_SQL_URL": "prepare_sql"}


def prepare_mongodb(url, authority):
    node = url.partition("@")[2].partition("/")[0]
    with MongoClient(
        f"mongodb://{node}",
        directConnection=True,
        tls=True,
        tlsCAFile=str(authority.file),
        tlsAllowInvalidHostnames=True,
    ) as client:
        members = [{"_id": 0, "host": node}]
        patiently(lambda: client.admin.command("replSetInitiate", {"_id": "rs0", "members": members}))
        patiently(lambda: client.admin.command("createUser", "operator", pwd=PASSWORD, roles=["root"]))


def prepare_sql(url, authority):
    parts = make_url(url).set(drivername="postgresql", database="postgres")
    parts = parts.update_query_dict({"sslmode": "verify-ca", "sslrootcert": str(authority.file)})

    def create():
        with psycopg.connect(parts.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute("create database taskpool")

    patiently(create)


@contextmanager
def prepared(setting, home, authority, address="127.0.0.1"):
    with serving(setting, home, authority, address) as url:
        if setting in PREPARED:
            globals()[PREPARED[setting]](url, authority)
        yield url


def test_a_whole_system_on_servers_that_speak_tls_only():
    with temporary_home() as home, ExitStack() as servers:
        home.chmod(0o711)
        authority = Authority(home / "authority")
        urls = {
            setting: servers.enter_context(prepared(setting, home / setting.lower(), authority)) for setting in SERVERS
        }
        system = RunningSystem(home / "system", free_port(), SSL_CERT_FILE=str(authority.file), **urls)
        try:
            system.up()
            assert system.settings.own_servers == ()
            assert all(line["healthy"] for line in system.status()["processes"])
            with httpx.Client(base_url=f"{system.url}/api/v1", timeout=70) as client:
                path = "/process-definitions/approval/approve_request/start"
                sent = {"variables": {"subject": "a chair", "amount": 9}}
                answer = client.post(path, json=sent, auth=("requester1", "requester1"))
                assert answer.status_code == 201
                [task] = client.get("/tasks", auth=("approver1", "approver1")).json()["items"]
                assert client.post(f"/tasks/{task['id']}/claim", auth=("approver1", "approver1")).status_code == 200
        finally:
            system.down()


@pytest.mark.parametrize(("setting", "ask"), ASKS, ids=lambda one: getattr(one, "__name__", one))
def test_a_certificate_is_believed_from_who_is_trusted_and_for_its_own_address(setting, ask, monkeypatch):
    with temporary_home() as home:
        home.chmod(0o711)
        trusted, stranger = Authority(home / "trusted"), Authority(home / "stranger")
        with prepared(setting, home / "good", trusted) as url:
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
            patiently(lambda: ask(url))
            monkeypatch.setenv("SSL_CERT_FILE", str(stranger.file))
            with pytest.raises((Transient, OSError, PyMongoError)):
                ask(url)
        with prepared(setting, home / "another", trusted, "10.9.9.9") as url:
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
            patiently(lambda: socket.create_connection(("127.0.0.1", port_of(url)), timeout=2).close())
            with pytest.raises((Transient, OSError, PyMongoError)):
                ask(url)
