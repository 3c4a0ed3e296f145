{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key=['measure_code', 'area_code', 'month_date'],
    meta={'amounts': ['change_amount']},
    indexes=[{'columns': ['measure_code', 'area_code', 'month_date'], 'unique': true}, {'columns': ['month_date']}]
) }}

{%- set horizon = build_horizon() %}
{%- set is_whole = horizon.is_whole or not is_incremental() %}
{%- set measures = whole_measures(horizon) %}
{%- set changed = changed_evidence(horizon, measures) %}

with stocks as (

    select
        measure_code,
        aggregation = 'sum' as is_sum,
        aggregation = 'count_distinct' as is_distinct
    from {{ ref('measure') }}
    where is_stock and aggregation <> 'ratio'

),

{% if not is_whole -%}
    changed as (

        {{ changed }}

    ),

    touched_keys as (

        select
            changed.measure_code,
            members.series_code as area_code,
            date_trunc('month', ends.day_date)::date as month_date
        from changed
        inner join stocks on changed.measure_code = stocks.measure_code and not stocks.is_distinct
        inner join {{ ref('series_member') }} as members on changed.area_code = members.area_code
        cross join
            lateral (
                values
                (greatest(changed.event_date, members.valid_from_date)),
                (least(changed.end_date, members.valid_until_date + 1))
            ) as ends (day_date)
        where ends.day_date < 'infinity'

        union

        select
            subjects.measure_code,
            subjects.area_code,
            subjects.month_date
        from {{ ref('subject_increment') }} as subjects
        inner join stocks on subjects.measure_code = stocks.measure_code
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

-- A row is present from its event date until its end date (exclusive), so at the end of each month from the one until the other.
evidence_change as (

    select
        evidence.indicator_code as measure_code,
        evidence.area_code,
        date_trunc('month', evidence.event_date)::date as month_date,
        case when stocks.is_sum then evidence.quantity else 1 end as amount
    from {{ ref('evidence') }} as evidence
    inner join stocks on evidence.indicator_code = stocks.measure_code and not stocks.is_distinct
    {%- if not is_whole %}
    inner join touched_months
        on
            evidence.indicator_code = touched_months.measure_code
            and evidence.event_date >= touched_months.month_date
            and evidence.event_date < touched_months.month_date + interval '1 month'
    {%- endif %}
    where evidence.end_date is null or date_trunc('month', evidence.end_date) > date_trunc('month', evidence.event_date)

    union all

    select
        evidence.indicator_code as measure_code,
        evidence.area_code,
        date_trunc('month', evidence.end_date)::date as month_date,
        -case when stocks.is_sum then evidence.quantity else 1 end as amount
    from {{ ref('evidence') }} as evidence
    inner join stocks on evidence.indicator_code = stocks.measure_code and not stocks.is_distinct
    {%- if not is_whole %}
    inner join touched_months
        on
            evidence.indicator_code = touched_months.measure_code
            and evidence.end_date >= touched_months.month_date
            and evidence.end_date < touched_months.month_date + interval '1 month'
    {%- endif %}
    where evidence.end_date < 'infinity' and date_trunc('month', evidence.end_date) > date_trunc('month', evidence.event_date)

),

-- An area that belongs to another one for some time only comes there and leaves it with its rows.
member_change as (

    select
        evidence_change.measure_code,
        members.series_code as area_code,
        evidence_change.month_date,
        evidence_change.amount
    from evidence_change
    inner join {{ ref('series_member') }} as members on evidence_change.area_code = members.area_code and members.is_permanent

    union all

    select
        evidence.indicator_code as measure_code,
        members.series_code as area_code,
        date_trunc('month', ends.day_date)::date as month_date,
        ends.direction * case when stocks.is_sum then evidence.quantity else 1 end as amount
    from {{ ref('evidence') }} as evidence
    inner join stocks on evidence.indicator_code = stocks.measure_code and not stocks.is_distinct
    inner join {{ ref('series_member') }} as members on evidence.area_code = members.area_code and not members.is_permanent
    cross join
        lateral (
            values
            (greatest(evidence.event_date, members.valid_from_date), least(evidence.end_date, members.valid_until_date + 1))
        ) as presence (from_date, until_date)
    cross join lateral (values (1, presence.from_date), (-1, presence.until_date)) as ends (direction, day_date)
    where
        date_trunc('month', presence.until_date) > date_trunc('month', presence.from_date)
        and ends.day_date < 'infinity'
        and {{ 'true' if is_whole else 'evidence.indicator_code in (select touched_months.measure_code from touched_months)' }}

),

amounts as (

    select
        measure_code,
        area_code,
        month_date,
        sum(amount) as change_amount
    from member_change
    group by measure_code, area_code, month_date

    union all

    select
        subjects.measure_code,
        subjects.area_code,
        subjects.month_date,
        sum(subjects.change_amount) as change_amount
    from {{ ref('subject_increment') }} as subjects
    inner join stocks on subjects.measure_code = stocks.measure_code and stocks.is_distinct
    {%- if not is_whole %}
    inner join touched_keys
        on
            subjects.measure_code = touched_keys.measure_code
            and subjects.area_code = touched_keys.area_code
            and subjects.month_date = touched_keys.month_date
    {%- endif %}
    where subjects.change_amount is not null
    group by subjects.measure_code, subjects.area_code, subjects.month_date

)

{% if is_whole -%}
    select
        amounts.measure_code,
        amounts.area_code,
        amounts.month_date,
        amounts.change_amount
    from amounts
{%- else -%}
-- A month in which nothing comes or goes any more has no amount: its row goes.
select
    touched_keys.measure_code,
    touched_keys.area_code,
    touched_keys.month_date,
    amounts.change_amount
from touched_keys
left join amounts
    on
        touched_keys.measure_code = amounts.measure_code
        and touched_keys.area_code = amounts.area_code
        and touched_keys.month_date = amounts.month_date
{%- endif %}
