with days as (

    select generate_series(min(start_date), max(end_date), interval '1 day')::date as date_day
    from {{ ref('dim_period') }}

)

select
    date_day,
    to_char(date_day, 'YYYY-MM') as month_code,
    to_char(date_day, 'YYYY"Q"Q') as quarter_code,
    to_char(date_day, 'YYYY"H"') || case when extract(month from date_day) <= 6 then '1' else '2' end as half_code,
    to_char(date_day, 'YYYY') as year_code,
    extract(isodow from date_day)::integer as weekday_number
from days
