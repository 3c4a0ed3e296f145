with source as (

    select * from {{ source('ops', 'issue') }}

),

renamed as (

    select
        issue_id,
        submission_id,
        report,
        unit_code,
        period as period_code,
        sheet,
        row_number,
        rule,
        severity,
        resolved_at is not null as is_resolved
    from source

)

select * from renamed
