"""A disk that is full: nothing half-written, a failure that is tried again, and all as usual when there is room."""

import pytest
from sqlalchemy import text

from domain.errors import StoreUnavailable
from tests.faults.checker import drift
from tests.faults.path import WholePath
from tests.faults.surroundings import small_disk

pytestmark = [pytest.mark.servers, pytest.mark.faults]
LARGE = "x" * 50_000


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("this user may not mount a file system")
        yield disk


@pytest.fixture
def path(servers, disk):
    made = WholePath(servers, disk.folder)
    yield made
    made.close()


def start(path):
    with path.application.unit_of_work() as work:
        return work.engine.start("approve_request", {"subject": LARGE}, None, "requester1")


def test_a_store_on_a_full_disk_writes_nothing_by_half_and_goes_on_when_there_is_room(path, disk):
    start(path)
    assert disk.fill()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            start(path)
    disk.heal()
    start(path)
    path.publish()
    path.project()
    assert drift(path.database, "approval", path.views) == []
    assert path.views.task.count_documents({"state": "open"}) == 2


def test_a_command_on_a_full_disk_is_tried_again_and_neither_refused_nor_failed(path, disk):
    start(path)
    with path.database.reading() as connection:
        task = connection.scalar(text("SELECT id FROM aggregate WHERE aggregate = 'task'"))
    path.executor.carry_out(path.request("claim", task))
    request = path.request("complete", task, variables={"decision": "RETURN", "comment": LARGE})
    assert disk.fill()
    with pytest.raises(StoreUnavailable):
        path.executor.carry_out(request)
    disk.heal()
    path.executor.carry_out(request)
    path.publish()
    path.project()
    assert drift(path.database, "approval", path.views) == []
    assert path.views["command"].find_one({"commandId": request.command_id})["status"] == "accepted"


def test_a_publisher_on_a_full_disk_parks_nothing_and_repeats_what_it_could_not_forget(path, disk):
    for _ in range(3):
        start(path)
    assert disk.fill()
    path.publish(1.0)
    disk.heal()
    path.publish()
    path.project()
    assert path.violations() == set()


def test_a_sqlite_file_that_may_not_grow_is_a_store_that_is_away(path):
    with path.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    path.database.close()
    _limit(path.database, pages + 3)
    with pytest.raises(StoreUnavailable):
        start(path)
    _limit(path.database, 2**30)
    start(path)
    path.publish()
    path.project()
    assert path.violations() == set()


def _limit(database, pages):
    """On every connection the pool may hand out: the limit belongs to a connection."""
    held = [database.engine.raw_connection() for _ in range(8)]
    for connection in held:
        connection.cursor().execute(f"PRAGMA max_page_count = {pages}")
    for connection in held:
        connection.close()
