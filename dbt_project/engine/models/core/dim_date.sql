{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['date_day']}]
) }}

with days as (

    select days.date_day::date as date_day
    from (
        select
            date_trunc('year', min(start_date)) as first_date,
            date_trunc('year', max(end_date)) + interval '1 year - 1 day' as last_date
        from {{ ref('dim_period') }}
    ) as date_range
    cross join generate_series(date_range.first_date, date_range.last_date, interval '1 day') as days (date_day)

),

arranged_years as (

    select distinct extract(year from day_date) as year_number
    from {{ ref('holiday_arrangements') }}

),

lunar_months as (

    select
        *,
        lead(start_date) over (order by start_date) as next_start_date
    from {{ ref('lunar_months') }}

)

select
    days.date_day,
    to_char(days.date_day, 'YYYY-MM') as month_code,
    to_char(days.date_day, 'YYYY"Q"Q') as quarter_code,
    to_char(days.date_day, 'YYYY"H"') || case when extract(month from days.date_day) <= 6 then '1' else '2' end as half_code,
    to_char(days.date_day, 'YYYY') as year_code,
    extract(isodow from days.date_day)::integer as weekday_number,
    case
        when arrangements.day_date is not null then arrangements.is_working_day = 1
        else extract(isodow from days.date_day) <= 5
    end as is_working_day,
    arrangements.holiday_name,
    arranged_years.year_number is not null as is_arranged_year,
    lunar_months.lunar_year_number,
    lunar_months.lunar_month_number,
    lunar_months.is_leap_month = 1 as is_leap_month,
    lunar_months.lunar_month_name,
    days.date_day - lunar_months.start_date + 1 as lunar_day_number
from days
left join {{ ref('holiday_arrangements') }} as arrangements on days.date_day = arrangements.day_date
left join arranged_years on extract(year from days.date_day) = arranged_years.year_number
left join lunar_months on days.date_day >= lunar_months.start_date and days.date_day < lunar_months.next_start_date
