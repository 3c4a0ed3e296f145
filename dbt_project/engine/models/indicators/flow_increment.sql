{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key=['measure_code', 'area_code', 'month_date'],
    meta={'amounts': ['month_amount']},
    indexes=[{'columns': ['measure_code', 'area_code', 'month_date'], 'unique': true}, {'columns': ['month_date']}]
) }}

{%- set horizon = build_horizon() %}
{%- set is_whole = horizon.is_whole or not is_incremental() %}
{%- set measures = whole_measures(horizon) %}
{%- set changed = changed_evidence(horizon, measures) %}

with flows as (

    select
        measure_code,
        aggregation = 'sum' as is_sum,
        aggregation = 'count_distinct' as is_distinct
    from {{ ref('measure') }}
    where not is_stock and aggregation <> 'ratio'

),

{% if not is_whole -%}
    changed as (

        {{ changed }}

    ),

    touched_keys as (

        select
            changed.measure_code,
            members.series_code as area_code,
            date_trunc('month', changed.event_date)::date as month_date
        from changed
        inner join flows on changed.measure_code = flows.measure_code and not flows.is_distinct
        inner join {{ ref('series_member') }} as members
            on
                changed.area_code = members.area_code
                and changed.event_date between members.valid_from_date and members.valid_until_date

        union

        select
            subjects.measure_code,
            subjects.area_code,
            subjects.month_date
        from {{ ref('subject_increment') }} as subjects
        inner join flows on subjects.measure_code = flows.measure_code
        where subjects.since_build > {{ horizon.horizon }}
        {%- if measures %}

            union

            select
                stored.measure_code,
                stored.area_code,
                stored.month_date
            from {{ this }} as stored
            where stored.measure_code = any({{ text_array(measures) }})
        {%- endif %}

    ),

    touched_months as (  -- noqa: ST03

        select distinct
            measure_code,
            month_date
        from touched_keys

    ),
{%- endif %}

evidence_month as (

    select
        evidence.indicator_code as measure_code,
        evidence.area_code,
        date_trunc('month', evidence.event_date)::date as month_date,
        sum(case when flows.is_sum then evidence.quantity else 1 end) as amount
    from {{ ref('evidence') }} as evidence
    inner join flows on evidence.indicator_code = flows.measure_code and not flows.is_distinct
    {%- if not is_whole %}
    inner join touched_months
        on
            evidence.indicator_code = touched_months.measure_code
            and evidence.event_date >= touched_months.month_date
            and evidence.event_date < touched_months.month_date + interval '1 month'
    {%- endif %}
    group by evidence.indicator_code, evidence.area_code, date_trunc('month', evidence.event_date)::date

),

-- An area that belongs to another one for some time only counts there on the days of that time.
member_amount as (

    select
        evidence_month.measure_code,
        members.series_code as area_code,
        evidence_month.month_date,
        evidence_month.amount
    from evidence_month
    inner join {{ ref('series_member') }} as members on evidence_month.area_code = members.area_code and members.is_permanent

    union all

    select
        evidence.indicator_code as measure_code,
        members.series_code as area_code,
        date_trunc('month', evidence.event_date)::date as month_date,
        case when flows.is_sum then evidence.quantity else 1 end as amount
    from {{ ref('evidence') }} as evidence
    inner join flows on evidence.indicator_code = flows.measure_code and not flows.is_distinct
    inner join {{ ref('series_member') }} as members
        on
            evidence.area_code = members.area_code
            and evidence.event_date between members.valid_from_date and members.valid_until_date
            and not members.is_permanent
    {%- if not is_whole %}
    inner join touched_months
        on
            evidence.indicator_code = touched_months.measure_code
            and evidence.event_date >= touched_months.month_date
            and evidence.event_date < touched_months.month_date + interval '1 month'
    {%- endif %}

),

amounts as (

    select
        measure_code,
        area_code,
        month_date,
        sum(amount) as month_amount,
        sum(amount) as quarter_amount,
        sum(amount) as half_amount,
        sum(amount) as year_amount,
        sum(amount) as ever_amount
    from member_amount
    group by measure_code, area_code, month_date

    union all

    select
        subjects.measure_code,
        subjects.area_code,
        subjects.month_date,
        sum(subjects.month_amount) as month_amount,
        sum(subjects.quarter_amount) as quarter_amount,
        sum(subjects.half_amount) as half_amount,
        sum(subjects.year_amount) as year_amount,
        sum(subjects.ever_amount) as ever_amount
    from {{ ref('subject_increment') }} as subjects
    inner join flows on subjects.measure_code = flows.measure_code and flows.is_distinct
    {%- if not is_whole %}
    inner join touched_keys
        on
            subjects.measure_code = touched_keys.measure_code
            and subjects.area_code = touched_keys.area_code
            and subjects.month_date = touched_keys.month_date
    {%- endif %}
    where subjects.month_amount is not null
    group by subjects.measure_code, subjects.area_code, subjects.month_date

)

{% if is_whole -%}
    select
        amounts.measure_code,
        amounts.area_code,
        amounts.month_date,
        amounts.month_amount,
        amounts.quarter_amount,
        amounts.half_amount,
        amounts.year_amount,
        amounts.ever_amount
    from amounts
{%- else -%}
-- A month of which no evidence is left has no amounts: its row goes.
select
    touched_keys.measure_code,
    touched_keys.area_code,
    touched_keys.month_date,
    amounts.month_amount,
    amounts.quarter_amount,
    amounts.half_amount,
    amounts.year_amount,
    amounts.ever_amount
from touched_keys
left join amounts
    on
        touched_keys.measure_code = amounts.measure_code
        and touched_keys.area_code = amounts.area_code
        and touched_keys.month_date = amounts.month_date
{%- endif %}
