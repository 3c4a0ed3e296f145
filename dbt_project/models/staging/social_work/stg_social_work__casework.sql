with source as (

    select * from {{ source('social_work', 'casework') }}

),

current_rows as (

    select
        period_month,
        case_code,
        station_code,
        worker_code,
        client_code,
        case_type,
        opened_date,
        closed_date,
        status,
        contact_count,
        remark,
        _unit_code as unit_code,
        _period_start as period_start,
        _period_end as period_end,
        _submission_id as submission_id,
        _sheet as sheet,
        _row as row_number
    from source
    where _superseded_at is null

)

select * from current_rows
