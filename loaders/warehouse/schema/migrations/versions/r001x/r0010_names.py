"""Standard names for tables and columns of the ledger and the quarantine."""

from __future__ import annotations

from alembic import op

revision = "r0010"
down_revision = "r0009"

_NAMES = """
alter table ops.seen_offer rename to known_version;
alter index ops.seen_offer_key rename to known_version_key;
alter table ops.notified_problem rename to notified_issue;
alter table ops.notified_issue rename constraint notified_problem_pkey to notified_issue_pkey;
alter table ops.build rename column mark to data_fingerprint;
alter table ops.build rename column models to models_fingerprint;
alter table ops.cross_check rename column mark to fingerprint;
alter table ops.submission rename column claim to claim_token;
alter table ops.decision rename column why to reason;
alter table ops.decision rename constraint decision_why_check to decision_reason_check;
alter table ops.notice rename column noted_at to created_at;
alter function ops.refuse_change() rename to forbid_update;
alter table quarantine.row rename column held_by to key_holder_id;
alter index quarantine.row_held_by_idx rename to row_key_holder_idx;
"""

# `overridden` was never written.
_ROW_STATES = """
alter table quarantine.row drop constraint row_state_check;
update quarantine.row set state = 'reloaded' where state = 'replayed';
alter table quarantine.row add constraint row_state_check check (
    state in ('open', 'notified', 'corrected', 'reloaded', 'released', 'withdrawn')
);
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_NAMES)
    op.execute(_ROW_STATES)
