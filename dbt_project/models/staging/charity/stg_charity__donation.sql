with source as (

    select * from {{ source('charity', 'donation') }}

),

current_rows as (

    select
        donation_code,
        donated_date,
        donor_type,
        donor_name_key,
        donor_name_masked,
        donor_uscc,
        form,
        amount_yuan,
        goods_name,
        goods_quantity,
        goods_unit,
        is_restricted,
        project_code,
        receiver_uscc,
        receipt_code,
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
