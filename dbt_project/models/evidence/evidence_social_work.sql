{{ speaks_for('SW-ST-01', ref('dim_station'), event_date='opened_date', end_date='closed_date', subject_key='station_code') }}

union all

{{ speaks_for('SW-HV-01', ref('fct_home_visit'),
    event_date='visited_date', subject_key='visit_code', quantity='visit_persons', where="visit_mode = '入户'") }}
