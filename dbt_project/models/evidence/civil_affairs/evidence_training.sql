{{ evidence_row('CA-TR-01', ref('fct_training'),
    event_date='held_date', subject_key='training_code', quantity='session_count', where="training_kind = 'capacity'") }}

union all

{{ evidence_row('CA-TR-02', ref('fct_training'),
    event_date='held_date', subject_key='training_code', quantity='attendance_persons', where="training_kind = 'capacity'") }}
