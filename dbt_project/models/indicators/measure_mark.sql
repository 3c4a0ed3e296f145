{{ config(materialized='table_in_place', keep='same_rows') }}

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

area_mark as (

    select
        md5(string_agg(
            concat_ws('>', area_code, ancestor_code, ancestor_has_values), ',' order by area_code, ancestor_code
        )) as areas_hash
    from {{ ref('area_ancestor') }}

)

select
    measures.measure_code,
    evidence_marks.deepest_level_rank,
    md5(concat_ws(
        '|', '{{ engine_mark() }}', '{{ var("first_year") }}', area_mark.areas_hash, measures.aggregation, measures.is_stock,
        measures.scale, evidence_marks.row_count, evidence_marks.content_hash
    )) as mark
from {{ ref('measure') }} as measures
inner join evidence_marks on measures.measure_code = evidence_marks.indicator_code
cross join area_mark
where not measures.is_ratio
