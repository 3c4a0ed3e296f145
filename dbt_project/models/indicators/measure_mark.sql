{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ remove_all_rows() }}"
) }}

with evidence_marks as (

    select
        evidence.indicator_code,
        count(*) as row_count,
        max(areas.area_level_rank) as deepest_level_rank,
        sum(hashtextextended(
            row(evidence.area_code, evidence.event_date, evidence.end_date, evidence.quantity, evidence.subject_key)::text, 0
        )) as content_hash
    from {{ ref('evidence') }} as evidence
    inner join {{ ref('dim_area') }} as areas on evidence.area_code = areas.area_code
    group by evidence.indicator_code

),

grid_mark as (

    select
        (
            select md5(string_agg(area_code || '>' || ancestor_code, ',' order by area_code, ancestor_code))
            from {{ ref('area_ancestor') }}
        ) as areas_hash,
        (
            select md5(string_agg(period_code, ',' order by period_code))
            from {{ ref('dim_period') }}
        ) as periods_hash

)

select
    measures.measure_code,
    evidence_marks.deepest_level_rank,
    md5(concat_ws(
        '|', '{{ engine_mark() }}', grid_mark.areas_hash, grid_mark.periods_hash, measures::text,
        evidence_marks.row_count, evidence_marks.content_hash
    )) as mark
from {{ ref('measure') }} as measures
inner join evidence_marks on measures.measure_code = evidence_marks.indicator_code
cross join grid_mark
