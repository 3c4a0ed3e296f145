{{ speaks_for('CH-CF-01', ref('dim_fund'), event_date='founded_date', end_date='ended_date', subject_key='fund_code') }}

union all

{{ speaks_for('CH-CF-02', ref('fct_community_fund_month'),
    event_date='month_end_date', subject_key='fund_code', quantity='raised_yuan') }}

union all

{{ speaks_for('CH-CF-03', ref('stg_charity__micro_project'), area_code='village_code',
    event_date='completed_date', subject_key='micro_code', where="status = '已办结' and micro_type <> '微心愿'") }}
