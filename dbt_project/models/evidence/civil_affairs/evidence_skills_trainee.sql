{{ evidence_row('CA-SK-01', ref('stg_civil_affairs__skills_trainee'), area_code='town_code',
    event_date='start_date', subject_key='resident_id_key', where='is_disabled') }}
