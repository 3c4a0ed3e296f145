-- A paused pairing does not count. The report does not say since when it is paused.
{{ evidence_row('CA-PR-01', ref('fct_pairing'),
    event_date='paired_date', end_date='ended_date', subject_key='uscc', where="status <> '暂停'") }}

union all

{{ evidence_row('CA-PR-03', ref('fct_pairing'),
    event_date='paired_date', end_date='ended_date', subject_key='village_key', where="status <> '暂停'",
    columns=['village_name', 'village_code']) }}
