"""What operators decided is read by an index, in the order of time, in every database."""

from sqlalchemy import event as listener
from sqlalchemy import insert, text

from domain.acts import Wanted
from store.engine.decided import decided
from store.outbox.let_go import let_go
from store.sql.schema import incident, unparked
from tests.store.databases import each_database

WANTED = Wanted(begin="1970-01-01T00:00:00.000Z", end="1970-01-01T01:00:00.000Z")


def fill(connection):
    made = {"application": "app", "instance_id": "i", "definition_id": "p:1", "kind": "timer", "problem": "{}"}
    rows = [
        {**made, "incident_id": f"d{n:04}", "tries": 5, "created": 0.0, "state": "retried", "closed": float(n // 3)}
        | {"operator": "ann" if n % 10 == 0 else None}
        for n in range(3000)
    ]
    connection.execute(insert(incident), rows)
    done = {"key": "k", "position": 1, "reason": "r", "action": "retried", "operator": "ann", "first_seen": 0.0}
    connection.execute(insert(unparked), [{**done, "time": float(n // 3)} for n in range(3000)])


@each_database
def test_they_come_newest_first_and_go_on_behind_a_place(database):
    for read, count in ((decided, 300), (let_go, 3000)):
        with database.transaction() as connection:
            if read is decided:
                fill(connection)
            acts, place = [], None
            while page := read(connection, WANTED, place, 77):
                acts += page
                place = page[-1].place
            whole = read(connection, Wanted("ann", end="1971-01-01T00:00:00.000Z"), None, 5000)
        assert acts == whole
        assert len({act.id for act in acts}) == len(acts) == count
        assert [act.place for act in acts] == sorted((act.place for act in acts), reverse=True)


@each_database
def test_an_index_answers(database):
    plans, explain = [], "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"

    def ask(_connection, cursor, statement, parameters, *_more):
        cursor.execute(f"{explain} {statement}", parameters)
        plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))

    with database.engine.begin() as connection:
        fill(connection)
        if not database.is_sqlite:
            connection.execute(text("ANALYZE"))
        listener.listen(connection, "before_cursor_execute", ask)
        for read in (decided, let_go):
            read(connection, WANTED, (900.0, "x" if read is decided else 1), 20)
    for plan, index in zip(plans, ("ix_incident_decided", "ix_unparked_time"), strict=True):
        assert index in plan, plan
        assert "TEMP B-TREE" not in plan
