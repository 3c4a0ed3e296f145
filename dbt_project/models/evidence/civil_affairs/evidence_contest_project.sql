{{ evidence_row('CA-CT-01', ref('stg_civil_affairs__contest_project'), area_code='unit_code',
    event_date='period_end', subject_key='project_code', where='is_programme_project') }}
