{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_measures',
    indexes=[{'columns': ['measure_code', 'area_code', 'month_date'], 'unique': true}]
) }}

with stocks as (

    select
        measures.measure_code,
        measures.aggregation = 'sum' as is_sum,
        measures.aggregation = 'count_distinct' as is_distinct,
        fingerprints.measure_fingerprint
    from {{ ref('measure') }} as measures
    inner join {{ ref('measure_fingerprint') }} as fingerprints on measures.measure_code = fingerprints.measure_code
    where measures.is_stock

),

-- A subject is present from its event date until its end date (exclusive), so at the end of each month from from_date until
-- until_date (exclusive).
presence as (

    select
        evidence.indicator_code as measure_code,
        ancestors.ancestor_code as area_code,
        date_trunc('month', evidence.event_date)::date as from_date,
        date_trunc('month', coalesce(evidence.end_date, 'infinity'))::date as until_date,
        case when stocks.is_distinct then evidence.subject_key end as subject_key,
        case when stocks.is_sum then evidence.quantity else 1 end as amount
    from {{ ref('evidence') }} as evidence
    inner join stocks on evidence.indicator_code = stocks.measure_code
    inner join {{ ref('area_ancestor') }} as ancestors on evidence.area_code = ancestors.area_code
    where
        ancestors.ancestor_has_values
        and (evidence.end_date is null or evidence.end_date > evidence.event_date)
        {% if is_incremental() %}
            and {{ is_changed_measure('evidence.indicator_code') }}
        {% endif %}

),

-- Rows of one subject may overlap: each counts only from the end of those before it.
non_overlapping as (

    select
        measure_code,
        area_code,
        amount,
        until_date,
        greatest(from_date, case when subject_key is not null then max(until_date) over (
            partition by measure_code, area_code, subject_key
            order by from_date, until_date
            rows between unbounded preceding and 1 preceding
        ) end) as from_date
    from presence

),

changes as (

    select
        measure_code,
        area_code,
        from_date as month_date,
        amount as change_amount
    from non_overlapping
    where from_date < until_date

    union all

    select
        measure_code,
        area_code,
        until_date as month_date,
        -amount as change_amount
    from non_overlapping
    where from_date < until_date and until_date < 'infinity'

)

select
    changes.measure_code,
    changes.area_code,
    changes.month_date,
    sum(changes.change_amount) as change_amount,
    stocks.measure_fingerprint
from changes
inner join stocks on changes.measure_code = stocks.measure_code
group by changes.measure_code, changes.area_code, changes.month_date, stocks.measure_fingerprint
