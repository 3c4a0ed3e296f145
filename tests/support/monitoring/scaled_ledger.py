"""A ledger as large as that of three years of the city, made by SQL: the tables' sizes and shapes, and no documents."""

from __future__ import annotations

from typing import Any

import psycopg

DOCUMENTS = 14_000
ISSUES = 14_000
_FILL = f"""
insert into ops.pull (report, started_at, closed_at, loaded_at)
select r.report, now() - n * interval '1 day', now() - n * interval '1 day', now() - n * interval '1 day'
from generate_series(1, 1100) as n, unnest(%(reports)s::text[]) as r (report);
insert into ops.submission (
    pull_id, report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256, byte_size,
    state, rows_total, rows_loaded, rows_quarantined, rows_furniture, claim_token, claimed_at, loaded_at, arrived_at, effective_at
)
select 1, (%(reports)s::text[])[1 + n %% array_length(%(reports)s::text[], 1)], (441300000 + (n / 37) %% 11)::text,
    to_char(date '2021-01-01' + (n / 407 %% 36) * interval '1 month', 'YYYY-MM'),
    date '2021-01-01' + (n / 407 %% 36) * interval '1 month', date '2021-01-28' + (n / 407 %% 36) * interval '1 month', 1,
    'sftp://server/folder/' || n || '.xlsx', now(), encode(sha256(n::text::bytea), 'hex'), 20000 + n,
    case when n %% 10 = 0 then 'superseded' when n %% 7 = 0 then 'accepted_with_rejects' else 'accepted' end,
    240, 230, 3, 7, n / 20, now() - interval '3 seconds', now(), now(), now()
from generate_series(1, {DOCUMENTS}) as n;
insert into ops.issue (submission_id, report, unit_code, period, rule, severity, message_zh, message_en, issue_key)
select s.submission_id, s.report, s.unit_code, s.period, 'required', case when n %% 3 = 0 then 'warning' else 'error' end,
    'm', 'm', md5(n::text)
from generate_series(1, {ISSUES}) as n
inner join ops.submission as s on s.submission_id = (select min(submission_id) from ops.submission) + n - 1;
insert into ops.issue_event (issue_key, report, event, submission_id)
select issue_key, report, 'opened', submission_id from ops.issue where report = any(%(reports)s);
insert into ops.issue_event (issue_key, report, event, submission_id)
select issue_key, report, 'notified', submission_id from ops.issue where issue_id %% 2 = 0;
insert into ops.issue_event (issue_key, report, event, submission_id)
select issue_key, report, 'corrected', submission_id from ops.issue where issue_id %% 5 <> 0;
insert into ops.obligation (report, unit_code, period, period_start, period_end, due_date, is_calendar_announced)
select r.report, (441300000 + u)::text, to_char(m, 'YYYY-MM'), m, m + interval '27 days', m + interval '35 days', true
from unnest(%(reports)s::text[]) as r (report), generate_series(0, 12) as u,
    generate_series(date '2021-01-01', date '2023-12-01', interval '1 month') as m;
insert into ops.build (data_fingerprint, models_fingerprint, started_at, ended_at)
select n::text, n::text, now() - interval '1 minute', now() from generate_series(1, 4000) as n;
insert into ops.outbox_message (idempotency_key, topic, channel, server, address, header_id, subject, body_text, state, sent_at)
select n::text, 'issues', 'mail', '', 'a@example.org', n::text, 's', 't', 'sent', now() from generate_series(1, 20000) as n;
insert into ops.watermark (report, cursor) select unnest(%(reports)s::text[]), 'x';
"""


def fill_ledger(connection: psycopg.Connection[Any]) -> None:
    """Fills an empty ledger: documents, issues and events, obligations of 13 units per report, pulls of three years, builds."""
    reports = [f"report_{number}" for number in range(36)] + ["station"]
    # Several statements need their parameters put in by the client.
    cursor = psycopg.ClientCursor(connection)
    cursor.execute(_FILL, {"reports": reports})
