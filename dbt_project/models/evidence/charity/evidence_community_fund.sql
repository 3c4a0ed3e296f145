{{ evidence_row('CH-CF-01', ref('dim_fund'), event_date='founded_date', end_date='ended_date', subject_key='fund_code') }}

union all

{{ evidence_row('CH-CF-02', ref('fct_community_fund_month'),
    event_date='month_end_date', subject_key='fund_code', quantity='raised_yuan') }}
