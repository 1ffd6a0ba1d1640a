"""jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("job_id", sa.String(80), primary_key=True),
        sa.Column("application", sa.String(200), nullable=False),
        sa.Column("instance_id", sa.String(80), nullable=False),
        sa.Column("root_id", sa.String(80), nullable=False),
        sa.Column("definition_id", sa.String(300), nullable=False),
        sa.Column("definition_key", sa.String(200), nullable=False),
        sa.Column("business_key", sa.Text()),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("retries", sa.Integer()),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("worker_id", sa.String(300)),
        sa.Column("lock_end", sa.Float()),
        sa.Column("locks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due", sa.Float()),
        sa.Column("error_message", sa.Text()),
        sa.Column("error_details", sa.Text()),
    )
    op.create_index("ix_job_root_id", "job", ["root_id"])
    op.create_index("ix_job_fetch", "job", ["application", "kind", "topic", sa.text("priority DESC"), "created"])


def downgrade() -> None:
    op.drop_table("job")
