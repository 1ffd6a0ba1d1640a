"""forms that are files of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form",
        sa.Column("application", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("version_tag", sa.Text()),
        sa.Column("source", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("form")
