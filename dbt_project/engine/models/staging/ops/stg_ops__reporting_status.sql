{{ config(tags=['ledger']) }}

with source as (

    select * from {{ source('ops', 'reporting_status') }}

),

renamed as (

    select
        report,
        unit_code,
        period as period_code,
        period_start as period_start_date,
        period_end as period_end_date,
        due_date,
        status,
        is_expected,
        is_received,
        received_date,
        is_on_time,
        days_late as days_late_count,
        is_accepted,
        is_partly_rejected,
        is_zero_declared,
        is_nothing_declared,
        is_missing,
        is_approved,
        approved_release_number,
        documents_count,
        corrections_count,
        submission_id
    from source

)

select * from renamed
