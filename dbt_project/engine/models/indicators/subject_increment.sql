{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key=['measure_code', 'area_code', 'subject_key', 'month_date'],
    indexes=[
        {'columns': ['measure_code', 'subject_key', 'area_code', 'month_date'], 'unique': true},
        {'columns': ['measure_code', 'month_date', 'area_code']},
        {'columns': ['since_build']}
    ]
) }}

{%- set horizon = build_horizon() %}
{%- set is_whole = horizon.is_whole or not is_incremental() %}
{%- set measures = whole_measures(horizon) %}
{%- set changed = changed_evidence(horizon, measures) %}

with distinct_measures as (

    select
        measure_code,
        is_stock
    from {{ ref('measure') }}
    where aggregation = 'count_distinct'

),

{% if not is_whole -%}
    changed as (

        {{ changed }}

    ),

    touched_subjects as (  -- noqa: ST03

        select distinct
            changed.measure_code,
            changed.subject_key
        from changed
        inner join distinct_measures on changed.measure_code = distinct_measures.measure_code

    ),
{%- endif %}

subject_evidence as (

    select
        evidence.indicator_code as measure_code,
        evidence.area_code,
        evidence.subject_key,
        evidence.event_date,
        evidence.end_date,
        distinct_measures.is_stock
    from {{ ref('evidence') }} as evidence
    inner join distinct_measures on evidence.indicator_code = distinct_measures.measure_code
    {%- if not is_whole %}
        inner join touched_subjects
            on evidence.indicator_code = touched_subjects.measure_code and evidence.subject_key = touched_subjects.subject_key
    {%- endif %}

),

area_month as (

    select distinct
        subject_evidence.measure_code,
        members.series_code as area_code,
        subject_evidence.subject_key,
        date_trunc('month', subject_evidence.event_date)::date as month_date
    from subject_evidence
    inner join {{ ref('series_member') }} as members
        on
            subject_evidence.area_code = members.area_code
            and subject_evidence.event_date between members.valid_from_date and members.valid_until_date
    where not subject_evidence.is_stock

),

-- Each subject has one row per month. Its previous month tells whether it is new to the quarter, half-year and year.
previous_month as (

    select
        *,
        lag(month_date) over (partition by measure_code, area_code, subject_key order by month_date) as previous_month_date
    from area_month

),

-- A subject is present from its event date until its end date (exclusive), so at the end of each month from from_date until
-- until_date (exclusive).
presence as (

    select
        subject_evidence.measure_code,
        members.series_code as area_code,
        subject_evidence.subject_key,
        date_trunc('month', stays.from_date)::date as from_date,
        date_trunc('month', stays.until_date)::date as until_date
    from subject_evidence
    inner join {{ ref('series_member') }} as members on subject_evidence.area_code = members.area_code
    cross join
        lateral (
            values (
                greatest(subject_evidence.event_date, members.valid_from_date),
                least(subject_evidence.end_date, members.valid_until_date + 1)
            )
        ) as stays (from_date, until_date)
    where subject_evidence.is_stock and stays.until_date > stays.from_date

),

-- Rows of one subject may overlap: each counts only from the end of those before it.
non_overlapping as (

    select
        measure_code,
        area_code,
        subject_key,
        until_date,
        greatest(from_date, max(until_date) over (
            partition by measure_code, area_code, subject_key
            order by from_date, until_date
            rows between unbounded preceding and 1 preceding
        )) as from_date
    from presence

),

changes as (

    select
        non_overlapping.measure_code,
        non_overlapping.area_code,
        non_overlapping.subject_key,
        ends.month_date,
        sum(ends.amount) as change_amount
    from non_overlapping
    cross join
        lateral (
            values (non_overlapping.from_date, 1::numeric), (non_overlapping.until_date, -1::numeric)
        ) as ends (month_date, amount)
    where non_overlapping.from_date < non_overlapping.until_date and ends.month_date < 'infinity'
    group by non_overlapping.measure_code, non_overlapping.area_code, non_overlapping.subject_key, ends.month_date

),

increments as (

    select
        measure_code,
        area_code,
        subject_key,
        month_date,
        1::numeric as month_amount,
        (previous_month_date is null or previous_month_date < date_trunc('quarter', month_date))::integer::numeric
            as quarter_amount,
        (
            previous_month_date is null
            or previous_month_date < date_trunc('year', month_date)
            or (extract(month from previous_month_date) <= 6 and extract(month from month_date) > 6)
        )::integer::numeric as half_amount,
        (previous_month_date is null or previous_month_date < date_trunc('year', month_date))::integer::numeric as year_amount,
        (previous_month_date is null)::integer::numeric as ever_amount,
        null::numeric as change_amount
    from previous_month

    union all

    select
        measure_code,
        area_code,
        subject_key,
        month_date,
        null::numeric as month_amount,
        null::numeric as quarter_amount,
        null::numeric as half_amount,
        null::numeric as year_amount,
        null::numeric as ever_amount,
        change_amount
    from changes

)

select
    increments.*,
    {{ horizon.number }}::bigint as since_build
from increments
{%- if not is_whole %}

    union all

    -- A month in which a subject no longer is keeps an empty row, by which the increments of that month are found.
    select
        stored.measure_code,
        stored.area_code,
        stored.subject_key,
        stored.month_date,
        null::numeric as month_amount,
        null::numeric as quarter_amount,
        null::numeric as half_amount,
        null::numeric as year_amount,
        null::numeric as ever_amount,
        null::numeric as change_amount,
        {{ horizon.number }}::bigint as since_build
    from {{ this }} as stored
    inner join touched_subjects
        on stored.measure_code = touched_subjects.measure_code and stored.subject_key = touched_subjects.subject_key
    where
        not exists (
            select 1
            from increments
            where
                increments.measure_code = stored.measure_code
                and increments.area_code = stored.area_code
                and increments.subject_key = stored.subject_key
                and increments.month_date = stored.month_date
        )
{%- endif %}
