{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_measures',
    indexes=[{'columns': ['measure_code', 'area_code', 'month_date'], 'unique': true}]
) }}

with flows as (

    select
        measures.measure_code,
        measures.aggregation = 'sum' as is_sum,
        measures.aggregation = 'count_distinct' as is_distinct,
        fingerprints.measure_fingerprint
    from {{ ref('measure') }} as measures
    inner join {{ ref('measure_fingerprint') }} as fingerprints on measures.measure_code = fingerprints.measure_code
    where not measures.is_stock

),

evidence_month as (

    select
        evidence.indicator_code as measure_code,
        evidence.area_code,
        date_trunc('month', evidence.event_date)::date as month_date,
        case when flows.is_distinct then evidence.subject_key end as subject_key,
        sum(case when flows.is_sum then evidence.quantity else 1 end) as amount
    from {{ ref('evidence') }} as evidence
    inner join flows on evidence.indicator_code = flows.measure_code
    {% if is_incremental() %}
        where {{ is_changed_measure('evidence.indicator_code') }}
    {% endif %}
    group by
        evidence.indicator_code,
        evidence.area_code,
        date_trunc('month', evidence.event_date)::date,
        case when flows.is_distinct then evidence.subject_key end

),

area_month as (

    select
        evidence_month.measure_code,
        ancestors.ancestor_code as area_code,
        evidence_month.month_date,
        evidence_month.subject_key,
        case when evidence_month.subject_key is null then sum(evidence_month.amount) else 1 end as amount
    from evidence_month
    inner join {{ ref('area_ancestor') }} as ancestors on evidence_month.area_code = ancestors.area_code
    where ancestors.ancestor_has_values
    group by
        evidence_month.measure_code,
        ancestors.ancestor_code,
        evidence_month.month_date,
        evidence_month.subject_key

),

-- Each subject has one row per month. Its previous month tells whether it is new to the quarter, half-year and year.
previous_month as (

    select
        *,
        case
            when subject_key is not null
                then lag(month_date) over (partition by measure_code, area_code, subject_key order by month_date)
        end as previous_month_date
    from area_month

),

first_seen as (

    select
        measure_code,
        area_code,
        month_date,
        amount,
        previous_month_date is null as is_new_ever,
        previous_month_date is null or previous_month_date < date_trunc('year', month_date) as is_new_in_year,
        previous_month_date is null
        or previous_month_date < date_trunc('year', month_date)
        or (extract(month from previous_month_date) <= 6 and extract(month from month_date) > 6) as is_new_in_half,
        previous_month_date is null or previous_month_date < date_trunc('quarter', month_date) as is_new_in_quarter
    from previous_month

)

select
    first_seen.measure_code,
    first_seen.area_code,
    first_seen.month_date,
    sum(first_seen.amount) as month_amount,
    coalesce(sum(first_seen.amount) filter (where first_seen.is_new_in_quarter), 0) as quarter_amount,
    coalesce(sum(first_seen.amount) filter (where first_seen.is_new_in_half), 0) as half_amount,
    coalesce(sum(first_seen.amount) filter (where first_seen.is_new_in_year), 0) as year_amount,
    coalesce(sum(first_seen.amount) filter (where first_seen.is_new_ever), 0) as ever_amount,
    flows.measure_fingerprint
from first_seen
inner join flows on first_seen.measure_code = flows.measure_code
group by first_seen.measure_code, first_seen.area_code, first_seen.month_date, flows.measure_fingerprint
