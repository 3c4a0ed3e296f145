-- A pairing that pauses is not under way; since when it pauses is not reported.
{{ speaks_for('CA-PR-01', ref('fct_pairing'),
    event_date='paired_date', end_date='ended_date', subject_key='uscc', where="status <> '暂停'") }}

union all

{{ speaks_for('CA-PR-03', ref('fct_pairing'),
    event_date='paired_date', end_date='ended_date', subject_key='village_key', where="status <> '暂停'") }}
