"""Which of the articles shown did not help: what a conversation rejected is not shown to it again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("searches") as table:
        table.add_column(sa.Column("rejected", sa.JSON(), nullable=True))
    # Until now an outcome was that of all articles shown.
    op.execute("UPDATE searches SET rejected = articles WHERE outcome IN ('rejected', 'case')")
    op.execute("UPDATE searches SET rejected = '[]' WHERE rejected IS NULL")
    with op.batch_alter_table("searches") as table:
        table.alter_column("rejected", existing_type=sa.JSON(), nullable=False)
