{{ evidence_row('CH-BR-01', ref('fct_brand_quarter'), event_date='as_of_date', end_date='next_as_of_date',
    subject_key='brand_name', where="status = '运行'") }}
