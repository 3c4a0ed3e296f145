-- Not materialized: else PostgreSQL computes all of it, whichever submissions are asked for.
with activities as not materialized (

    select
        *,
        coalesce(partner_village_code, unit_code) as area_code,
        -- A newspaper with and without 《》 is one channel.
        translate(publicity_channel, '《》', '') as channel_name
    from {{ ref('stg_civil_affairs__party_activity') }}

)

{{ evidence_row('CA-PB-01', 'activities',
    event_date='activity_date', subject_key='activity_code', where="activity_type = '党建轮值'") }}

union all

{{ evidence_row('CA-PB-02', 'activities',
    event_date='activity_date', subject_key='activity_code', where="activity_type in ('联建共建', '结对走访')") }}

union all

{{ evidence_row('CA-PB-03', 'activities',
    event_date='activity_date', subject_key='checklist_item', where='checklist_item is not null') }}

union all

-- Publicity counts for the city, wherever the activity was.
{{ evidence_row('CA-PB-04', 'activities', area_code='unit_code',
    event_date='activity_date', subject_key='channel_name', where='channel_name is not null', columns=['publicity_channel']) }}
