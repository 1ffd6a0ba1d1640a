"""One application's SQL database: connections that behave the same on SQLite and PostgreSQL, and its migrations."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import random
from threading import Lock
from time import monotonic, sleep, time
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool

from domain.errors import InvalidValue, StoreUnavailable
from store.sql.errors import ConcurrentUpdate

LOCK_SECONDS = 10.0
_UNREACHABLE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""For PostgreSQL: without them a server that falls silent, its machine gone, would be waited for without end."""
_LOOK_AGAIN_SECONDS = 0.001
_WRITE_NEXT = "taskpool_write_next"
_LOCK_SECONDS = "taskpool_lock_seconds"
_READS = "taskpool_reads"


class Database:
    """Opens transactions; SQLite gets WAL, full durability and one writer at a time, PostgreSQL its own schema.

    Nobody waits longer than `lock_seconds` for what another transaction holds.
    """

    def __init__(self, url: str, application: str, lock_seconds: float = LOCK_SECONDS) -> None:
        self.application = application
        if url.startswith("sqlite"):
            self.engine = _sqlite(url, lock_seconds)
        else:
            self.engine = _postgresql(url, application, lock_seconds)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction, committed when the block ends; raises `StoreUnavailable` and `ConcurrentUpdate`."""
        with translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, and holds up nobody who writes; raises `StoreUnavailable`."""
        with translated(), self.engine.connect() as connection:
            yield connection.execution_options(**{_READS: True})

    def migrate(self) -> None:
        """Bring the schema up to date, creating it where there is none."""
        if not self.is_sqlite:
            with translated(), self.engine.begin() as connection:
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema_name(self.application)}"'))
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with translated(), self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def clock(connection: Connection) -> float:
    """Seconds since 1970 by the one clock that leases taken on several machines are judged by."""
    if connection.dialect.name == "sqlite":
        return time()
    return float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0.0)


def schema_name(application: str) -> str:
    """`taskpool_` and the application, reduced to what needs no escaping."""
    return "taskpool_" + re.sub(r"[^a-z0-9_]", "_", application.lower())


@contextmanager
def translated() -> Iterator[None]:
    """Turn driver errors into ours, so that nobody above sees a driver's class; `InvalidValue`: no column takes it."""
    try:
        yield
    except IntegrityError as error:
        raise ConcurrentUpdate(str(error.orig)) from error
    except OperationalError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in ("40001", "40P01", "55P03"):
            raise ConcurrentUpdate(str(error.orig)) from error
        raise StoreUnavailable(str(error.orig)) from error
    except DataError as error:
        # A NUL, or more than a column takes: it would be the same with every try, and is nobody else's trouble.
        raise InvalidValue(str(error.orig).partition("\n")[0]) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(str(error.orig)) from error
        raise


def _sqlite(url: str, lock_seconds: float) -> Engine:
    in_memory = make_url(url).database in (None, "", ":memory:")
    if not in_memory:
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": 8, "max_overflow": 8}
    engine = create_engine(
        url,
        connect_args={"timeout": lock_seconds, "check_same_thread": False},
        execution_options={_WRITE_NEXT: Lock(), _LOCK_SECONDS: lock_seconds},
        **options,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions on its own: it would begin them deferred, and two readers would both write.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that turns to writing after another has written fails at once, however long it would wait.
    if connection.get_execution_options().get(_READS, False):
        connection.exec_driver_sql("BEGIN")
        return
    options, raw = connection.get_execution_options(), connection.connection.driver_connection
    deadline = monotonic() + options[_LOCK_SECONDS]
    # SQLite itself looks again after 1, 2, 5, … 100 ms: whoever has waited long waits ever longer beside a free lock.
    # One thread of a process looks, the others wait for it.
    with options[_WRITE_NEXT]:
        while not _is_mine(raw, options[_LOCK_SECONDS]):
            if monotonic() > deadline:
                raise StoreUnavailable(f"database is locked: not free in {options[_LOCK_SECONDS]:.1f} s")
            sleep(_LOOK_AGAIN_SECONDS * (0.5 + random()))  # noqa: S311 - so that those who wait do not keep step
    if not raw.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_mine(raw: Any, lock_seconds: float) -> bool:
    raw.execute("PRAGMA busy_timeout=0")
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode != sqlite3.SQLITE_BUSY
    finally:
        raw.execute(f"PRAGMA busy_timeout={int(lock_seconds * 1000)}")
    return True


def _postgresql(url: str, application: str, lock_seconds: float) -> Engine:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    waits = f"-clock_timeout={int(lock_seconds * 1000)}ms -cidle_in_transaction_session_timeout=60s"
    options = f"-csearch_path={schema_name(application)} {waits}"
    connect = {"options": options, **_UNREACHABLE}
    return create_engine(parsed, connect_args=connect, pool_size=8, max_overflow=8, pool_pre_ping=False)
