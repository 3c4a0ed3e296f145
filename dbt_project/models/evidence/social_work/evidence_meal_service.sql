{{ evidence_row('SW-ML-01', ref('fct_meal_month'),
    event_date='month_end_date', subject_key="meal_point_code || '|' || month_code", quantity='serving_persons') }}
union all
{{ evidence_row('SW-ML-02', ref('fct_meal_month'),
    event_date='month_end_date', subject_key="meal_point_code || '|' || month_code", quantity='meal_delivered_count') }}
