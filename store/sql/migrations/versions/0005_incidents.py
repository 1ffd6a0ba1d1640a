"""incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.String(36), primary_key=True),
        sa.Column("application", sa.String(200), nullable=False),
        sa.Column("instance_id", sa.String(80), nullable=False),
        sa.Column("definition_id", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("element", sa.Text()),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("closed", sa.Float()),
        sa.Column("operator", sa.Text()),
    )
    op.create_index("ix_incident_instance_id", "incident", ["instance_id"])
    op.create_index(
        "ix_incident_open",
        "incident",
        ["created"],
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_table("incident")
