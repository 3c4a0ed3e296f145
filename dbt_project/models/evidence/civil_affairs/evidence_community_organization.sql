{{ evidence_row('CA-CS-01', ref('dim_community_organization'),
    event_date='founded_date', subject_key='organization_key', where="founded_date >= date '2021-01-01'",
    columns=['organization_name']) }}

union all

{{ evidence_row('CA-CS-02', ref('dim_community_organization'),
    event_date='founded_date', subject_key='organization_key', where="founded_date >= date '2021-01-01' and is_hub",
    columns=['organization_name', 'is_hub']) }}

union all

{{ evidence_row('CA-CU-03', ref('dim_community_organization'),
    event_date='founded_date', end_date='ended_date', subject_key='organization_key', where='is_wedding_council',
    columns=['organization_name', 'is_wedding_council']) }}
