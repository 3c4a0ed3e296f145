{{ evidence_row('CH-LT-01', ref('fct_point_fund_month'),
    event_date='month_end_date', subject_key='point_source_key', quantity='raised_yuan', columns=['funds_raised_yuan']) }}

union all

{{ evidence_row('CH-LT-02', ref('dim_project'), event_date='completed_date', subject_key='project_code',
    where="project_kind = 'demonstration_point' and is_completed", columns=['point_code']) }}
