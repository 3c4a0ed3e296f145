with causes as (

    select
        indicator_code,
        area_code,
        period_code,
        array_agg(cause order by cause_basis_rank asc, cause_rows_count desc, cause asc)
        filter (where cause_ordinal = 1) as evidence_causes,
        sum(rows_count)::bigint as rows_count,
        array_agg(submission_id order by submission_id)
        filter (where submission_ordinal = 1 and submission_id is not null) as submission_ids,
        array_agg(source_uri order by submission_id)
        filter (where submission_ordinal = 1 and submission_id is not null) as source_uris
    from {{ ref('restatement_cause') }}
    group by indicator_code, area_code, period_code

),

notes as (

    select
        *,
        row_number() over (partition by indicator_code, area_code, period_code order by note_id desc) as age_ordinal
    from {{ ref('stg_release__note') }}
    where release_number = (select horizons.release_number from {{ ref('release_horizon') }} as horizons)

),

-- Measures of which the dictionary, the areas or the engine is another one since the release.
redefined as (

    select fingerprints.measure_code
    from {{ ref('measure_fingerprint') }} as fingerprints
    cross join {{ ref('release_horizon') }} as horizons
    where fingerprints.since_build > horizons.build_id

),

-- Of reports with evidence of sensitive measures, the number of rows is nearly that of the persons.
hidden_sides as (

    select distinct indicator_code
    from {{ ref('indicator_side') }}
    where is_hidden

),

explained as (

    select
        restated.*,
        indicators.name_zh,
        areas.area_name,
        hidden_sides.indicator_code is not null as is_count_hidden,
        causes.rows_count,
        causes.submission_ids,
        causes.source_uris,
        notes.reason as note,
        notes.noted_by,
        notes.noted_at,
        coalesce(causes.evidence_causes, '{}')
        || case
            when redefined.measure_code is not null or causes.evidence_causes is null
                then array_remove(array[
                    case when horizons.dictionary_differs then 'dictionary_change' end,
                    case when horizons.hierarchy_differs then 'hierarchy_change' end,
                    case when horizons.models_differ and causes.evidence_causes is null then 'model_change' end
                ], null)
            else '{}'
        end as all_causes
    from {{ ref('restated_value') }} as restated
    cross join {{ ref('release_horizon') }} as horizons
    left join {{ ref('measure') }} as indicators on restated.indicator_code = indicators.measure_code
    left join {{ ref('dim_area') }} as areas on restated.area_code = areas.area_code
    left join hidden_sides on restated.indicator_code = hidden_sides.indicator_code
    left join redefined on restated.indicator_code = redefined.measure_code
    left join causes
        on
            restated.indicator_code = causes.indicator_code
            and restated.area_code = causes.area_code
            and restated.period_code = causes.period_code
    left join notes
        on
            restated.indicator_code = notes.indicator_code
            and restated.area_code = notes.area_code
            and restated.period_code = notes.period_code
            and notes.age_ordinal = 1

)

select
    indicator_code,
    name_zh,
    area_code,
    area_name,
    period_code,
    release_number,
    released_at,
    published_value,
    current_value,
    (current_value - published_value)::numeric(20, 6) as value_delta,
    published_ytd,
    current_ytd,
    (current_ytd - published_ytd)::numeric(20, 6) as ytd_delta,
    published_to_date,
    current_to_date,
    (current_to_date - published_to_date)::numeric(20, 6) as to_date_delta,
    published_numerator,
    current_numerator,
    published_denominator,
    current_denominator,
    coalesce(all_causes[1], 'unknown') as cause,
    case when all_causes = '{}' then array['unknown'] else all_causes end as causes,
    submission_ids,
    source_uris,
    case when not is_count_hidden then rows_count end as changed_rows_count,
    note,
    noted_by,
    noted_at
from explained
