{{ evidence_row('CA-AG-01', ref('fct_investment'), event_date='as_of_date', end_date='next_as_of_date',
    subject_key='enterprise_key', quantity='invested_cumulative_yuan') }}

union all

{{ evidence_row('CA-AG-02', ref('fct_investment'), event_date='as_of_date', end_date='next_as_of_date',
    subject_key='enterprise_key', quantity='area_cumulative_mu') }}

union all

{{ evidence_row('CA-AG-03', ref('fct_investment'), event_date='signed_date', subject_key='enterprise_name') }}

union all

{{ evidence_row('CA-AG-04', ref('fct_investment'),
    event_date='as_of_date', subject_key='brand_name', where='brand_name is not null', columns=['brand']) }}
