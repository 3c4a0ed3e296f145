{{ config(materialized='incremental', incremental_strategy='write_changed_keys', unique_key='measure_code') }}

with area_digest as (

    select
        md5(string_agg(
            concat_ws('>', pairs.area_code, pairs.ancestor_code, pairs.ancestor_has_values, areas.area_level_rank),
            ',' order by pairs.area_code, pairs.ancestor_code
        )) as areas_hash
    from {{ ref('area_ancestor') }} as pairs
    inner join {{ ref('dim_area') }} as areas on pairs.area_code = areas.area_code

)

select
    measures.measure_code,
    md5(concat_ws(
        '|',
        '{{ engine_fingerprint() }}',
        '{{ env_var("HUIMIN_DBT_FIRST_YEAR") }}',
        area_digest.areas_hash,
        measures.aggregation,
        measures.is_stock, measures.is_indicator, measures.scale,
        measures.factor, measures.numerator_code, measures.denominator_code
    )) as measure_fingerprint,
    {{ build_horizon().number }}::bigint as since_build
from {{ ref('measure') }} as measures
cross join area_digest
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
