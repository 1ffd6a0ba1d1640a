"""the people data is about."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_subject",
        sa.Column("key_id", sa.String(32), primary_key=True),
        sa.Column("application", sa.String(200), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("wrapped", sa.Text()),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("erased", sa.Float()),
        sa.UniqueConstraint("application", "subject", name="uq_data_subject_application_subject"),
    )
    op.create_index(
        "ix_data_subject_erasing",
        "data_subject",
        ["erased"],
        postgresql_where=sa.text("state = 'erasing'"),
        sqlite_where=sa.text("state = 'erasing'"),
    )


def downgrade() -> None:
    op.drop_table("data_subject")
