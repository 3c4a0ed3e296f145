with source as (

    select * from {{ source('civil_affairs', 'organization_grading') }}

),

current_rows as (

    select
        year,
        uscc,
        organization_name,
        assess_type,
        total_score,
        basic_score,
        governance_score,
        performance_score,
        reputation_score,
        party_score,
        programme_full_score,
        programme_score,
        grade,
        valid_from_date,
        valid_to_date,
        is_recommended,
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
