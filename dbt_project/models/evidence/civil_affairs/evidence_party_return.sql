with quarters as (

    select
        unit_code,
        period_end,
        lead(period_end) over (partition by unit_code order by period_end) as next_period_end
    from {{ ref('stg_civil_affairs__party_return') }}
    group by unit_code, period_end

),

-- An organisation that is no longer in the next return is surveyed no longer: its row ends there all the same.
surveyed as (

    select
        rows_of_return.*,
        quarters.next_period_end,
        coalesce(organizations.area_code, rows_of_return.unit_code) as area_code
    from {{ ref('stg_civil_affairs__party_return') }} as rows_of_return
    inner join quarters
        on rows_of_return.unit_code = quarters.unit_code and rows_of_return.period_end = quarters.period_end
    left join {{ ref('dim_organization') }} as organizations on rows_of_return.uscc = organizations.uscc

)

{{ speaks_for('organizations_with_party_branch', 'surveyed',
    event_date='period_end', end_date='next_period_end', subject_key='uscc', where='has_party_organization') }}

union all

{{ speaks_for('organizations_surveyed', 'surveyed',
    event_date='period_end', end_date='next_period_end', subject_key='uscc') }}
