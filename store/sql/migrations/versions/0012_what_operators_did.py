"""what operators decided about incidents and parked aggregates, in the order of time."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_incident_decided",
        "incident",
        ["closed", "incident_id"],
        postgresql_where=sa.text("operator IS NOT NULL"),
        sqlite_where=sa.text("operator IS NOT NULL"),
    )
    op.create_index("ix_unparked_time", "unparked", ["time", "number"])


def downgrade() -> None:
    op.drop_index("ix_unparked_time", "unparked")
    op.drop_index("ix_incident_decided", "incident")
