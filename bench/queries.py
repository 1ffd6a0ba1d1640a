"""`queries`: what people ask of the lists at 10⁴, 10⁵ and 10⁶ tasks, with three times as many data entries.

Times of the database calls of one question, in milliseconds: the 50th and the 95th of a hundred, over users of every
group. Beside them the same number of tasks read by their ids, which no list can be quicker than. Then the same over
HTTP, beside the question who one is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from multiprocessing import get_context
from time import perf_counter
from typing import Any, cast

from werkzeug.security import generate_password_hash

from bench.harness import Result, percentile
from bench.http import Client
from domain.access import User
from domain.errors import TooBroad
from domain.query.sort import parse_sort
from domain.query.task_query import FACETS, Scope, TaskQuery
from settings import Settings
from store.lists.pages import Place
from store.lists.task_list import Documents, TaskList
from store.views.demo import put
from store.views.indexes import indexes
from store.views.writer import Views, connect
from tasks.operate.demo_load import ENTRIES_PER_TASK, GROUPS, events, group, member, with_entry
from tests.system.running import RunningSystem, temporary_home
from webapp.api.grammar import parse_filter
from webapp.api.listing import words
from workers.system.record import free_port

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 100
DATABASE = "bench_queries"
NOW = "2026-12-01T00:00:00.000Z"
BOSS = User("boss", ("admins",))

Asked = Mapping[str, str]
Question = Callable[[int], Asked]


def run(settings: Settings) -> list[Result]:
    """A line per question, who asks it, and size."""
    results: list[Result] = []
    for before, size in zip((0, *SIZES), SIZES, strict=False):
        fill(settings.mongo_url, before, size)
        database = connect(settings.mongo_url, DATABASE)
        results += measure(database, size)
        results.append(_disk(database, size))
        database.client.close()
        results += over_http(settings, size)
    return results


def fill(mongo_url: str, before: int, size: int) -> None:
    """From so many tasks to so many, without the indexes meanwhile."""
    database = connect(mongo_url, DATABASE)
    for name in ("task", "data_entry"):
        database[name].drop_indexes()
    print(f"  {size:,} tasks …", file=sys.stderr)
    halves = [(mongo_url, range(before + part, size, 2)) for part in range(2)]
    with get_context("spawn").Pool(2) as pool:
        pool.starmap(_put, halves)
    Views(database).prepare(indexes())
    database.client.close()


def _put(mongo_url: str, numbers: range) -> None:
    database = connect(mongo_url, DATABASE)
    for _ in put(database, ((one, ()) for number in numbers for one in _entries_of(number))):
        pass
    for _ in put(database, (one for number in numbers for one in with_entry(range(number, number + 1)))):
        pass
    database.client.close()


def _entries_of(number: int) -> Iterator[Any]:
    return events("data_entry", range(number * ENTRIES_PER_TASK, (number + 1) * ENTRIES_PER_TASK))


def measure(database: Documents, size: int) -> list[Result]:
    """All questions at this size; what takes too long shows the time after which it was given up."""
    tasks = TaskList(database)
    ids = [one["_id"] for one in database["task"].find({}, {"_id": 1}, limit=50 * ROUNDS)]
    raw = [_timed(_reading(database, ids[number * 50 : number * 50 + 50])) for number in range(ROUNDS)]
    results = []
    for name, ask in _questions(size).items():
        for who, users in {"person": _person, "operator": lambda _: BOSS}.items():
            times = [_timed(_asking(tasks, users(number), ask(number))) for number in range(ROUNDS)]
            results.append(_result(f"queries {size} {who} {name}", times, raw))
    for who, users in {"person": _person, "operator": lambda _: BOSS}.items():
        counted = [_timed(_counting(tasks, TaskQuery(users(number), NOW))) for number in range(ROUNDS // 5)]
        results.append(_result(f"queries {size} {who} counts and facets", counted, raw))
    return results


def _questions(size: int) -> Mapping[str, Question]:
    """By name, the parameters of the list for the round of that number."""

    def number_of(n: int) -> str:
        return f"N{n * 7919 * ENTRIES_PER_TASK % (size * ENTRIES_PER_TASK):08}"

    return {
        "first page": lambda _: {},
        "mine": lambda _: {"scope": "mine"},
        "by name": lambda _: {"sort": "name"},
        "newest": lambda _: {"sort": "-createTime"},
        "by due date": lambda _: {"sort": "dueDate"},
        "business key": lambda n: {"filter": f"task.businessKey = K-{n * 7919 % size:07}"},
        "name contains": lambda _: {"filter": "task.name ~ voi"},
        "q rare": lambda n: {"q": number_of(n)},
        "q common": lambda _: {"q": "invoice"},
        "payload selective": lambda n: {"filter": f"customer.name = Ada {n * 97 % 9973}"},
        "payload common": lambda _: {"filter": "customer.city = Wien"},
        "entry": lambda n: {"filter": f"number = {number_of(n)}"},
    }


def _person(number: int) -> User:
    return User(member(number, number * 7), (group(number % GROUPS),))


def _reading(database: Documents, ids: list[str]) -> Callable[[], object]:
    return lambda: list(database["task"].find({"_id": {"$in": ids}}))


def _asking(tasks: TaskList, user: User, asked: Asked) -> Callable[[], object]:
    tests = tuple(parse_filter(text) for text in (asked.get("filter"),) if text)
    query = TaskQuery(user, NOW, cast("Scope", asked.get("scope", "visible")), tests, words(asked.get("q", "")))
    return lambda: tasks.find(query, parse_sort(asked.get("sort")), Place(size=50))


def over_http(settings: Settings, size: int) -> Iterator[Result]:
    """The same questions, asked of a whole system whose views these are, by people who keep a connection."""
    with temporary_home() as home:
        people = {user.name: user for user in (BOSS, *(_person(number) for number in range(GROUPS)))}
        listed = {
            name: {"password": generate_password_hash(name), "groups": user.groups} for name, user in people.items()
        }
        file = home / "users.json"
        file.write_text(json.dumps({"users": listed}))
        views = {"TASKPOOL_MONGO_URL": settings.mongo_url, "TASKPOOL_MONGO_DATABASE": DATABASE}
        system = RunningSystem(home, free_port(), TASKPOOL_USERS=str(file), **views)
        system.up()
        try:
            clients = {name: Client(system.url, name) for name in people}
            for client in clients.values():
                client.get("/api/v1/me")
            floor = [_timed(lambda: clients[BOSS.name].get("/api/v1/me")) for _ in range(ROUNDS)]
            for name, ask in _questions(size).items():
                for who, users in {"person": _person, "operator": lambda _: BOSS}.items():
                    times = [
                        _timed(_getting(clients[users(number % GROUPS).name], ask(number))) for number in range(ROUNDS)
                    ]
                    yield _result(f"queries {size} http {who} {name}", times, floor)
        finally:
            system.down()


def _getting(client: Client, asked: Asked) -> Callable[[], object]:
    def ask() -> object:
        # What is too broad is refused after two seconds.
        with suppress(AssertionError):
            return client.get("/api/v1/tasks", size=50, **asked)
        return None

    return ask


def _counting(tasks: TaskList, query: TaskQuery) -> Callable[[], object]:
    return lambda: (tasks.counts(query), tasks.facets(query, FACETS))


def _timed(ask: Callable[[], object]) -> float:
    started = perf_counter()
    with suppress(TooBroad):
        ask()
    return (perf_counter() - started) * 1000


def _result(name: str, times: list[float], raw: list[float]) -> Result:
    late, base = percentile(times, 0.95), percentile(raw, 0.95)
    spread = f"p50 {percentile(times, 0.5):.1f} / {percentile(raw, 0.5):.1f}"
    return Result(name, round(late, 1), round(base, 1), round(late / base, 2), "ms p95", len(times), spread)


def _disk(database: Documents, size: int) -> Result:
    """Bytes of a task on disk, and of the indexes beside it."""
    found = database.command("collStats", "task")
    indexed, stored = found["totalIndexSize"] / size, found["storageSize"] / size
    return Result(
        f"queries {size} bytes per task", round(indexed), round(stored), round(indexed / stored, 2), "bytes", 1
    )
