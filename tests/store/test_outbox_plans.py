"""What a publisher asks costs as much as its window, however much waits behind it."""

import pytest
from sqlalchemy import event as listener
from sqlalchemy import text

from store.outbox.lanes import Leases
from store.outbox.outbox import Outbox
from tests.store.databases import each_database

FILL = """INSERT INTO outbox (position, lane, key, size, parked, created)
SELECT n, n % 64, md5((n / 4)::text)::uuid, 1000, n % 3 = 0, 0 FROM generate_series(1, 90000) n"""
LOG = """INSERT INTO event (position, event_id, application, aggregate, aggregate_id, generation, revision, routing_key,
body) SELECT n, gen_random_uuid(), 'app', 'task', n / 4, 1, n % 4 + 1, 'task.created.app', repeat('x', 1000)
FROM generate_series(1, 90000) n"""


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_window_is_read_and_deleted_without_reading_what_waits_behind_it(database):
    with database.transaction() as connection:
        for statement in (FILL, LOG, "ANALYZE"):
            connection.execute(text(statement))
    leases, touched = Leases(database, "p#1"), []
    leases.refresh()

    def explain(_connection, cursor, statement, parameters, *_more):
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        touched.append(_rows_touched(cursor.fetchone()[0][0]["Plan"]))
        cursor.execute(statement, parameters)

    with database.engine.begin() as connection:
        outbox = Outbox(connection, leases.held)
        window = outbox.due()
        listener.listen(connection, "before_cursor_execute", explain)
        again = outbox.due()
        outbox.delete(window)
    assert window == again
    assert len(window) == 1000
    assert len(touched) == 2
    assert max(touched) < 5000, touched


def _rows_touched(node):
    mine = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    return max([mine, *(_rows_touched(inner) for inner in node.get("Plans", ()))])


@each_database
def test_the_next_window_is_read_from_the_index_of_what_is_due(database):
    if not database.is_sqlite:
        pytest.skip("above, with figures")
    asked = []
    with database.transaction() as connection:
        listener.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        Outbox(connection, dict.fromkeys(range(64), 1)).due()
        statement, values = asked[0]
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert "SCAN outbox USING INDEX ix_outbox_due" in plan, plan
