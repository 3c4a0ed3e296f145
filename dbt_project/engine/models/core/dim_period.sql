{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['period_code']}]
) }}

with months as (

    select
        months.month_date::date as month_date,
        extract(year from months.month_date)::integer as year_number,
        extract(month from months.month_date)::integer as month_number
    from {{ ref('stg_ops__last_reported_month') }} as reported
    cross join
        generate_series('{{ env_var("HUIMIN_DBT_FIRST_YEAR") }}-01-01'::date, reported.month_date, interval '1 month')
            as months (month_date)

),

ends as (

    select
        months.month_date as last_month_date,
        months.year_number,
        kinds.period_kind,
        kinds.length_months,
        months.month_number / kinds.length_months as ordinal
    from months
    cross join (values ('month', 1), ('quarter', 3), ('half', 6), ('year', 12)) as kinds (period_kind, length_months)
    where months.month_number % kinds.length_months = 0

)

select
    case period_kind
        when 'month' then to_char(last_month_date, 'YYYY-MM')
        when 'quarter' then year_number || 'Q' || ordinal
        when 'half' then year_number || 'H' || ordinal
        else year_number::text
    end as period_code,
    period_kind,
    (last_month_date - (length_months - 1) * interval '1 month')::date as start_date,
    (last_month_date + interval '1 month' - interval '1 day')::date as end_date,
    last_month_date,
    year_number
from ends
