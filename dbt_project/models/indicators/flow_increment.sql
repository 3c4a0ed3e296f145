{{ config(
    materialized='table_in_place',
    keep='same_mark',
    indexes=[{'columns': ['measure_code', 'area_code', 'month_date'], 'unique': true}]
) }}

with flows as (

    select
        measures.measure_code,
        measures.aggregation,
        marks.mark
    from {{ ref('measure') }} as measures
    inner join {{ ref('measure_mark') }} as marks on measures.measure_code = marks.measure_code
    where not measures.is_stock

),

evidence_month as (

    select
        flows.measure_code,
        flows.aggregation,
        flows.mark,
        evidence.area_code,
        date_trunc('month', evidence.event_date)::date as month_date,
        case flows.aggregation when 'count_distinct' then evidence.subject_key end as subject_key,
        sum(case flows.aggregation when 'sum' then evidence.quantity else 1 end) as amount
    from {{ ref('evidence') }} as evidence
    inner join flows on evidence.indicator_code = flows.measure_code
    group by
        flows.measure_code,
        flows.aggregation,
        flows.mark,
        evidence.area_code,
        date_trunc('month', evidence.event_date)::date,
        case flows.aggregation when 'count_distinct' then evidence.subject_key end

),

area_month as (

    select
        evidence_month.measure_code,
        evidence_month.aggregation,
        evidence_month.mark,
        ancestors.ancestor_code as area_code,
        evidence_month.month_date,
        evidence_month.subject_key,
        case evidence_month.aggregation when 'count_distinct' then 1 else sum(evidence_month.amount) end as amount
    from evidence_month
    inner join {{ ref('area_ancestor') }} as ancestors on evidence_month.area_code = ancestors.area_code
    where ancestors.ancestor_has_values
    group by
        evidence_month.measure_code,
        evidence_month.aggregation,
        evidence_month.mark,
        ancestors.ancestor_code,
        evidence_month.month_date,
        evidence_month.subject_key

),

-- A subject counts where it first appears, once for each window that begins anew: quarter, half-year, year, ever.
firsts as (

    select
        *,
        aggregation <> 'count_distinct' or month_date = min(month_date) over (
            partition by measure_code, area_code, subject_key
        ) as is_first_ever,
        aggregation <> 'count_distinct' or month_date = min(month_date) over (
            partition by measure_code, area_code, subject_key, extract(year from month_date)
        ) as is_first_in_year,
        aggregation <> 'count_distinct' or month_date = min(month_date) over (
            partition by measure_code, area_code, subject_key, extract(year from month_date), extract(month from month_date) > 6
        ) as is_first_in_half,
        aggregation <> 'count_distinct' or month_date = min(month_date) over (
            partition by measure_code, area_code, subject_key, date_trunc('quarter', month_date)
        ) as is_first_in_quarter
    from area_month

)

select
    measure_code,
    area_code,
    month_date,
    sum(amount) as month_amount,
    coalesce(sum(amount) filter (where is_first_in_quarter), 0) as quarter_amount,
    coalesce(sum(amount) filter (where is_first_in_half), 0) as half_amount,
    coalesce(sum(amount) filter (where is_first_in_year), 0) as year_amount,
    coalesce(sum(amount) filter (where is_first_ever), 0) as ever_amount,
    mark
from firsts
group by measure_code, area_code, month_date, mark
