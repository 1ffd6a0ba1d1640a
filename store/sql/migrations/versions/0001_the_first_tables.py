"""the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aggregate",
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("aggregate", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=500), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("parked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("application", "aggregate", "id", name=op.f("pk_aggregate")),
    )
    op.create_table(
        "definition",
        sa.Column("definition_id", sa.String(length=300), nullable=False),
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("compiled", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("definition_id", name=op.f("pk_definition")),
        sa.UniqueConstraint("application", "key", "version", name=op.f("uq_definition_application_key_version")),
    )
    op.create_table(
        "event",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("aggregate", sa.String(length=40), nullable=False),
        sa.Column("aggregate_id", sa.String(length=500), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("routing_key", sa.String(length=255), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "application",
            "aggregate",
            "aggregate_id",
            "generation",
            "revision",
            name=op.f("uq_event_application_aggregate_aggregate_id_generation_revision"),
        ),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_event_id")),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("received", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "message_id", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_received"), ["received"], unique=False)

    op.create_table(
        "instance",
        sa.Column("instance_id", sa.String(length=80), nullable=False),
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("definition_id", sa.String(length=300), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("start_user", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("due", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_instance")),
    )
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instance_due"), ["due"], unique=False)

    op.create_table(
        "lane",
        sa.Column("lane", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("epoch", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_end", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lane")),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("parked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.Float(), nullable=True),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_due",
            ["position"],
            unique=False,
            postgresql_where=sa.text("NOT parked"),
            sqlite_where=sa.text("parked = 0"),
        )
        batch_op.create_index(
            "ix_outbox_later",
            ["not_before"],
            unique=False,
            postgresql_where=sa.text("not_before IS NOT NULL"),
            sqlite_where=sa.text("not_before IS NOT NULL"),
        )

    op.create_table(
        "parked",
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("aggregate", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=500), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.Float(), nullable=False),
        sa.Column("last_seen", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("application", "aggregate", "id", name=op.f("pk_parked")),
    )
    op.create_table(
        "publisher",
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("seen", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_publisher")),
    )
    op.create_table(
        "received",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=1000), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_received")),
        sa.UniqueConstraint("application", "record_id", name=op.f("uq_received_application_record_id")),
    )
    with op.batch_alter_table("received", schema=None) as batch_op:
        batch_op.create_index(
            "ix_received_new",
            ["position"],
            unique=False,
            postgresql_where=sa.text("state = 'new'"),
            sqlite_where=sa.text("state = 'new'"),
        )

    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )


def downgrade() -> None:
    op.drop_table("setting")
    with op.batch_alter_table("received", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_received_new", postgresql_where=sa.text("state = 'new'"), sqlite_where=sa.text("state = 'new'")
        )

    op.drop_table("received")
    op.drop_table("publisher")
    op.drop_table("parked")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_later",
            postgresql_where=sa.text("not_before IS NOT NULL"),
            sqlite_where=sa.text("not_before IS NOT NULL"),
        )
        batch_op.drop_index("ix_outbox_due", postgresql_where=sa.text("NOT parked"), sqlite_where=sa.text("parked = 0"))

    op.drop_table("outbox")
    op.drop_table("lane")
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instance_due"))

    op.drop_table("instance")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_received"))

    op.drop_table("inbox")
    op.drop_table("event")
    op.drop_table("definition")
    op.drop_table("aggregate")
