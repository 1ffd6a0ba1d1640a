"""Many rows in one statement: as they were given, in their order, refused whole when one of them does not fit."""

import pytest
from sqlalchemy import select

from domain.errors import InvalidValue
from store.sql.bulk import insert_all, one_of
from store.sql.schema import inbox, received
from tests.store.databases import each_database

TEXTS = ["", "plain", 'quo"ted', "back\\slash", "new\nline", "{curly,NULL}", "ü€😀", "\\u0000", "NULL"]


def row(number, name, problem=None):
    given = {"application": "app", "record_id": f"r{number}", "subject": name, "body": name, "time": 1 / 3}
    return given | {"state": "new", "problem": problem}


@each_database
def test_rows_come_back_as_they_were_given(database):
    given = [row(number, text, None if number % 2 else text) for number, text in enumerate(TEXTS)]
    with database.transaction() as connection:
        insert_all(connection, received, given)
        found = connection.execute(select(received).order_by(received.c.position)).mappings().all()
    assert [{name: one[name] for name in given[0]} for one in found] == given


@each_database
def test_positions_rise_in_the_order_given(database):
    with database.transaction() as connection:
        returned = insert_all(connection, received, [row(n, "x") for n in range(2500)], ("record_id", "position"))
    positions = {one.record_id: one.position for one in returned}
    assert [f"r{n}" for n in range(2500)] == sorted(positions, key=positions.__getitem__)


@each_database
def test_nothing_is_inserted_when_there_is_nothing(database):
    with database.transaction() as connection:
        assert insert_all(connection, received, [], ("position",)) == []


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_what_is_too_long_for_its_column_is_refused_and_not_cut(database):
    with pytest.raises(InvalidValue, match="too long"), database.transaction() as connection:
        insert_all(connection, received, [row(1, "x"), row(2, "x" * 1001)])


@each_database
def test_values_are_found_whatever_they_are_made_of(database):
    rows = [{"consumer": "c", "message_id": text, "received": float(n)} for n, text in enumerate(TEXTS)]
    with database.transaction() as connection:
        insert_all(connection, inbox, rows)
        for text in TEXTS:
            mine = one_of(connection.dialect, inbox.c.message_id, [text, "absent" * 20])
            assert list(connection.scalars(select(inbox.c.message_id).where(mine))) == [text]
        none = one_of(connection.dialect, inbox.c.message_id, [])
        assert list(connection.scalars(select(inbox.c.message_id).where(none))) == []


@each_database
def test_no_value_is_cut_to_the_length_of_its_column(database):
    with database.transaction() as connection:
        insert_all(connection, inbox, [{"consumer": "c", "message_id": "x" * 80, "received": 0.0}])
        longer = one_of(connection.dialect, inbox.c.message_id, ["x" * 81])
        assert list(connection.scalars(select(inbox.c.message_id).where(longer))) == []
