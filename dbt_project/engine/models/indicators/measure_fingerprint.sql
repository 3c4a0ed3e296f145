{{ config(materialized='incremental', incremental_strategy='replace_changed_rows') }}

with evidence_digests as (

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

area_digest as (

    select
        md5(string_agg(
            concat_ws('>', area_code, ancestor_code, ancestor_has_values), ',' order by area_code, ancestor_code
        )) as areas_hash
    from {{ ref('area_ancestor') }}

)

select
    measures.measure_code,
    evidence_digests.deepest_level_rank,
    md5(concat_ws(
        '|', '{{ engine_fingerprint() }}', '{{ env_var("HUIMIN_DBT_FIRST_YEAR") }}', area_digest.areas_hash, measures.aggregation,
        measures.is_stock, measures.scale, evidence_digests.row_count, evidence_digests.content_hash
    )) as measure_fingerprint
from {{ ref('measure') }} as measures
inner join evidence_digests on measures.measure_code = evidence_digests.indicator_code
cross join area_digest
where not measures.is_ratio
