with source as (

    select * from {{ source('charity', 'goods_delivery') }}

),

current_rows as (

    select
        delivery_code,
        project_name,
        goods_name,
        quantity,
        qty_unit,
        value_yuan,
        donor_name,
        station_code,
        village_code,
        delivered_date,
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
