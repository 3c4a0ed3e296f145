with source as (

    select * from {{ source('ops', 'reporting_rate') }}

),

renamed as (

    select
        report,
        period as period_code,
        period_start,
        expected_units_count,
        received_units_count,
        accepted_units_count,
        on_time_units_count,
        reporting_rate_pct,
        on_time_rate_pct
    from source

)

select * from renamed
