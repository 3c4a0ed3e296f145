{{ config(tags=['ledger']) }}

with source as (

    select * from {{ source('ops', 'submission') }}

),

renamed as (

    select
        submission_id,
        report,
        unit_code,
        period as period_code,
        period_start,
        period_end,
        due_date,
        revision as revision_number,
        arrived_at,
        loaded_at,
        pull_id as pull_number,
        loaded_by_run as run_name,
        is_on_time,
        state,
        source_uri,
        sha256,
        rows_total as total_count,
        rows_loaded as loaded_count,
        rows_quarantined as quarantined_count,
        rows_furniture as furniture_count,
        state in ('accepted', 'accepted_with_rejects', 'superseded') as is_accepted,
        contract_sha256
    from source

)

select * from renamed
