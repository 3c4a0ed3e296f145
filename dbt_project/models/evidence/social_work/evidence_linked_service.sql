-- 六社联动 means all six together; what falls short of it still serves people.
{{ speaks_for('SW-SX-01', ref('fct_linked_activity'),
    event_date='held_date', subject_key='activity_code', where='has_all_six') }}
union all
{{ speaks_for('SW-SX-02', ref('fct_linked_activity'),
    event_date='held_date', subject_key='activity_code', quantity='service_persons') }}
