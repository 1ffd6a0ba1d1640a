"""The log read in order: whole, in bounded pages, and nothing skipped that commits late."""

import threading

import pytest
from sqlalchemy import text

from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import StoreUnavailable
from domain.identity import Key
from store.events import log_reader
from store.events.log_reader import LogCursor, LogReader, Selection
from tests.store.databases import each_database, rows


def say(work, name, application="app"):
    work.collect(Key(application, "task", name), CreateTask(UserTask(name, application)))


def write(store, *names, application="app"):
    with store.begin() as work:
        for name in names:
            say(work, name, application)


def names(events):
    return [event.aggregate_id for event in events]


@each_database
def test_pages_are_bounded_and_together_are_the_log(store, monkeypatch):
    write(store, *"abcdefg")
    reader = LogReader(store.database, rows=3)
    assert [names(page) for page in reader.pages()] == [["a", "b", "c"], ["d", "e", "f"], ["g"]]
    assert reader.count() == 7
    monkeypatch.setattr(log_reader, "PAGE_BYTES", 1)
    assert [names(page) for page in reader.pages()] == [[name] for name in "abcdefg"]


@each_database
def test_reading_goes_on_where_it_was_left(store):
    write(store, *"abc")
    (page,) = LogReader(store.database).pages()
    write(store, "d")
    with store.begin() as work:
        work.collect(Key("app", "task", "a"), AssignTask("ann"))
    (later,) = LogReader(store.database).pages(page[-1].cursor)
    assert [event.routing_key for event in later] == ["task.created.app", "task.assigned.app"]


@each_database
def test_a_selection_names_application_kind_and_first_position(store):
    write(store, "a")
    write(store, "b", application="other")
    write(store, "c")
    newest = rows(store, "SELECT max(position) FROM event")[0][0]

    def selected(**wanted):
        return [name for page in LogReader(store.database, Selection(**wanted)).pages() for name in names(page)]

    assert selected(application="app") == ["a", "c"]
    assert selected(application="other", aggregates=["task"]) == ["b"]
    assert selected(aggregates=["process_instance"]) == []
    assert selected(from_position=newest) == ["c"]


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_what_commits_late_is_not_skipped_as_a_cursor_of_positions_would(store):
    reader = LogReader(store.database)
    with store.begin() as slow:
        say(slow, "early")
        slow.decide_and_write()
        write(store, "late")
        by_position = rows(store, "SELECT aggregate_id, position FROM event ORDER BY position")
        assert [name for name, _ in by_position] == ["late"], "what a reader by position now has seen"
        assert reader.page(LogCursor()) == [], "the other is still being written"
    skipped = rows(store, f"SELECT aggregate_id FROM event WHERE position > {by_position[-1][1]}")
    assert skipped == [], "a reader by position would never see it"
    assert names(reader.page(LogCursor())) == ["early", "late"]


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_pages_wait_for_what_was_begun_before_them(store):
    with store.begin() as slow:
        say(slow, "slow")
        slow.decide_and_write()
        write(store, "quick")
        with pytest.raises(StoreUnavailable):
            list(LogReader(store.database).pages(patience=0.1))
        read = []
        reading = threading.Thread(target=lambda: read.extend(LogReader(store.database).pages()))
        reading.start()
        reading.join(0.3)
        assert reading.is_alive()
    reading.join(10)
    assert [name for page in read for name in names(page)] == ["slow", "quick"]


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_nothing_is_skipped_under_many_writers(store):
    def work(writer):
        for number in range(40):
            write(store, f"{writer}.{number}")

    writers = [threading.Thread(target=work, args=(writer,)) for writer in range(6)]
    for writer in writers:
        writer.start()
    seen, cursor = [], LogCursor()
    while any(writer.is_alive() for writer in writers):
        page = LogReader(store.database, rows=7).page(cursor)
        seen += names(page)
        cursor = page[-1].cursor if page else cursor
    seen += [name for page in LogReader(store.database).pages(cursor) for name in names(page)]
    assert sorted(seen) == sorted(f"{writer}.{number}" for writer in range(6) for number in range(40))
    with store.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM event")).scalar_one() == len(seen)
