with source as (

    select * from {{ source('civil_affairs', 'town_coverage') }}

),

current_rows as (

    select
        period_quarter,
        county_name,
        town_name,
        town_code,
        has_federation,
        federation_name,
        federation_date,
        has_volunteer_association,
        volunteer_association_name,
        volunteer_association_date,
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
