with source as (

    select * from {{ source('ops', 'disclosed_value') }}

),

renamed as (

    select
        measure_code,
        series_code,
        period_code,
        basis,
        value,
        opened_build,
        closed_build
    from source

)

select * from renamed
