with source as (

    select * from {{ source('ops', 'overridden_row') }}

),

-- A row may have been confirmed against several rules.
renamed as (

    select distinct
        submission_id,
        sheet,
        row_number
    from source

)

select * from renamed
