with source as (

    select * from {{ source('ops', 'replayed_row') }}

),

renamed as (

    select
        submission_id,
        sheet,
        row_number
    from source

)

select * from renamed
