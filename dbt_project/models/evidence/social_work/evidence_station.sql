{{ evidence_row('SW-ST-01', ref('dim_station'), event_date='opened_date', end_date='closed_date', subject_key='station_code') }}
