"""The ledger (`ops`), the quarantine and the schemas of the warehouse."""

from __future__ import annotations

from alembic import op

revision = "r0001"
down_revision = None

SCHEMAS = ("ops", "quarantine", "raw", "staging", "core", "evidence", "indicators", "bi")

_PULL = """
create table ops.pull (
    pull_id bigint generated always as identity primary key,
    report text not null,
    started_at timestamptz not null default now(),
    cursor_from text,
    cursor_to text,
    closed_at timestamptz,
    loaded_at timestamptz
);
create index pull_report_idx on ops.pull (report, pull_id);
"""

_SUBMISSION = """
create sequence ops.claim_token;
create table ops.submission (
    submission_id bigint generated always as identity primary key,
    pull_id bigint references ops.pull,
    report text not null,
    unit_code text not null,
    period text,
    period_start date,
    period_end date,
    revision integer not null,
    source_uri text not null,
    source_modified_at timestamptz not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    byte_size bigint not null,
    landed_at timestamptz not null default now(),
    state text not null default 'landed'
        check (state in ('landed', 'accepted', 'accepted_with_rejects', 'rejected', 'duplicate', 'superseded')),
    state_reason text,
    rows_total integer,
    rows_loaded integer,
    rows_quarantined integer,
    rows_furniture integer,
    rows_accepted integer,
    furniture jsonb not null default '{}',
    due_date date,
    is_on_time boolean,
    claim bigint,
    claimed_at timestamptz,
    duplicate_of bigint references ops.submission,
    superseded_by bigint references ops.submission,
    loaded_at timestamptz,
    contract_sha256 text,
    constraint rows_add_up check (rows_total = rows_loaded + rows_quarantined + rows_furniture)
);
create index submission_scope_idx on ops.submission (report, unit_code, period);
create index submission_bytes_idx on ops.submission (report, sha256);
create index submission_uri_idx on ops.submission using hash (source_uri);
create index submission_landed_idx on ops.submission (report) where state = 'landed';
create index submission_duplicate_idx on ops.submission (duplicate_of) where duplicate_of is not null;
"""

_SEEN = """
create table ops.seen_offer (
    report text not null,
    source_uri text not null,
    byte_size bigint,
    source_modified_at timestamptz not null,
    seen_at timestamptz not null default now()
);
-- Hashes, because an index entry holds at most 2.7 kB and a path of Chinese names can be longer.
create unique index seen_offer_key on ops.seen_offer (
    report, hashtextextended(source_uri, 0), hashtextextended(source_uri, 1), byte_size, source_modified_at
) nulls not distinct;
"""

_UNIT = """
create table ops.reporting_unit (
    report text not null,
    unit_code text not null,
    primary key (report, unit_code)
);
"""

_ISSUE = """
create table ops.issue (
    issue_id bigint generated always as identity primary key,
    submission_id bigint not null references ops.submission,
    report text not null,
    unit_code text not null,
    period text,
    sheet text,
    row_number integer,
    column_name text,
    cell text,
    rule text not null,
    severity text not null check (severity in ('document', 'error', 'warning')),
    found text,
    expected text,
    message_zh text not null,
    message_en text not null,
    problem_key text not null,
    created_at timestamptz not null default now(),
    resolved_at timestamptz
);
create index issue_submission_idx on ops.issue (submission_id, sheet, row_number);
create index issue_problem_idx on ops.issue (problem_key);
create index issue_report_idx on ops.issue (report, unit_code, period);
"""

_WATERMARK = """
create table ops.watermark (
    report text primary key,
    cursor text,
    pull_id bigint references ops.pull,
    moved_at timestamptz not null default now()
);
create table ops.build (
    build_id bigint generated always as identity primary key,
    mark text not null,
    built_at timestamptz not null default now()
);
"""

_NOTIFICATION = """
create table ops.notification (
    notification_id bigint generated always as identity primary key,
    report text not null,
    unit_code text,
    period text,
    recipient text not null,
    channel text not null,
    subject text not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz
);
create table ops.notified_problem (
    problem_key text primary key,
    notification_id bigint not null references ops.notification
);
"""

_QUARANTINE = """
create table quarantine.row (
    submission_id bigint not null references ops.submission,
    sheet text not null,
    row_number integer not null,
    record jsonb not null,
    state text not null default 'open'
        check (state in ('open', 'notified', 'corrected', 'overridden', 'replayed', 'released')),
    held_by bigint references ops.submission,
    created_at timestamptz not null default now(),
    primary key (submission_id, sheet, row_number)
);
create index row_state_idx on quarantine.row (state);
create index row_held_by_idx on quarantine.row (held_by) where held_by is not null;
"""

_TABLES = (_PULL, _SUBMISSION, _SEEN, _UNIT, _ISSUE, _WATERMARK, _NOTIFICATION, _QUARANTINE)


def upgrade() -> None:
    """Forward only: a mistake is put right by the next revision."""
    for schema in SCHEMAS:
        op.execute(f"create schema if not exists {schema}")
    for statements in _TABLES:
        op.execute(statements)
