"""events that many instances wait for, handed over one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "owed_event",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("application", sa.String(200), nullable=False),
        sa.Column("root_id", sa.String(80), nullable=False),
        sa.Column("instance_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text()),
        sa.Column("variables", sa.Text(), nullable=False),
    )
    op.create_index("ix_owed_event_root_id", "owed_event", ["root_id"])


def downgrade() -> None:
    op.drop_table("owed_event")
