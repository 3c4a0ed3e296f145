{{ evidence_row('social_workers', ref('dim_worker'),
    event_date='hired_date', end_date='left_date', subject_key='worker_code', area_code='town_code') }}
