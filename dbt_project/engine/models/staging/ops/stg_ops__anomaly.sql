with source as (

    select * from {{ source('ops', 'anomaly') }}

),

renamed as (

    select
        anomaly_id,
        report,
        unit_code,
        period as period_code,
        kind,
        indicator_code,
        area_code,
        column_name,
        value,
        expected,
        low,
        high,
        history_months as history_months_count,
        found_at,
        gone_at
    from source

)

select * from renamed
