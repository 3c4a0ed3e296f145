with source as (

    select * from {{ source('ops', 'expected_submission') }}

),

renamed as (

    select
        report,
        unit_code,
        period as period_code,
        period_start
    from source

)

select * from renamed
