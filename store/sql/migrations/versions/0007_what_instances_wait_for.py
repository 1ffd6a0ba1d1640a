"""what instances wait for, called processes, what starts processes, decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("instance", sa.Column("root_id", sa.String(80)))
    op.create_index("ix_instance_root_id", "instance", ["root_id"])
    op.create_table(
        "wait",
        sa.Column("number", serial, primary_key=True),
        sa.Column("application", sa.String(200), nullable=False),
        sa.Column("root_id", sa.String(80), nullable=False),
        sa.Column("instance_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text()),
    )
    op.create_index("ix_wait_root_id", "wait", ["root_id"])
    op.create_index("ix_wait_name", "wait", ["application", "kind", "name"])
    op.create_table(
        "start_event",
        sa.Column("number", serial, primary_key=True),
        sa.Column("application", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("definition_id", sa.String(300), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due", sa.String(40)),
        sa.Column("value", sa.Text()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("ix_start_event_due", "start_event", ["due"])
    op.create_index("ix_start_event_key", "start_event", ["application", "key"])
    op.create_table(
        "decision",
        sa.Column("application", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("version_tag", sa.Text()),
        sa.Column("source", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    for table in ("decision", "start_event", "wait"):
        op.drop_table(table)
    op.drop_index("ix_instance_root_id", "instance")
    op.drop_column("instance", "root_id")
