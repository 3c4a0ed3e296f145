{{ evidence_row('CH-CF-03', ref('stg_charity__micro_project'), area_code='village_code',
    event_date='completed_date', subject_key='micro_code', where="status = '已办结' and micro_type <> '微心愿'") }}
