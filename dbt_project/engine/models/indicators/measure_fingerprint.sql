{{ config(materialized='incremental', incremental_strategy='write_changed_keys', unique_key='measure_code') }}

with area_digest as (

    select
        md5(string_agg(
            concat_ws(
                '>',
                members.area_code, members.series_code, members.valid_from_date, members.valid_until_date, series.area_level_rank,
                areas.is_statutory
            ),
            ',' order by members.area_code, members.series_code, members.valid_from_date
        )) as areas_hash
    from {{ ref('series_member') }} as members
    inner join {{ ref('area_series') }} as series on members.series_code = series.series_code
    inner join {{ ref('dim_area') }} as areas on series.area_code = areas.area_code

),

gap_digest as (

    select
        measure_code,
        md5(string_agg(
            concat_ws('>', series_code, from_date, until_date), ',' order by series_code, from_date
        )) as gaps_hash
    from {{ ref('area_figure_gap') }}
    group by measure_code

)

select
    measures.measure_code,
    md5(concat_ws(
        '|',
        '{{ engine_fingerprint() }}',
        '{{ env_var("HUIMIN_DBT_FIRST_YEAR") }}',
        area_digest.areas_hash,
        gap_digest.gaps_hash,
        measures.aggregation,
        measures.is_stock, measures.is_indicator, measures.scale,
        measures.factor, measures.numerator_code, measures.denominator_code
    )) as measure_fingerprint,
    {{ build_horizon().number }}::bigint as since_build
from {{ ref('measure') }} as measures
cross join area_digest
left join gap_digest on measures.measure_code = gap_digest.measure_code
{%- if is_incremental() %}

    union all

    -- Gone from the dictionary: its values go, too.
    select
        stored.measure_code,
        null as measure_fingerprint,
        {{ build_horizon().number }}::bigint as since_build
    from {{ this }} as stored
    where not exists (
        select 1 from {{ ref('measure') }} as measures
        where measures.measure_code = stored.measure_code
    )
{%- endif %}
