"""The allowed transitions of `ops.submission.state`, enforced by a trigger."""

from __future__ import annotations

from alembic import op

revision = "r0009"
down_revision = "r0008"

_TRANSITIONS = """
create function ops.is_allowed_transition(old_state text, new_state text) returns boolean language sql immutable as
$$
    select case old_state
        when 'landed' then new_state in ('accepted', 'accepted_with_rejects', 'rejected', 'duplicate')
        when 'accepted' then new_state in ('accepted', 'accepted_with_rejects', 'superseded', 'duplicate', 'withdrawn')
        when 'accepted_with_rejects' then
            new_state in ('accepted', 'accepted_with_rejects', 'superseded', 'duplicate', 'withdrawn')
        when 'superseded' then new_state in ('accepted', 'accepted_with_rejects', 'duplicate', 'withdrawn')
        when 'duplicate' then new_state in ('duplicate', 'landed')
        else false
    end
$$;
comment on function ops.is_allowed_transition(text, text) is
    '一份报送的状态能否由前者变为后者。Whether a submission in the first state may get the second';
create function ops.refuse_transition() returns trigger language plpgsql as
$$
begin
    raise exception 'submission % is % and cannot become %', old.submission_id, old.state, new.state
        using errcode = 'check_violation';
end
$$;
create trigger submission_transition before update of state on ops.submission
    for each row when (not ops.is_allowed_transition(old.state, new.state)) execute function ops.refuse_transition();
"""


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    op.execute(_TRANSITIONS)
