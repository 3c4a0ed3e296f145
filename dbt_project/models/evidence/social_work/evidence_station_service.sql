{{ evidence_row('SW-SV-01', ref('fct_service_month'),
    event_date='month_end_date', subject_key="station_code || '|' || month_code", quantity='service_persons') }}
