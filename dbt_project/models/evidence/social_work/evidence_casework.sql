{{ evidence_row('SW-CM-01', ref('fct_case'), event_date='opened_date', subject_key='case_code') }}
