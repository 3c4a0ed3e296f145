-- 六社联动 means that all six took part. Services are counted whether or not all six did.
{{ evidence_row('SW-SX-01', ref('fct_linked_activity'),
    event_date='held_date', subject_key='activity_code', where='has_all_six') }}
union all
{{ evidence_row('SW-SX-02', ref('fct_linked_activity'),
    event_date='held_date', subject_key='activity_code', quantity='service_persons') }}
