with quarters as (

    select
        unit_code,
        period_end,
        lead(period_end) over (partition by unit_code order by period_end) as next_period_end
    from {{ ref('stg_civil_affairs__party_return') }}
    group by unit_code, period_end

),

-- A row ends at the next return of its unit, even if the organization is missing from that return.
surveyed as (

    select
        returns.*,
        quarters.next_period_end,
        coalesce(organizations.area_code, returns.unit_code) as area_code
    from {{ ref('stg_civil_affairs__party_return') }} as returns
    inner join quarters
        on returns.unit_code = quarters.unit_code and returns.period_end = quarters.period_end
    left join {{ ref('dim_organization') }} as organizations on returns.uscc = organizations.uscc

)

{{ evidence_row('organizations_with_party_branch', 'surveyed',
    event_date='period_end', end_date='next_period_end', subject_key='uscc', where='has_party_organization') }}

union all

{{ evidence_row('organizations_surveyed', 'surveyed',
    event_date='period_end', end_date='next_period_end', subject_key='uscc') }}
