{{ evidence_row('SW-HV-01', ref('fct_home_visit'),
    event_date='visited_date', subject_key='visit_code', quantity='visit_persons', where="visit_mode = '入户'") }}
