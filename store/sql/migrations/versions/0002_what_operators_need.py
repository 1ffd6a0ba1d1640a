"""what operators need: parked aggregates by id and by reason, what was done about them, timers that fail."""

import re
from hashlib import sha1, sha256
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PARKED = sa.table("parked", *map(sa.column, ("application", "aggregate", "id", "reason", "key", "fingerprint")))


def upgrade() -> None:
    op.add_column("parked", sa.Column("key", sa.String(length=36), server_default="", nullable=False))
    op.add_column("parked", sa.Column("fingerprint", sa.String(length=16), server_default="", nullable=False))
    op.create_index(op.f("ix_parked_key"), "parked", ["key"])
    _fill(op.get_bind())
    op.create_table(
        "unparked",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Float(), nullable=False),
        sa.Column("time", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_unparked")),
    )
    op.create_index(op.f("ix_unparked_key"), "unparked", ["key"])
    op.create_index(
        "ix_outbox_parked",
        "outbox",
        ["key"],
        postgresql_where=sa.text("parked"),
        sqlite_where=sa.text("parked = 1"),
    )
    op.create_index(
        "ix_received_done",
        "received",
        ["time"],
        postgresql_where=sa.text("state = 'done'"),
        sqlite_where=sa.text("state = 'done'"),
    )
    op.add_column("instance", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))


def _fill(connection: sa.Connection) -> None:
    for row in connection.execute(sa.select(_PARKED)).all():
        mine = sa.and_(
            _PARKED.c.application == row.application, _PARKED.c.aggregate == row.aggregate, _PARKED.c.id == row.id
        )
        values = {"key": _opaque(row.application, row.aggregate, row.id), "fingerprint": _fingerprint(row.reason)}
        connection.execute(sa.update(_PARKED).where(mine).values(**values))


# Copies, as these were when the columns came: what a migration does must not change with the program.


def _opaque(*names: str) -> str:
    space = UUID("6f0ce1b4-5f0e-5d0b-9a3c-1f6d2c7a9e10").bytes
    digest = sha1(space + "\x1f".join(names).encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return str(UUID(bytes=digest[:16], version=5))


def _fingerprint(reason: str) -> str:
    varying = re.compile(r"[\w.:/@-]*\d[\w.:/@-]*")
    return sha256(" ".join(varying.sub("#", reason).casefold().split()).encode()).hexdigest()[:12]


def downgrade() -> None:
    with op.batch_alter_table("instance") as batch_op:
        batch_op.drop_column("failures")
    op.drop_index("ix_received_done", "received")
    op.drop_index("ix_outbox_parked", "outbox")
    op.drop_table("unparked")
    op.drop_index(op.f("ix_parked_key"), "parked")
    with op.batch_alter_table("parked") as batch_op:
        batch_op.drop_column("fingerprint")
        batch_op.drop_column("key")
