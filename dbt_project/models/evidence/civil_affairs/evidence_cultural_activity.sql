-- Not materialized: else PostgreSQL computes all of it, whichever submissions are asked for.
with cultural_activities as not materialized (

    select *
    from {{ ref('fct_activity') }}
    where activity_kind = 'culture'

)

{{ evidence_row('CA-CU-01', 'cultural_activities', event_date='held_date', subject_key='activity_code',
    quantity='session_count', where="activity_type in ('文艺汇演', '艺术下乡')") }}

union all

{{ evidence_row('CA-CU-02', 'cultural_activities', event_date='held_date', subject_key='activity_code',
    quantity='couplet_pairs', where="activity_type = '送春联'") }}
