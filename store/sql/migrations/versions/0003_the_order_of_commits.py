"""the order of commits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite has one writer at a time: there, positions are in the order of commits.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE event ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id()"))
        op.create_index("ix_event_xid_position", "event", [sa.text("xid"), "position"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_event_xid_position", "event")
        op.drop_column("event", "xid")
