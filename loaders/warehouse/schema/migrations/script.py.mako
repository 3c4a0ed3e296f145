"""${message}"""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute("""${upgrades if upgrades else ""}""")
